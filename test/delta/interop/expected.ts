import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { PlainRow } from '../../../src/engine/plain.ts';
import { createOptions, goThrough, NEW_COLUMNS, rowsOf, type TableKind, texts } from './tables.ts';

/** A table of ours that went through all operations. */
export interface Traveled {
  readonly kind: TableKind;
  readonly path: string;
  readonly table: DeltaTable;
  readonly last: number;
}

export async function travel(folder: string, kind: TableKind): Promise<Traveled> {
  const path = join(folder, kind.name.replaceAll(/\W+/g, '-'));
  const table = await DeltaTable.create(path, createOptions(kind));
  await goThrough(table, kind);
  return { kind, path, table, last: (await table.snapshot()).version };
}

/** A Parquet file with rows of every column of the table, the keys `from` to `to - 1`, for others to write. */
export async function sourceFile({ kind, path, table }: Traveled, from: number, to: number): Promise<string> {
  const file = `${path}-rows-${from}.parquet`;
  const rows = rowsOf(kind)(from, to, from, NEW_COLUMNS);
  await table.engine.run(`COPY (${rows}) TO '${file}' (FORMAT parquet)`);
  return file;
}

/** A few writes of ours after those of others: a feature that they brought must not stop them. */
export async function writeAgain({ kind, table }: Traveled): Promise<void> {
  const rows = rowsOf(kind)(0, 30, 77);
  await table
    .merge(rows, { on: ['id'] })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
  await table.delete({ where: 'id % 10 = 7' });
  await table.append(rowsOf(kind)(600, 605, 78));
  await table.optimize();
}

/** The first version, some between, and the last. */
export function versionsOf({ last }: Traveled): number[] {
  return [0, Math.round(last / 3), Math.round((2 * last) / 3), last - 1, last];
}

/** Our rows of a version. */
export async function rowsAt(table: DeltaTable, at?: number): Promise<string[]> {
  const rows = await table.read(at === undefined ? {} : { at });
  const found = texts(await rows.toArray());
  await rows.close();
  return found;
}

/** Our changes, without their times: a copy of a table has others. */
export async function changesOf(table: DeltaTable, from: number, to: number): Promise<string[]> {
  const rows = await table.changes({ from, to });
  const found = texts(await withoutTime(table, rows.sql));
  await rows.close();
  return found;
}

export async function historyOf(table: DeltaTable): Promise<[number, string | undefined][]> {
  const found: [number, string | undefined][] = [];
  for await (const { version, operation } of table.history()) found.push([version, operation]);
  return found;
}

/** The rows of a Parquet file, or folder of them, into which another program wrote what it read. */
export async function writtenRows(table: DeltaTable, out: string): Promise<string[]> {
  return texts(await select(table, `SELECT * FROM ${parquet(out)}`));
}

export async function writtenChanges(table: DeltaTable, out: string): Promise<string[]> {
  return texts(await withoutTime(table, `SELECT * FROM ${parquet(out)}`));
}

function parquet(out: string): string {
  const files = existsSync(join(out, '_SUCCESS')) ? join(out, '*.parquet') : out;
  return `read_parquet('${files}')`;
}

async function withoutTime(table: DeltaTable, sql: string): Promise<PlainRow[]> {
  return select(table, `SELECT * EXCLUDE (_commit_timestamp) FROM (${sql})`);
}

async function select(table: DeltaTable, sql: string): Promise<PlainRow[]> {
  const rows: PlainRow[] = [];
  for await (const batch of table.engine.batches(sql)) rows.push(...batch);
  return rows;
}
