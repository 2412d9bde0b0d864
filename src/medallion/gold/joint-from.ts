import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import type { Cube } from './cube.ts';
import { columnRef, equal, type JointParts, NotJoint, some } from './joint-parts.ts';
import { aliasOf, isDateParameter, list, sourceIn, standingFor, textOf } from './sql-parts.ts';

/** What stands after FROM, for many dates. */
export interface JointFrom {
  readonly node: SqlNode;
  /** The column with the date, which is never null; undefined where the rows are the same for every date. */
  readonly date: string | undefined;
  /** Every date column in it, by the name of the relation that has it. */
  readonly columns: readonly { readonly alias: string; readonly name: string }[];
}

/** Names of common table expressions that have a date column, in lower case, and how they call it. */
export type DatedExpressions = ReadonlyMap<string, string>;

export interface Joint {
  readonly cube: Cube;
  readonly parts: JointParts;
  /** A query for many dates, whose last column is the date, called `date`. */
  readonly query: (node: SqlNode, dated: DatedExpressions, date: string) => SqlNode;
}

/** True where a part of a statement follows from the date. */
export function depends(tree: unknown, { cube }: Pick<Joint, 'cube'>, dated: DatedExpressions): boolean {
  return some(tree, (node) => {
    if (isDateParameter(node)) return true;
    if (node['type'] !== 'BASE_TABLE') return false;
    if (sourceIn(node, cube.sources) === cube.dates.source) return true;
    return textOf(node, 'schema_name') === '' && dated.has(textOf(node, 'table_name').toLowerCase());
  });
}

/**
 * @param wanted How the date column is to be called.
 * @throws NotJoint
 */
export function jointFrom(node: SqlNode, joint: Joint, dated: DatedExpressions, wanted?: string): JointFrom {
  if (!depends(node, joint, dated)) return { node, date: undefined, columns: [] };
  if (node['type'] === 'JOIN') return jointJoin(node, joint, dated, wanted);
  if (isNode(node['sample'])) throw new NotJoint('a sample');
  const date = wanted ?? joint.parts.name();
  const columns = [{ alias: aliasOf(node), name: date }];
  if (node['type'] === 'BASE_TABLE') {
    const name = textOf(node, 'table_name');
    const old = dated.get(name.toLowerCase());
    const isSource = sourceIn(node, joint.cube.sources) !== undefined;
    if (!isSource && old === undefined) throw new NotJoint(name);
    const rows =
      isSource || old === undefined ? joint.parts.windowed(date) : joint.parts.expression(name, old, date);
    return { node: standingFor(node, rows), date, columns };
  }
  const subquery = node['subquery'];
  const query = isNode(subquery) ? subquery['node'] : undefined;
  if (node['type'] !== 'SUBQUERY' || !isNode(subquery) || !isNode(query))
    throw new NotJoint(textOf(node, 'type'));
  return {
    node: { ...node, subquery: { ...subquery, node: joint.query(query, dated, date) } },
    date,
    columns,
  };
}

/** A relation with each date beside each row. */
export function crossed(from: JointFrom, { parts }: Joint, date: string = parts.name()): JointFrom {
  const node = { ...JOIN, ref_type: 'CROSS', join_type: 'INNER', left: from.node, right: parts.dates(date) };
  return { node, date, columns: [...from.columns, { alias: '', name: date }] };
}

function jointJoin(node: SqlNode, joint: Joint, dated: DatedExpressions, wanted?: string): JointFrom {
  const { left: leftNode, right: rightNode, condition } = node;
  if (!isNode(leftNode) || !isNode(rightNode)) throw new NotJoint('a join');
  const kind = textOf(node, 'ref_type');
  const type = textOf(node, 'join_type');
  if (!KINDS.has(kind) || !TYPES.has(type)) throw new NotJoint(`${kind} ${type}`);
  const using: unknown = node['using_columns'];
  const names = Array.isArray(using) ? using.map(String) : [];
  const byName = names.length > 0 || kind === 'NATURAL';
  let left = jointFrom(leftNode, joint, dated, wanted);
  let right = jointFrom(rightNode, joint, dated, byName ? left.date : undefined);
  const keepsLeft = type !== 'INNER' && type !== 'RIGHT';
  const isAsked = depends(condition, joint, dated);
  // Whose rows are kept without a partner, or count once for each of them, are so for each date.
  if (left.date === undefined && keepsLeft && (right.date !== undefined || isAsked))
    left = crossed(left, joint, byName ? right.date : undefined);
  if (right.date === undefined && type === 'RIGHT' && (left.date !== undefined || isAsked))
    right = crossed(right, joint, byName ? left.date : undefined);
  if (left.date === undefined && right.date === undefined) left = crossed(left, joint);
  const [one, other] = [left.date, right.date];
  const date = type === 'RIGHT' ? (other ?? one) : (one ?? other);
  if (date === undefined) throw new NotJoint('a join');
  const isHidden = type === 'SEMI' || type === 'ANTI';
  const columns = isHidden ? left.columns : [...left.columns, ...right.columns];
  const asked = withDate(condition, joint, dated, date);
  const parts = { ...node, left: left.node, right: right.node, condition: asked };
  if (one === undefined || other === undefined) return { node: parts, date, columns };
  if (kind === 'NATURAL' || names.length > 0) {
    if (one !== other) throw new NotJoint('a join by names');
    return { node: kind === 'NATURAL' ? parts : { ...parts, using_columns: [...names, one] }, date, columns };
  }
  const same = equal(one, other);
  const both = isNode(asked)
    ? { class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', query_location: 0, children: [asked, same] }
    : same;
  return { node: { ...parts, ref_type: 'REGULAR', condition: both }, date, columns };
}

/** An expression in which the date's parameter is a column. @throws NotJoint where a query in it follows from the date */
export function withDate(value: unknown, joint: Joint, dated: DatedExpressions, date: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withDate(item, joint, dated, date));
  if (!isNode(value)) return value;
  if (isDateParameter(value)) return columnRef(date, textOf(value, 'alias'));
  if (value['class'] === 'SUBQUERY' && depends(value['subquery'], joint, dated))
    throw new NotJoint('a query in an expression');
  const changed = Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      value['class'] === 'SUBQUERY' && key === 'subquery' ? child : withDate(child, joint, dated, date),
    ]),
  );
  if (value['class'] !== 'WINDOW') return changed;
  return { ...changed, partitions: [...list(changed, 'partitions'), columnRef(date)] };
}

const KINDS: ReadonlySet<string> = new Set(['REGULAR', 'CROSS', 'NATURAL']);
const TYPES: ReadonlySet<string> = new Set(['INNER', 'LEFT', 'RIGHT', 'SEMI', 'ANTI']);

const JOIN = {
  type: 'JOIN',
  alias: '',
  sample: null,
  query_location: 0,
  condition: null,
  using_columns: [],
  delim_flipped: false,
  duplicate_eliminated_columns: [],
};
