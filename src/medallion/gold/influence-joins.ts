import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { type Column, nameEquals, noteEqual, type Relation, type Scope } from './influence-scope.ts';
import { columnNames, list, textOf } from './sql-parts.ts';

/** Equalities that hold where a condition does, because nothing but AND stands around them. */
export function equalities(
  condition: unknown,
): readonly { readonly left: SqlNode; readonly right: SqlNode }[] {
  if (!isNode(condition)) return [];
  if (condition['type'] === 'CONJUNCTION_AND') return list(condition, 'children').flatMap(equalities);
  const { left, right, child } = condition;
  if (condition['type'] === 'COMPARE_EQUAL' && isNode(left) && isNode(right)) return [{ left, right }];
  const isIn = condition['subquery_type'] === 'ANY' && condition['comparison_type'] === 'COMPARE_EQUAL';
  return isIn && isNode(child) ? [{ left: child, right: condition }] : [];
}

/** Whose rows have no influence without a partner. */
const NEEDY: Readonly<Record<string, { readonly left: boolean; readonly right: boolean }>> = {
  INNER: { left: true, right: true },
  SEMI: { left: true, right: true },
  LEFT: { left: false, right: true },
  ANTI: { left: false, right: true },
  RIGHT: { left: true, right: false },
};

/** The relations that come out of a join, after what it makes their rows need was noted. */
export function join(
  node: SqlNode,
  left: readonly Relation[],
  right: readonly Relation[],
  scope: Scope,
): readonly Relation[] {
  const all = [...left, ...right];
  const kind = textOf(node, 'ref_type');
  const type = textOf(node, 'join_type');
  if (!['REGULAR', 'CROSS', 'NATURAL', 'ASOF', 'DEPENDENT'].includes(kind)) return all.map(unknown);
  const needy = kind === 'CROSS' ? undefined : NEEDY[type];
  const merged: string[] = [];
  const using = node['using_columns'];
  const names = kind === 'NATURAL' ? commonNames(left, right) : Array.isArray(using) ? using.map(String) : [];
  for (const name of names) {
    const [one, other] = [only(left, name), only(right, name)];
    // The last column of an ASOF JOIN is compared otherwise.
    if (one !== undefined && other !== undefined && needy !== undefined && kind !== 'ASOF')
      noteEqual(one, other, needy);
    merged.push(name);
  }
  if (needy !== undefined) noteCondition(node['condition'], left, right, needy, scope);
  const out = type === 'SEMI' || type === 'ANTI' ? left : all;
  return merged.length === 0 || out === left ? out : mergedRelations(left, right, merged, type);
}

function noteCondition(
  condition: unknown,
  left: readonly Relation[],
  right: readonly Relation[],
  needy: { readonly left: boolean; readonly right: boolean },
  scope: Scope,
): void {
  const inLeft = scope.inside(left, []);
  const inRight = scope.inside(right, []);
  const both = scope.inside([...left, ...right], []);
  for (const equality of equalities(condition)) {
    const [one, other] = [equality.left, equality.right].map((side) => {
      const names = columnNames(side);
      const found = both.resolve(names);
      if (found === undefined || found.isOuter) return undefined;
      const isLeft = inLeft.resolve(names)?.column === found.column;
      return isLeft || inRight.resolve(names)?.column === found.column
        ? { column: found.column, isLeft }
        : undefined;
    });
    if (one === undefined || other === undefined) continue;
    noteEqual(one.column, other.column, {
      left: one.isLeft ? needy.left : needy.right,
      right: other.isLeft ? needy.left : needy.right,
    });
  }
}

/**
 * The sides of a join whose columns of one name are one column now: that of the side whose rows are always there. The
 * other ones are found by their relation's name alone, and not looked for.
 */
function mergedRelations(
  left: readonly Relation[],
  right: readonly Relation[],
  names: readonly string[],
  type: string,
): readonly Relation[] {
  const isMerged = ({ name }: Column): boolean => names.some((each) => nameEquals(each, name));
  const without =
    (star: 'unknown' | 'without others') =>
    (relation: Relation): Relation => ({
      ...relation,
      star,
      columns: relation.columns?.filter((column) => !isMerged(column)),
    });
  const unordered = (relation: Relation): Relation => ({ ...relation, star: 'unknown' });
  if (type === 'INNER' || type === 'LEFT') return [...left, ...right.map(without('without others'))];
  if (type === 'RIGHT') return [...left.map(without('unknown')), ...right.map(unordered)];
  const computed: Relation = { alias: '', columns: names.map((name) => ({ name, origins: [] })) };
  return [unordered(computed), ...left.map(without('unknown')), ...right.map(without('unknown'))];
}

function commonNames(left: readonly Relation[], right: readonly Relation[]): readonly string[] {
  const names = (relations: readonly Relation[]): readonly string[] =>
    relations.flatMap(({ columns }) => columns?.map(({ name }) => name) ?? []);
  return names(left).filter((name) => names(right).some((each) => nameEquals(each, name)));
}

function only(relations: readonly Relation[], name: string): Column | undefined {
  const found = relations.flatMap(
    ({ columns }) => columns?.filter((column) => nameEquals(column.name, name)) ?? [],
  );
  return found.length === 1 ? found[0] : undefined;
}

function unknown({ alias }: Relation): Relation {
  return { alias, columns: undefined };
}
