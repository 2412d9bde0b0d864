import type { Engine } from '../../engine/engine.ts';
import { mapNodes, parseSql, printSql, type SqlNode } from '../../engine/sql-tree.ts';
import { parseNode } from '../incremental/print.ts';
import { nodesOf } from '../incremental/tree.ts';

/** A statement in which values stand for parameters. */
export interface Bound {
  /** Where that can be, line for line as it was written. */
  readonly sql: string;
  readonly canonical: string;
  /** Of {@link sql}. */
  readonly tree: SqlNode;
}

/**
 * Puts values where a SELECT has parameters, in its tree: a value never becomes anything else than a value.
 *
 * @param literals SQL of a value, by the parameter's name.
 */
export async function bindParameters(
  engine: Engine,
  { sql, tree }: Pick<Bound, 'sql' | 'tree'>,
  literals: ReadonlyMap<string, string>,
): Promise<Bound> {
  const values = new Map<string, SqlNode>();
  for (const [name, literal] of literals) values.set(name, await valueOf(engine, literal));
  const bound = mapNodes(tree, (node) => {
    const value =
      node['type'] === 'VALUE_PARAMETER' ? values.get(String(node['identifier']).toLowerCase()) : undefined;
    return value === undefined ? node : { ...value, alias: node['alias'] };
  });
  const canonical = await printSql(engine, bound);
  const text = sql.replaceAll(WORDS, (word, _tag?: string, parameter?: string) =>
    parameter === undefined ? word : (literals.get(parameter.toLowerCase()) ?? word),
  );
  const parsed = await parseSql(engine, text);
  const isSame = parsed.kind === 'parsed' && (await printSql(engine, parsed.tree)) === canonical;
  return isSame
    ? { sql: text, canonical, tree: parsed.tree }
    : { sql: canonical, canonical, tree: await treeOf(engine, canonical) };
}

/** What may hold a parameter's sign and is none: texts, names, comments; and parameters. */
const WORDS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|\$([\p{L}_][\p{L}\p{N}_]*)?\$[^]*?\$\1\$|\$([\p{L}_][\p{L}\p{N}_]*)/gu;

async function treeOf(engine: Engine, sql: string): Promise<SqlNode> {
  const parsed = await parseSql(engine, sql);
  if (parsed.kind === 'refused') throw new RangeError('A statement that was parsed before is one.');
  return parsed.tree;
}

async function valueOf(engine: Engine, literal: string): Promise<SqlNode> {
  const [value] = nodesOf(await parseNode(engine, `SELECT ${literal}`), 'select_list');
  if (value === undefined) throw new RangeError('A SELECT of a literal has it.');
  return value;
}
