import type { HelperTables } from '../../delta/read/relation.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { isNode, mapNodes, printSql, type SqlNode } from '../../engine/sql-tree.ts';
import { keyName } from './affected-keys.ts';
import { namesOf } from './columns.ts';
import { type Mention, replaceTables } from './from.ts';
import { printKey, statementOf } from './print-expression.ts';
import { type Incremental, type KeyColumn, ownKeys } from './shape.ts';
import type { SourceRows } from './source-rows.ts';
import { stepsFrom } from './walk.ts';

/**
 * A table of the rows that a model's SELECT has for some keys, those that are alike once. Of the sources only rows are
 * read that these can come from: by the key columns of their own, and along the equalities of the joins.
 *
 * @param keys A table of {@link affectedKeys}.
 */
export async function recompute(
  engine: Engine,
  shape: Incremental,
  rows: SourceRows,
  keys: string,
  helpers: HelperTables,
): Promise<string> {
  const tables = new Map<number, string>();
  for (const [mention, own] of ownKeys(shape))
    tables.set(mention, await rowsByKey(engine, shape, rows, keys, { mention, own }));
  for (const step of stepsFrom(tables.keys(), shape.equalities)) {
    const from = tables.get(step.from);
    if (from !== undefined) tables.set(step.to, await rows.reached(step, from, false));
  }
  for (const { index } of shape.from.mentions)
    if (!tables.has(index)) tables.set(index, await rows.all(index));
  const select = await selectOver(engine, shape, tables);
  const same = shape.keys.map(
    ({ name }, index) => `r.${quoteName(name)} IS NOT DISTINCT FROM k.${keyName(index)}`,
  );
  return helpers.createAs(
    `SELECT DISTINCT r.* FROM (${select}) AS r SEMI JOIN ${keys} AS k ON ${same.join(' AND ')}`,
  );
}

/** The model's SELECT over tables of the engine that stand in for those in FROM. */
export async function selectOver(
  engine: Engine,
  shape: Incremental,
  tables: ReadonlyMap<number, string>,
): Promise<string> {
  return printSql(engine, statementOf(selectFrom(shape, tables)));
}

async function rowsByKey(
  engine: Engine,
  shape: Incremental,
  rows: SourceRows,
  keys: string,
  { mention, own }: { readonly mention: number; readonly own: readonly KeyColumn[] },
): Promise<string> {
  const names: string[] = [];
  const conditions: string[] = [];
  for (const key of own) {
    const name = keyName(shape.keys.indexOf(key));
    const [nulls] = await engine.rows(`SELECT 1 AS found FROM ${keys} WHERE ${name} IS NULL LIMIT 1`);
    const equals = nulls === undefined ? '=' : 'IS NOT DISTINCT FROM';
    names.push(name);
    conditions.push(`(${await printKey(engine, key.value.expression)}) ${equals} k.${name}`);
  }
  return rows.semiJoined(mention, `SELECT DISTINCT ${names.join(', ')} FROM ${keys}`, conditions);
}

/** The model's SELECT over other tables; without its order, which a table does not keep. */
function selectFrom({ select, from }: Incremental, tables: ReadonlyMap<number, string>): SqlNode {
  const own = mapNodes(select, (node) => unqualified(node, from.mentions));
  const table = own['from_table'];
  if (!isNode(table)) throw new RangeError('A SELECT that is incremental reads a table.');
  return { ...own, modifiers: [], from_table: replaceTables(table, (mention) => tables.get(mention) ?? '') };
}

/** A column without its table's schema: the tables that stand in have none. */
function unqualified(node: SqlNode, mentions: readonly Mention[]): SqlNode {
  const names = namesOf(node);
  const [schema, table, column] = names?.map((name) => name.toLowerCase()) ?? [];
  const isQualified =
    column !== undefined &&
    mentions.some(
      (mention) =>
        mention.hasOwnName &&
        mention.schema.toLowerCase() === schema &&
        mention.table.toLowerCase() === table,
    );
  return isQualified ? { ...node, column_names: names?.slice(1) } : node;
}
