import type { SqlNode } from '../../engine/sql-tree.ts';
import { allItems, isOuter, itemCalled, qualify } from './names.ts';
import {
  aliasesIn,
  columnsIn,
  conjuncts,
  type From,
  type Item,
  nodeOf,
  nodesWithin,
  type Query,
  queryIn,
  type Select,
  wordsOf,
} from './tree.ts';

/** An expression of a SELECT that has a query in it. */
export interface Asked {
  readonly node: SqlNode;
  readonly query: Query;
}

/** The queries in a SELECT's own expressions, conditions of joins included. */
export function queriesAsked(query: Select): readonly Asked[] {
  return [...nodesWithin([query.node, conditionsOfJoins(query.from)])].flatMap((node) => {
    const inner = queryIn(node);
    return inner === undefined ? [] : [{ node, query: inner }];
  });
}

function conditionsOfJoins(from: From): readonly SqlNode[] {
  if (from.kind !== 'join') return [];
  return [...from.on, ...conditionsOfJoins(from.left), ...conditionsOfJoins(from.right)];
}

/** The columns of queries around that a query names. */
export function freeColumns(query: Query): readonly SqlNode[] {
  const known = FREE.get(query) ?? (query.kind === 'set' ? ofSides(query) : ofSelect(query));
  FREE.set(query, known);
  return known;
}

const FREE = new WeakMap<Query, readonly SqlNode[]>();

function ofSides(query: Extract<Query, { kind: 'set' }>): readonly SqlNode[] {
  return [...freeColumns(query.left), ...freeColumns(query.right)];
}

function ofSelect(query: Select): readonly SqlNode[] {
  const isAlias = (each: SqlNode): boolean => itemCalled(query.node, wordsOf(each)[0]) !== undefined;
  const own = columnsIn(query.node).filter((each) => isOuter(each, query.from) && !isAlias(each));
  const inner = [
    ...queriesAsked(query).flatMap(({ query: asked }) => freeColumns(asked)),
    ...allItems(query.from).flatMap((item) => (item.kind === 'sub' ? freeColumns(item.query) : [])),
  ];
  return [...own, ...ofJoins(query.from, query), ...inner.filter((each) => isOuterOf(each, query.from))];
}

function ofJoins(from: From, query: Select): readonly SqlNode[] {
  if (from.kind === 'rows') return columnsIn(from.node).filter((each) => isOuter(each, query.from));
  if (from.kind !== 'join') return [];
  // What a join's condition sees is what it joins.
  const on = columnsIn(from.on).filter((each) => isOuterOf(each, from) && isOuterOf(each, query.from));
  return [...on, ...ofJoins(from.left, query), ...ofJoins(from.right, query)];
}

/** True for a column that none of the items gives, those of a semi join included. */
function isOuterOf(reference: SqlNode, from: From): boolean {
  return isOuter(reference, everything(from));
}

function everything(from: From): From {
  if (from.kind !== 'join') return from;
  const [left, right] = [everything(from.left), everything(from.right)];
  return { ...from, type: from.type === 'SEMI' || from.type === 'ANTI' ? 'INNER' : from.type, left, right };
}

/** True for a query in FROM that looks at the rows beside it. */
export function isLateral(item: Item): boolean {
  return item.kind === 'sub' && freeColumns(item.query).length > 0;
}

/** An equality of a correlated query's own expression with one of queries around. */
export interface Correlation {
  readonly inner: SqlNode;
  readonly outer: SqlNode;
}

/**
 * The equalities by which a query is correlated: whatever else it makes of rows around, it makes it of its own rows that
 * have their values. Undefined where there is none, or its FROM names columns of around, too.
 */
export function correlationsOf(query: Select): readonly Correlation[] | undefined {
  const found = conjuncts(query.node['where_clause']).flatMap(
    (condition) => correlationIn(condition, query) ?? [],
  );
  const itself: Select = { ...query, node: {} };
  return found.length === 0 || freeColumns(itself).length > 0 ? undefined : found;
}

function correlationIn(condition: SqlNode, query: Select): Correlation | undefined {
  if (condition['type'] !== 'COMPARE_EQUAL') return undefined;
  const [left, right] = [nodeOf(condition, 'left') ?? {}, nodeOf(condition, 'right') ?? {}];
  for (const [own, outer] of [
    [left, right],
    [right, left],
  ] as const) {
    const inner = qualify(own, query);
    const isOfAround =
      columnsIn(outer).every((each) => isOuter(each, query.from)) &&
      [...nodesWithin(outer)].every((node) => queryIn(node) === undefined) &&
      aliasesIn(outer).size > 0;
    if (inner !== undefined && aliasesIn(inner).size > 0 && isOfAround) return { inner, outer };
  }
  return undefined;
}
