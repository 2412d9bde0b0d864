import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { isNode, nodesIn, type ParsedSql, parseSql } from '../../engine/sql-tree.ts';

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
  const parsed = await parseSql(engine, sql);
  if (parsed.kind === 'refused') throw refused(parsed);
  const { tree, statements } = parsed;
  if (statements !== 1) throw notOneSelect(statements === 0 ? 'there is none' : `there are ${statements}`);
  const tables = new Map<string, TableName>();
  const defined = new Set<string>();
  for (const node of nodesIn(tree)) {
    if (node['type'] === 'BASE_TABLE') {
      const [schema, table] = [textOf(node['schema_name']), textOf(node['table_name'])];
      tables.set(`${schema}.${table}`, { schema, table });
    }
    const clause = node['cte_map'];
    if (!isNode(clause) || !Array.isArray(clause['map'])) continue;
    for (const entry of clause['map']) if (isNode(entry)) defined.add(textOf(entry['key']));
  }
  return { tables: [...tables.values()], defined };
}

function refused({ reason, isSyntax, position }: Extract<ParsedSql, { kind: 'refused' }>): IgarapeError {
  if (!isSyntax) return notOneSelect('this is something else');
  const place = position === undefined ? '' : ` (character ${position + 1})`;
  return new IgarapeError('USAGE', `The SQL cannot be parsed: ${reason}${place}.`, {
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
