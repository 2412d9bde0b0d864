import { quoteName } from '../../engine/quote.ts';
import type { AddFile } from '../protocol/actions.ts';
import { type ReadSet, readEverything, readFiles } from '../log/conflict.ts';
import { messageOf } from '../protocol/corrupt.ts';
import { candidateFiles } from '../read/candidate-files.ts';
import { filesThatMayMatch } from '../read/data-skipping.ts';
import { type Expression, parsePredicate, refusedCondition } from '../read/predicate.ts';
import { HelperTables } from '../read/relation.ts';
import { createFileTable } from '../read/scan.ts';
import { nullColumn } from '../schema/sql-schema.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { Writer } from '../files/disk.ts';

/** The files that a condition on rows concerns. */
export interface ConditionFiles {
  /** SQL, in brackets. */
  readonly sql: string;
  /** Those that may hold a row for which it holds. */
  readonly files: readonly AddFile[];
  /** True where it holds for every row of these files, because it names nothing but partition columns. */
  readonly isExact: boolean;
  readonly reads: ReadSet;
}

/**
 * @param where A condition in SQL on the table's columns; without one, all rows are meant.
 * @throws IgarapeError DELTA_QUERY where the condition does not fit the table.
 */
export async function filesFor(
  writer: Writer,
  snapshot: Snapshot,
  where: string | undefined,
): Promise<ConditionFiles> {
  if (where === undefined)
    return { sql: '(true)', files: await snapshot.files(), isExact: true, reads: readEverything(snapshot) };
  const condition = await parsePredicate(writer.engine, where);
  await bindCondition(writer, snapshot, where);
  const all = await candidateFiles(writer, snapshot, condition);
  const exact = await exactFiles(writer, snapshot, where, all);
  const files = exact ?? (await filesThatMayMatch(writer, snapshot, all, condition));
  const reads = readFiles(files, async (adds) => mayMatch(writer, snapshot, adds, condition));
  // A condition may end in a comment.
  return { sql: `(${where}\n)`, files, isExact: exact !== undefined, reads };
}

/** Of files that a winner has added those that the condition concerns; their schema is ours, or there is a conflict. */
async function mayMatch(
  writer: Writer,
  snapshot: Snapshot,
  adds: readonly AddFile[],
  condition: Expression,
): Promise<AddFile[]> {
  return filesThatMayMatch(writer, snapshot, adds, condition);
}

async function bindCondition({ engine }: Writer, { schema }: Snapshot, where: string): Promise<void> {
  const columns = schema.fields.map(nullColumn);
  try {
    await engine.describe(`SELECT 1 FROM (SELECT ${columns.join(', ')}) WHERE (${where}\n)`);
  } catch (cause) {
    throw refusedCondition(where, { quoted: messageOf(cause) });
  }
}

/** The files all of whose rows meet a condition on partition columns alone; undefined for any other condition. */
async function exactFiles(
  writer: Writer,
  snapshot: Snapshot,
  where: string,
  files: readonly AddFile[],
): Promise<AddFile[] | undefined> {
  const fields = snapshot.partitionFields;
  if (fields.length === 0) return undefined;
  const tables = new HelperTables(writer.engine);
  try {
    const table = await createFileTable(writer, tables, snapshot, files);
    const columns = fields.map((field, index) => `p${index} AS ${quoteName(field.name)}`);
    const sql = `SELECT file FROM (SELECT file, ${columns.join(', ')} FROM ${table}) WHERE (${where}\n)`;
    if (
      !(await binds(writer, `SELECT 1 FROM (SELECT ${columns.join(', ')} FROM ${table}) WHERE (${where}\n)`))
    )
      return undefined;
    const rows = await writer.engine.rows(`${sql} ORDER BY file`);
    return rows.flatMap(({ file }) => files[Number(file)] ?? []);
  } finally {
    await tables.drop();
  }
}

async function binds({ engine }: Writer, sql: string): Promise<boolean> {
  try {
    await engine.describe(sql);
    return true;
  } catch {
    return false;
  }
}
