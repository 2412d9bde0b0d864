import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { isNode, nodesIn, type ParsedSql, parseSql, type SqlNode } from '../../engine/sql-tree.ts';
import { refuseOutside } from './refusals.ts';

/** A table as SQL names it, in lower case; `schema` is empty where there is none. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
  /** The table's name in the letters of the SQL. */
  readonly spelled: string;
}

export interface NamedTables {
  readonly tree: SqlNode;
  /** Without those that have an AT clause. */
  readonly tables: readonly TableName[];
  /** Some table has an AT clause. */
  readonly hasPast: boolean;
  /** What the statement itself defines in a WITH clause. */
  readonly defined: ReadonlySet<string>;
}

/**
 * The tables that one SELECT names, each once, by the engine's own parser; nothing is run and no table has to exist.
 *
 * @throws IgarapeError USAGE where the text is anything but one SELECT statement, or reads anything but tables.
 */
export async function namedTables(
  engine: Engine,
  sql: string,
  { mayReadFiles }: { readonly mayReadFiles: boolean },
): Promise<NamedTables> {
  const parsed = await parseSql(engine, sql);
  if (parsed.kind === 'refused') throw refused(sql, parsed);
  const { tree, statements } = parsed;
  if (statements !== 1) throw notOneSelect(statements === 0 ? 'there is none' : `there are ${statements}`);
  refuseOutside(tree, mayReadFiles);
  const tables = new Map<string, TableName>();
  const defined = new Set<string>();
  let hasPast = false;
  for (const node of nodesIn(tree)) {
    const name = tableName(node);
    if (name !== undefined && isNode(node['at_clause'])) hasPast = true;
    else if (name !== undefined) tables.set(`${name.schema}.${name.table}`, name);
    const clause = node['cte_map'];
    if (!isNode(clause) || !Array.isArray(clause['map'])) continue;
    for (const entry of clause['map']) if (isNode(entry)) defined.add(textOf(entry['key']));
  }
  return { tree, tables: [...tables.values()], hasPast, defined };
}

/** The table that a node of a statement names; undefined for any other node. */
export function tableName(node: SqlNode): TableName | undefined {
  if (node['type'] !== 'BASE_TABLE') return undefined;
  const spelled = String(node['table_name']);
  return { schema: textOf(node['schema_name']), table: spelled.toLowerCase(), spelled };
}

function refused(
  sql: string,
  { reason, isSyntax, position }: Extract<ParsedSql, { kind: 'refused' }>,
): IgarapeError {
  if (!isSyntax) return notOneSelect('this is something else');
  const place = position === undefined ? '' : ` (character ${position + 1})`;
  return new IgarapeError('USAGE', `The SQL cannot be parsed: ${reason}${place}.`, {
    hint: hintOn(sql, reason),
  });
}

function hintOn(sql: string, reason: string): Told {
  if (reason.includes('near ","') && /\d,\d/.test(sql)) return 'Numbers have a decimal point: 1.5.';
  if (/\bAT\s*\(/i.test(sql))
    return 'Queries are in the SQL of DuckDB. A name for the table stands before its version: FROM silver.t AS before AT (VERSION => 3).';
  return hintOnQuotes(
    sql,
    'Queries are in the SQL of DuckDB. Put the whole statement in quotes for the shell.',
  );
}

/** Quotes of word processors are letters of names to the engine, which complains of these. */
export function hintOnQuotes(sql: string, otherwise: Told): Told {
  if (!/[“”‘’]/.test(sql)) return otherwise;
  return 'The SQL has quotes as word processors write them: texts stand in straight single ones, names in straight double ones.';
}

function notOneSelect(found: Told): IgarapeError {
  return new IgarapeError('USAGE', `A query is one SELECT statement, and ${found}.`, {
    hint: 'Queries only read: a lake is changed by its runs alone. PIVOT goes into a FROM clause, with its values listed.',
  });
}

/** Names of tables and schemas are alike whatever their letters' case. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}
