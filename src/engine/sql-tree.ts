import type { Engine } from './engine.ts';
import { textSql } from './quote.ts';

/**
 * A part of a parsed statement, in the shape of DuckDB's `json_serialize_sql`. `query_location` counts bytes from 0 and
 * is a number where the place is known.
 */
export type SqlNode = Readonly<Record<string, unknown>>;

export type ParsedSql =
  /** `statements` are SELECTs: the engine's parser gives trees of no others. */
  | { readonly kind: 'parsed'; readonly tree: SqlNode; readonly statements: number }
  /** `position` counts characters from 0, where the engine tells it. */
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly isSyntax: boolean;
      readonly position: number | undefined;
    };

/** The line of a SQL text, from 1, that a `query_location` is in. */
export function lineAt(sql: string, offset: number): number {
  return Buffer.from(sql).subarray(0, offset).toString().split('\n').length;
}

/** Parses SQL by the engine's own parser; nothing is run, and no table has to exist. */
export async function parseSql(engine: Engine, sql: string): Promise<ParsedSql> {
  const [row] = await engine.rows(`SELECT json_serialize_sql(${textSql(sql)}) AS tree`);
  return parsed(row?.['tree']);
}

/** As {@link parseSql}, many texts at once: for each by itself, asking takes longer than parsing. */
export async function parseEachSql(engine: Engine, texts: readonly string[]): Promise<readonly ParsedSql[]> {
  return (await ofEach(engine, 'json_serialize_sql(v)', texts)).map(parsed);
}

/** The values of an expression, in SQL, over each `v` of texts. */
async function ofEach(engine: Engine, expression: string, texts: readonly string[]): Promise<unknown[]> {
  if (texts.length === 0) return [];
  const values = texts.map((text, index) => `(${index}, ${textSql(text)})`).join(', ');
  const rows = await engine.rows(
    `SELECT ${expression} AS value FROM (VALUES ${values}) AS t(i, v) ORDER BY i`,
  );
  return rows.map(({ value }) => value);
}

function parsed(json: unknown): ParsedSql {
  const tree = readTree(json);
  if (tree['error'] === true) {
    const position = Number(tree['position'] ?? Number.NaN);
    return {
      kind: 'refused',
      reason: String(tree['error_message']),
      isSyntax: tree['error_type'] === 'parser',
      position: Number.isInteger(position) ? position : undefined,
    };
  }
  const statements = Array.isArray(tree['statements']) ? tree['statements'].length : 0;
  return { kind: 'parsed', tree, statements };
}

/** A JSON document of the engine's, whose numbers keep every digit. */
export function readTree(json: unknown): SqlNode {
  const tree: unknown = JSON.parse(String(json).replaceAll(TOKEN, exactly));
  if (!isNode(tree)) throw new RangeError('What the engine serializes is an object.');
  return tree;
}

/** The SQL of a tree that {@link parseSql} gave, or that was changed since; without comments. */
export async function printSql(engine: Engine, tree: SqlNode): Promise<string> {
  const [row] = await engine.rows(
    `SELECT json_deserialize_sql(CAST(${textSql(jsonOf(tree))} AS JSON)) AS sql`,
  );
  return String(row?.['sql']);
}

/** As {@link printSql}, many trees at once. */
export async function printEachSql(engine: Engine, trees: readonly SqlNode[]): Promise<readonly string[]> {
  return (await ofEach(engine, 'json_deserialize_sql(CAST(v AS JSON))', trees.map(jsonOf))).map(String);
}

function jsonOf(tree: SqlNode): string {
  const json = JSON.stringify(tree);
  // To copy a tree takes longer than all else that is done with it here.
  const explicit = json.includes('"CROSS"') ? JSON.stringify(mapNodes(tree, explicitJoin)) : json;
  return explicit.replaceAll(EXACT_NUMBER, '$1');
}

/** A node, and every node in it, parents first. */
export function* nodesIn(value: unknown): Generator<SqlNode> {
  if (Array.isArray(value)) for (const item of value) yield* nodesIn(item);
  if (!isNode(value)) return;
  yield value;
  for (const child of Object.values(value)) yield* nodesIn(child);
}

/** A copy of a tree in which `change` has replaced nodes; it is asked for children first. */
export function mapNodes<T>(value: T, change: (node: SqlNode) => SqlNode): T;
export function mapNodes(value: unknown, change: (node: SqlNode) => SqlNode): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => mapNodes(item, change));
  if (!isNode(value)) return value;
  return change(
    Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapNodes(child, change)])),
  );
}

/** The engine prints a cross join as a comma, which binds less than the joins around it. */
function explicitJoin(node: SqlNode): SqlNode {
  if (node['type'] !== 'JOIN' || node['ref_type'] !== 'CROSS') return node;
  return { ...node, ref_type: 'REGULAR', condition: TRUE };
}

const TRUE: SqlNode = {
  class: 'CAST',
  type: 'OPERATOR_CAST',
  alias: '',
  child: {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type: { id: 'VARCHAR', type_info: null }, is_null: false, value: 't' },
  },
  cast_type: { id: 'BOOLEAN', type_info: null },
  try_cast: false,
};

export function isNode(value: unknown): value is SqlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text or a number of a JSON document, also one that JSON does not have. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|-?Infinity|NaN/g;
/** Numbers that JavaScript would write otherwise (`18446744073709551615`, `10.0`) are texts in a tree, behind a NUL. */
const EXACT_NUMBER = /"\\u0000(-?\d[\d.eE+-]*)"/g;

function exactly(token: string): string {
  const isJson = token.startsWith('"') || (/\d/.test(token) && String(Number(token)) === token);
  return isJson ? token : `"\\u0000${token}"`;
}
