import type { SqlNode } from '../../engine/sql-tree.ts';
import { column } from './nodes.ts';
import { allItems, isWithin, itemOf, qualify, resolve, scopeOf } from './names.ts';
import {
  aliasesIn,
  conjuncts,
  defined,
  type From,
  type Item,
  type Join,
  type JoinType,
  lower,
  nodeOf,
  type Select,
} from './tree.ts';

/** Expressions of a join's two sides that are equal in each row that both have. */
export interface Equality {
  readonly left: SqlNode;
  readonly right: SqlNode;
  readonly isNullSafe: boolean;
}

/** The conditions of WHERE that are certain. */
export function conditionsOf(query: Select): readonly SqlNode[] {
  return defined(conjuncts(query.node['where_clause']).map((each) => qualify(each, query)));
}

/** @param extra Conditions that hold for all rows. */
export function equalitiesOf(join: Join, extra: readonly SqlNode[]): readonly Equality[] {
  const own = defined(join.on.map((each) => qualify(each, scopeOf({ ...join, type: 'INNER' }))));
  const found: Equality[] = [];
  for (const condition of [...own, ...join.hints, ...(join.type === 'INNER' ? extra : [])]) {
    const isNullSafe = condition['type'] === 'COMPARE_NOT_DISTINCT_FROM';
    const [left, right] = [nodeOf(condition, 'left'), nodeOf(condition, 'right')];
    if ((condition['type'] !== 'COMPARE_EQUAL' && !isNullSafe) || !left || !right) continue;
    if (isWithin(left, join.left) && isWithin(right, join.right)) found.push({ left, right, isNullSafe });
    else if (isWithin(right, join.left) && isWithin(left, join.right))
      found.push({ left: right, right: left, isNullSafe });
  }
  for (const name of join.using) {
    const [left, right] = [resolve(column(name), join.left), resolve(column(name), join.right)];
    if (left === undefined || right === undefined || left === 'outer' || right === 'outer') continue;
    found.push({ left, right, isNullSafe: false });
  }
  return found;
}

/** An equality of single items. */
export interface Edge {
  readonly left: Item;
  readonly right: Item;
  readonly equality: Equality;
  readonly type: JoinType;
}

/** Equalities of single items, along which touched rows are reached. None leads through a FULL join. */
export function edgesOf(from: From, extra: readonly SqlNode[]): readonly Edge[] {
  if (from.kind !== 'join') return [];
  const own = from.type === 'FULL' ? [] : equalitiesOf(from, extra);
  const edges = own.flatMap((equality): Edge[] => {
    const [left, right] = [itemOf(equality.left, from), itemOf(equality.right, from)];
    if (equality.isNullSafe || left === undefined || right === undefined) return [];
    return [{ left, right, equality, type: from.type }];
  });
  return [...edgesOf(from.left, extra), ...edgesOf(from.right, extra), ...edges];
}

/** The items of FROM in groups that equalities hold together. @param extra Conditions that hold for all rows. */
export function relatedItems(from: From, extra: readonly SqlNode[]): readonly (readonly Item[])[] {
  const equal = extra.filter((each) => each['type'] === 'COMPARE_EQUAL' && isWithin(each, from));
  const joined = joinsIn(from).flatMap((join) => equalitiesOf(join, []));
  let groups: readonly (readonly Item[])[] = allItems(from).map((item) => [item]);
  for (const aliases of [...equal, ...joined].map(aliasesIn)) {
    const isMet = (items: readonly Item[]): boolean => items.some(({ alias }) => aliases.has(lower(alias)));
    groups = [groups.filter(isMet).flat(), ...groups.filter((items) => !isMet(items))];
  }
  return groups;
}

/** True where rows of a join's left side, or right side, stand without a partner or are what its rows are made of. */
export function keepsLeft({ type }: Join): boolean {
  return type !== 'RIGHT' && type !== 'FULL';
}

export function keepsRight({ type }: Join): boolean {
  return type === 'INNER' || type === 'RIGHT';
}

/** The items that have a row in every row of FROM. */
export function keptItems(from: From): readonly Item[] {
  if (from.kind === 'empty') return [];
  if (from.kind !== 'join') return [from];
  const left = keepsLeft(from) ? keptItems(from.left) : [];
  return [...left, ...(keepsRight(from) && !from.isAsOf ? keptItems(from.right) : [])];
}

/** FROM without sides of joins that have none of some items: its rows may be more, none are fewer. */
export function pruned(from: From, wanted: ReadonlySet<string>): From {
  if (from.kind !== 'join') return from;
  const has = (side: From): boolean => allItems(side).some(({ alias }) => wanted.has(lower(alias)));
  if (!has(from.right) && keepsLeft(from)) return pruned(from.left, wanted);
  if (!has(from.left) && keepsRight(from)) return pruned(from.right, wanted);
  // What joins below need of each other stays.
  const all = new Set([...wanted, ...needed(from)]);
  return { ...from, left: pruned(from.left, all), right: pruned(from.right, all) };
}

function needed(join: Join): readonly string[] {
  const all = allItems(join).map(({ alias }) => lower(alias));
  if (join.using.length > 0) return all;
  return join.on.flatMap((each) => {
    const condition = qualify(each, scopeOf({ ...join, type: 'INNER' }));
    return condition === undefined ? all : [...aliasesIn(condition)];
  });
}

export function joinsIn(from: From): readonly Join[] {
  return from.kind === 'join' ? [from, ...joinsIn(from.left), ...joinsIn(from.right)] : [];
}

/** FROM with another join in one's place. */
export function withJoin(from: From, join: Join, other: Join): From {
  if (from === join) return other;
  if (from.kind !== 'join') return from;
  return { ...from, left: withJoin(from.left, join, other), right: withJoin(from.right, join, other) };
}
