import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';

/**
 * A query as the core sees it: what stands in FROM and how queries are combined is typed, names of FROM are resolved,
 * and scalar expressions stay parts of the engine's tree. A query in an expression stands in its node as `query`.
 */
export type Query = Select | SetOperation;

export interface Select {
  readonly kind: 'select';
  /** The SELECT without its FROM, its order and its WITH. */
  readonly node: SqlNode;
  readonly from: From;
  /** Its columns; undefined where it is not known which it has. */
  readonly outputs: readonly Output[] | undefined;
}

export interface SetOperation {
  readonly kind: 'set';
  readonly operator: string;
  readonly isAll: boolean;
  readonly left: Query;
  readonly right: Query;
  readonly node: SqlNode;
}

export interface Output {
  /** Undefined where the engine makes up a name. */
  readonly name: string | undefined;
  /** In qualified columns of FROM; undefined where these are not certain. */
  readonly expression: SqlNode | undefined;
}

export type From = Item | Join | Nothing;

export interface Nothing {
  readonly kind: 'empty';
}

/** What has an alias in FROM. */
export type Item = Leaf | SubQuery | Rows | Result;

/** A source, or a SELECT that makes of each row of one source a row or none. */
export interface Leaf {
  readonly kind: 'leaf';
  /** The source's full name, in lower case. */
  readonly source: string;
  readonly alias: string;
  readonly columns: readonly string[];
  /** Those of the source's columns that have fields, in lower case; any may where it is left out. */
  readonly structs?: readonly string[];
  readonly names: readonly string[];
  readonly view?: Select;
  /** Where its rows stand once for each date that sees them: how many days, its own included, a date sees. */
  readonly windowDays?: number;
}

/** A query in FROM, or one that WITH names. */
export interface SubQuery {
  readonly kind: 'sub';
  readonly query: Query;
  readonly alias: string;
  readonly names: readonly string[];
}

/** VALUES, or a function as a table: no source is in it. */
export interface Rows {
  readonly kind: 'rows';
  readonly node: SqlNode;
  readonly alias: string;
  readonly names: readonly string[];
}

/** The rows of a step that stand in for an item. */
export interface Result {
  readonly kind: 'result';
  readonly step: string;
  readonly alias: string;
  /** What its columns are called here, in their order. */
  readonly names: readonly string[];
}

export type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'SEMI' | 'ANTI';

export interface Join {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly left: From;
  readonly right: From;
  readonly on: readonly SqlNode[];
  readonly using: readonly string[];
  /** Conditions that hold for the rows that it joins though it does not say so. */
  readonly hints: readonly SqlNode[];
  readonly isAsOf: boolean;
}

/** A time of the sources: at the versions that the table has applied, or at those that it is brought up to. */
export type Time = 'then' | 'now';

export const TIMES: readonly Time[] = ['then', 'now'];

/** What the core has no rule for. */
export class Unsupported extends Error {
  /** The bytes before it in the SQL. */
  readonly offset: number | undefined;

  constructor(reason: string, offset?: number) {
    super(reason);
    this.offset = offset;
  }
}

/** Those of a list that there are. */
export function defined<T>(list: readonly (T | undefined)[]): readonly T[] {
  return list.filter((each) => each !== undefined);
}

// ---- reading nodes

export function lower(value: unknown): string {
  return String(value).toLowerCase();
}

export function nodesOf(node: SqlNode, name: string): readonly SqlNode[] {
  const list = node[name];
  return Array.isArray(list) ? list.filter(isNode) : [];
}

export function nodeOf(node: SqlNode, name: string): SqlNode | undefined {
  const child = node[name];
  return isNode(child) ? child : undefined;
}

export function textOf(node: SqlNode, name: string): string {
  const text = node[name];
  return typeof text === 'string' ? text : '';
}

export function textsOf(node: SqlNode, name: string): readonly string[] {
  const list = node[name];
  return Array.isArray(list) ? list.map(String) : [];
}

/** The bytes before a node in its SQL, or before what stands first in it. */
export function locationOf(node: SqlNode): number | undefined {
  for (const { query_location: offset } of nodesIn(node))
    if (typeof offset === 'number' && offset > 0) return offset;
  return undefined;
}

export interface TableNamed {
  readonly schema: string;
  readonly table: string;
}

/** The tables that a part of the engine's tree names, each mention. */
export function tablesIn(tree: SqlNode): readonly TableNamed[] {
  return [...nodesIn(tree)]
    .filter((node) => node['type'] === 'BASE_TABLE')
    .map((node) => ({ schema: textOf(node, 'schema_name'), table: textOf(node, 'table_name') }));
}

/** The query of an expression that has one. */
export function queryIn(node: SqlNode): Query | undefined {
  const query = node['query'];
  return isQuery(query) ? query : undefined;
}

export function isQuery(value: unknown): value is Query {
  return isNode(value) && (value['kind'] === 'select' || value['kind'] === 'set');
}

export function isColumn(node: SqlNode): boolean {
  return node['class'] === 'COLUMN_REF';
}

/** The words of a column: `[alias, column, …]` once it is qualified. */
export function wordsOf(column: SqlNode): readonly string[] {
  return textsOf(column, 'column_names');
}

// ---- walking expressions

/** A copy in which `change` has replaced nodes, from the outside in; queries in it stay as they are. */
export function mapExpression<T>(value: T, change: (node: SqlNode) => SqlNode | undefined): T;
export function mapExpression(value: unknown, change: (node: SqlNode) => SqlNode | undefined): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => mapExpression(item, change));
  if (!isNode(value) || isQuery(value)) return value;
  return change(value) ?? mapChildren(value, change);
}

function mapChildren(node: SqlNode, change: (node: SqlNode) => SqlNode | undefined): SqlNode {
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, mapExpression(child, change)]));
}

/** The nodes of an expression, without those of queries in it. */
export function* nodesWithin(value: unknown): Generator<SqlNode> {
  if (Array.isArray(value)) for (const item of value) yield* nodesWithin(item);
  if (!isNode(value) || isQuery(value)) return;
  yield value;
  for (const child of Object.values(value)) yield* nodesWithin(child);
}

/** The columns that an expression names; a lambda's parameters are none. */
export function columnsIn(value: unknown, bound: ReadonlySet<string> = new Set()): SqlNode[] {
  if (Array.isArray(value)) return value.flatMap((item) => columnsIn(item, bound));
  if (!isNode(value) || isQuery(value)) return [];
  if (isColumn(value)) return bound.has(lower(wordsOf(value)[0])) ? [] : [value];
  if (value['class'] !== 'LAMBDA') return Object.values(value).flatMap((child) => columnsIn(child, bound));
  const parameters = columnsIn(value['lhs']).map((column) => lower(wordsOf(column)[0]));
  return columnsIn(value['expr'], new Set([...bound, ...parameters]));
}

/** The aliases that a qualified expression names, in lower case. */
export function aliasesIn(expression: unknown): ReadonlySet<string> {
  return new Set(columnsIn(expression).map((column) => lower(wordsOf(column)[0])));
}

/** A text that is the same for expressions that are. */
export function textOfExpression(expression: SqlNode): string {
  return JSON.stringify({ ...expression, alias: '' }, (key, value: unknown) => {
    if (key === 'query_location') return undefined;
    return typeof value === 'string' && key !== 'value' ? value.toLowerCase() : value;
  });
}

/** The parts of a condition that all have to hold. */
export function conjuncts(condition: unknown): readonly SqlNode[] {
  if (!isNode(condition)) return [];
  return condition['type'] === 'CONJUNCTION_AND'
    ? nodesOf(condition, 'children').flatMap(conjuncts)
    : [condition];
}
