import type { SqlNode } from '../../engine/sql-tree.ts';
import type { JoinKey, SourceColumn } from '../models/model.ts';
import { type Column, namesOf, type Scope } from './columns.ts';
import { conjuncts, type From, type Join } from './from.ts';

/** Columns of two tables in FROM that are equal wherever rows of both stand in one row of the result. */
export interface Equality {
  readonly left: Column;
  readonly right: Column;
  /** True where the row of the left one also stays without any of the right one. */
  readonly isOuter: boolean;
}

/** The equalities that joins, WHERE and a model's header demand. */
export function equalitiesOf(
  from: From,
  scope: Scope,
  where: unknown,
  header: readonly JoinKey[],
): Equality[] {
  const found: Equality[] = [];
  const add = (join: Join | undefined, pair: readonly [Column, Column] | undefined): void => {
    const equality = pair && oriented(join, pair);
    if (equality !== undefined) found.push(equality);
  };
  for (const join of from.joins) {
    for (const condition of join.conditions) add(join, columnsOf(condition, scope));
    for (const name of join.using) add(join, usingColumns(join, name, from, scope));
  }
  for (const condition of conjuncts(where)) add(undefined, columnsOf(condition, scope));
  for (const { left, right } of header) {
    const [first, second] = [headerColumn(from, left), headerColumn(from, right)];
    if (first === undefined || second === undefined) continue;
    add(joinOf(from, first.mention, second.mention), [first, second]);
  }
  return found;
}

function oriented(join: Join | undefined, [first, second]: readonly [Column, Column]): Equality | undefined {
  if (first.mention === second.mention) return undefined;
  if (join?.kind !== 'left') return { left: first, right: second, isOuter: false };
  const [firstInLeft, secondInLeft] = [join.left.has(first.mention), join.left.has(second.mention)];
  // It only decides whether a row of the right side comes along, and leaves every pair of the left side as it is.
  if (firstInLeft && secondInLeft) return undefined;
  if (firstInLeft) return { left: first, right: second, isOuter: true };
  if (secondInLeft) return { left: second, right: first, isOuter: true };
  return { left: first, right: second, isOuter: false };
}

function columnsOf(condition: SqlNode, scope: Scope): readonly [Column, Column] | undefined {
  if (condition['type'] !== 'COMPARE_EQUAL') return undefined;
  const [left, right] = [condition['left'], condition['right']].map((side) => plainColumn(side, scope));
  return left === undefined || right === undefined ? undefined : [left, right];
}

function plainColumn(node: unknown, scope: Scope): Column | undefined {
  const names = typeof node === 'object' && node !== null ? namesOf({ ...node }) : undefined;
  const column = names && scope.column(names);
  return column?.rest.length === 0 ? column : undefined;
}

function usingColumns(
  join: Join,
  name: string,
  from: From,
  scope: Scope,
): readonly [Column, Column] | undefined {
  const [left, right] = [join.left, join.right].map((side) => scopeColumn(side, name, from, scope));
  return left === undefined || right === undefined ? undefined : [left, right];
}

/** The first table of a join's side that has the column: the others' are the same by an earlier USING. */
function scopeColumn(side: ReadonlySet<number>, name: string, from: From, scope: Scope): Column | undefined {
  const having = from.mentions.filter(
    ({ index, alias }) => side.has(index) && scope.column([alias, name])?.mention === index,
  );
  const [first, ...others] = having;
  const isMerged = others.every(({ index }) =>
    from.joins.some(
      ({ right, left, using }) =>
        right.has(index) && using.includes(name) && first !== undefined && left.has(first.index),
    ),
  );
  return first !== undefined && isMerged ? { mention: first.index, name } : undefined;
}

/** The column that a header names, where FROM has its table just once. */
function headerColumn(from: From, { table, column }: SourceColumn): Column | undefined {
  const [only, ...others] = from.mentions.filter(
    (mention) =>
      mention.schema.toLowerCase() === table?.layer &&
      mention.table.toLowerCase() === table.name.toLowerCase(),
  );
  return only === undefined || others.length > 0
    ? undefined
    : { mention: only.index, name: column.toLowerCase() };
}

/** The join that brings two tables together. */
function joinOf({ joins }: From, one: number, other: number): Join | undefined {
  return joins.find(
    ({ left, right }) => (left.has(one) && right.has(other)) || (left.has(other) && right.has(one)),
  );
}
