import { isNode, mapNodes, type SqlNode } from '../../engine/sql-tree.ts';
import type { Cube } from './cube.ts';
import { crossed, type DatedExpressions, depends, type Joint, jointFrom, withDate } from './joint-from.ts';
import { columnRef, type JointParts, NotJoint } from './joint-parts.ts';
import { outsideQueries } from './aggregates.ts';
import { columnNames, list, queryOf, sourceIn, textOf, withoutLayers, withQuery } from './sql-parts.ts';

export interface JointQuery {
  /** Gives the SELECT's columns, and then the date that a row is of, called {@link RESULT_DATE}. */
  readonly tree: SqlNode;
  /** True where a date may have a row alone and none here: the total over no rows. */
  readonly mayLackTotals: boolean;
}

export const RESULT_DATE = 'igarape_date_0';

/**
 * The cube's SELECT for many dates in one pass: rows of the date source stand once for each date that sees them, and the
 * date is one more column to join, to group and to partition by, wherever something follows from it. Undefined where
 * the statement has a part for which that is not known to give what each date gives alone.
 */
export function jointQuery(cube: Cube, parts: JointParts): JointQuery | undefined {
  const { sources } = cube;
  const tree = withoutLayers(cube.tree, sources);
  let mayLackTotals = false;
  const joint: Joint = {
    cube,
    parts,
    query: (node, dated, date) => {
      const { query, hasTotal } = jointNode(node, joint, dated, date);
      if (hasTotal) throw new NotJoint('a total inside of the statement');
      return query;
    },
  };
  try {
    const { query, hasTotal } = jointNode(queryOf(tree), joint, new Map(), RESULT_DATE);
    mayLackTotals = hasTotal;
    const moved = mapNodes(query, (node) =>
      sourceIn(node, sources) === undefined ? node : { ...node, schema_name: sources.schema },
    );
    return { tree: withQuery(tree, moved), mayLackTotals };
  } catch (error) {
    if (error instanceof NotJoint) return undefined;
    throw error;
  }
}

interface JointNode {
  readonly query: SqlNode;
  /** True where it has a row for a date without rows. */
  readonly hasTotal: boolean;
}

function jointNode(node: SqlNode, joint: Joint, outer: DatedExpressions, date: string): JointNode {
  if (!depends(node, joint, outer)) throw new NotJoint('a query that does not follow from the date');
  const { map, dated } = jointExpressions(node, joint, outer);
  const modifiers = list(node, 'modifiers').filter(
    (modifier) => textOf(modifier, 'type') !== 'ORDER_MODIFIER',
  );
  for (const modifier of modifiers) {
    const isDistinct = modifier['type'] === 'DISTINCT_MODIFIER';
    if (!isDistinct || list(modifier, 'distinct_on_targets').length > 0)
      throw new NotJoint(textOf(modifier, 'type'));
  }
  const base = { ...node, cte_map: map, modifiers };
  if (node['type'] === 'SET_OPERATION_NODE') {
    const { left, right } = node;
    if (!isNode(left) || !isNode(right)) throw new NotJoint('a set operation');
    const sides = { left: joint.query(left, dated, date), right: joint.query(right, dated, date) };
    return { query: { ...base, ...sides }, hasTotal: false };
  }
  if (node['type'] !== 'SELECT_NODE') throw new NotJoint(textOf(node, 'type'));
  return jointSelect(base, joint, dated, date);
}

/** Common table expressions, each known to those after it. */
function jointExpressions(
  node: SqlNode,
  joint: Joint,
  outer: DatedExpressions,
): { readonly map: unknown; readonly dated: DatedExpressions } {
  const map = node['cte_map'];
  if (!isNode(map)) return { map, dated: outer };
  const dated = new Map(outer);
  const entries = list(map, 'map').map((entry) => {
    const { key, value } = entry;
    const query = isNode(value) ? value['query'] : undefined;
    const of = isNode(query) ? query['node'] : undefined;
    if (!isNode(value) || !isNode(query) || !isNode(of)) throw new NotJoint('WITH');
    const name = String(key).toLowerCase();
    if (!depends(of, joint, dated)) {
      dated.delete(name);
      return entry;
    }
    const date = joint.parts.name();
    const joined = joint.query(of, dated, date);
    dated.set(name, date);
    return { ...entry, value: { ...value, query: { ...query, node: joined } } };
  });
  return { map: { ...map, map: entries }, dated };
}

function jointSelect(node: SqlNode, joint: Joint, dated: DatedExpressions, name: string): JointNode {
  const { parts } = joint;
  const { from_table: table, aggregate_handling: handling } = node;
  if (!isNode(table) || isNode(node['sample'])) throw new NotJoint('a sample');
  let from = table['type'] === 'EMPTY' ? undefined : jointFrom(table, joint, dated);
  if (from === undefined) {
    const only = parts.name();
    from = { node: parts.dates(only), date: only, columns: [{ alias: '', name: only }] };
  }
  if (from.date === undefined) from = crossed(from, joint);
  const { date, columns } = from;
  if (date === undefined) throw new NotJoint('FROM');
  const expressions = ['where_clause', 'group_expressions', 'having', 'qualify'] as const;
  checkNames([node['select_list'], ...expressions.map((key) => node[key])], columns);
  const next: Record<string, unknown> = { ...node, from_table: from.node };
  for (const key of expressions) next[key] = withDate(node[key], joint, dated, date);
  const items = list(node, 'select_list').map((item) =>
    item['class'] === 'STAR' ? withoutDates(item, columns) : withDate(item, joint, dated, date),
  );
  next['select_list'] = [...items, columnRef(date, name)];
  const isForced = handling === 'FORCE_AGGREGATES';
  const groups = list(node, 'group_expressions');
  const sets = Array.isArray(node['group_sets']) ? node['group_sets'] : [];
  const aggregates =
    groups.length + sets.length > 0 || parts.isAggregate([node['select_list'], node['having']]);
  if (isForced) {
    const hasColumn = list(node, 'select_list').some((item) => columnNames(item).length > 0);
    return { query: next, hasTotal: !hasColumn };
  }
  if (!aggregates) return { query: next, hasTotal: false };
  const own: readonly unknown[] = sets.length === 0 ? [groups.map((_, index) => index)] : sets;
  next['group_expressions'] = [...list(next, 'group_expressions'), columnRef(date)];
  next['group_sets'] = own.map((set) => [...(Array.isArray(set) ? set : []), groups.length]);
  return { query: next, hasTotal: own.some((set) => Array.isArray(set) && set.length === 0) };
}

/** Stars further inside, and names of whole rows, would take the date column for one of the model's. */
function checkNames(expressions: unknown, columns: readonly { readonly alias: string }[]): void {
  const aliases = new Set(columns.map(({ alias }) => alias.toLowerCase()));
  for (const node of outsideQueries(expressions)) {
    const [name, ...rest] = columnNames(node);
    if (name !== undefined && rest.length === 0 && aliases.has(name.toLowerCase())) throw new NotJoint(name);
    if (node['class'] === 'STAR' && (node['columns'] !== false || isNode(node['expr'])))
      throw new NotJoint('COLUMNS');
    for (const child of Object.values(node)) {
      if (Array.isArray(child) && child.some((each) => isNode(each) && each['class'] === 'STAR'))
        throw new NotJoint('a star in an expression');
    }
  }
}

function withoutDates(
  star: SqlNode,
  columns: readonly { readonly alias: string; readonly name: string }[],
): SqlNode {
  const of = textOf(star, 'relation_name').toLowerCase();
  const excluded = star['exclude_list'];
  const names = columns
    .filter(({ alias }) => of === '' || alias.toLowerCase() === of)
    .map((each) => each.name);
  return { ...star, exclude_list: [...(Array.isArray(excluded) ? excluded : []), ...new Set(names)] };
}
