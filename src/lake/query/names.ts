import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';

/** A table as SQL names it, in lower case; `schema` is empty where there is none. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export interface NamedTables {
  readonly tables: readonly TableName[];
  /** What the statement itself defines in a WITH clause. */
  readonly defined: ReadonlySet<string>;
}

/**
 * The tables that one SELECT names, each once, by the engine's own parser; nothing is run and no table has to exist.
 *
 * @throws IgarapeError USAGE where the text is anything but one SELECT statement.
 */
export async function namedTables(engine: Engine, sql: string): Promise<NamedTables> {
  const [row] = await engine.rows(
    'SELECT json_serialize_sql($1::VARCHAR, skip_null := true, skip_empty := true) AS tree',
    [sql],
  );
  const tree: unknown = JSON.parse(String(row?.['tree']));
  if (!isRecord(tree)) throw new RangeError('A parsed statement is an object.');
  if (tree['error'] === true) throw refused(tree);
  const count = Array.isArray(tree['statements']) ? tree['statements'].length : 0;
  if (count !== 1) throw notOneSelect(count === 0 ? 'there is none' : `there are ${count}`);
  const tables = new Map<string, TableName>();
  const defined = new Set<string>();
  collect(tree, tables, defined);
  return { tables: [...tables.values()], defined };
}

function collect(node: unknown, tables: Map<string, TableName>, defined: Set<string>): void {
  if (Array.isArray(node)) for (const item of node) collect(item, tables, defined);
  if (!isRecord(node)) return;
  if (node['type'] === 'BASE_TABLE') {
    const [schema, table] = [textOf(node['schema_name']), textOf(node['table_name'])];
    tables.set(`${schema}.${table}`, { schema, table });
  }
  const clause = node['cte_map'];
  if (isRecord(clause) && Array.isArray(clause['map'])) {
    for (const entry of clause['map']) if (isRecord(entry)) defined.add(textOf(entry['key']));
  }
  for (const child of Object.values(node)) collect(child, tables, defined);
}

function refused(tree: Readonly<Record<string, unknown>>): IgarapeError {
  if (tree['error_type'] !== 'parser') return notOneSelect('this is something else');
  const position = Number(tree['position']);
  const place = Number.isInteger(position) ? ` (character ${position + 1})` : '';
  return new IgarapeError('USAGE', `The SQL cannot be parsed: ${String(tree['error_message'])}${place}.`, {
    hint: 'Queries are in the SQL of DuckDB. Put the whole statement in quotes for the shell.',
  });
}

function notOneSelect(found: string): IgarapeError {
  return new IgarapeError('USAGE', `A query is one SELECT statement, and ${found}.`, {
    hint: 'Queries only read: a lake is changed by its runs alone. PIVOT goes into a FROM clause, with its values listed.',
  });
}

/** Names of tables and schemas are alike whatever their letters' case. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
