import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { rowsSql } from './data.ts';
import { runStep } from './delta-steps.ts';

export interface DeltaRows {
  /** Parquet with the table's rows, six columns. */
  readonly rows: string;
  /** Parquet with the changes: the same columns, and what happens to the row, `op`. */
  readonly changes: string;
}

/** The same rows in an order that no column follows, nor the choice of the changed ones. */
export async function writeShuffled({ rows }: DeltaRows): Promise<string> {
  const path = rows.replace(/\.parquet$/, '-in-no-order.parquet');
  if (existsSync(path)) return path;
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '3GB' });
  const connection = await instance.connect();
  await connection.run(`COPY (FROM '${rows}' ORDER BY md5(number || ' in no order')) TO '${path}'`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

export type SingleUpdates = readonly [first: string, second: string, third: string];

/** Three of the updates, each in a Parquet file of its own. */
export async function writeSingleUpdates(folder: string, { changes }: DeltaRows): Promise<SingleUpdates> {
  const path = (index: number): string => join(folder, `update-${index}.parquet`);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const index of [0, 1, 2])
    await connection.run(
      `COPY (FROM '${changes}' WHERE op = 'U' ORDER BY id LIMIT 1 OFFSET ${index}) TO '${path(index)}'`,
    );
  connection.closeSync();
  instance.closeSync();
  return [path(0), path(1), path(2)];
}

/** Changes on random keys: three of five update a row, one deletes, one inserts. */
const CHANGES = 40_000;

export async function writeDeltaRows(folder: string, rows: number): Promise<DeltaRows> {
  mkdirSync(folder, { recursive: true });
  const paths = {
    rows: join(folder, `delta-${rows}.parquet`),
    changes: join(folder, `delta-${rows}-changes.parquet`),
  };
  if (existsSync(paths.rows) && existsSync(paths.changes)) return paths;
  const [updates, others] = [(CHANGES / 5) * 3, CHANGES / 5];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const typed = (sql: string): string => `SELECT * REPLACE (quantity::INTEGER AS quantity) FROM (${sql})`;
  await connection.run(`COPY (${typed(rowsSql(`range(0, ${rows})`, 'false'))}) TO '${paths.rows}'`);
  await connection.run(`CREATE TABLE picked AS
    SELECT i, CASE WHEN row_number() OVER (ORDER BY hash(i, 9)) <= ${updates} THEN 'U' ELSE 'D' END AS op
    FROM range(0, ${rows}) t(i) ORDER BY hash(i, 9) LIMIT ${updates + others}`);
  const existing = (op: string, changed: string): string =>
    `SELECT *, '${op}' AS op FROM (${typed(rowsSql(`(SELECT i FROM picked WHERE op = '${op}')`, changed))})`;
  const inserted = `SELECT *, 'I' AS op FROM (${typed(rowsSql(`range(${rows}, ${rows + others})`, 'false'))})`;
  await connection.run(
    `COPY (FROM (${existing('U', 'true')} UNION ALL ${existing('D', 'false')} UNION ALL ${inserted}) ORDER BY hash(id)) TO '${paths.changes}'`,
  );
  connection.closeSync();
  instance.closeSync();
  return paths;
}

/** A table with the data files of another, and without deletion vectors and change data feed. */
export function linkAsPlain(from: string, to: string, rows: string): void {
  const off = { 'delta.enableDeletionVectors': 'false', 'delta.enableChangeDataFeed': 'false' };
  runStep('create', to, rows, JSON.stringify(off));
  for (const file of readdirSync(from)) {
    if (file.endsWith('.parquet')) linkSync(join(from, file), join(to, file));
  }
  const commit = join('_delta_log', `${name(1)}.json`);
  copyFileSync(join(from, commit), join(to, commit));
}

/**
 * The log of a table with so many commits, and a checkpoint every ten, as a writer leaves it that keeps the whole log.
 * Every commit adds a file and, once there are ten, removes the oldest, so that ten live files are all that is left of
 * any number of commits. No data files come with it.
 */
export async function writeLongLog(table: string, commits: number, rows: string): Promise<void> {
  if (existsSync(table)) return;
  runStep('create', table, rows, '{}');
  const log = join(table, '_delta_log');
  const first = readFileSync(join(log, `${name(0)}.json`), 'utf8')
    .trim()
    .split('\n');
  const base = first.filter((line) => /^\{"(?:protocol|metaData)"/.test(line));
  const old = Date.now() - 30 * 24 * 3600 * 1000;
  const path = (version: number): string => `part-${name(version)}.parquet`;
  const facts = { partitionValues: {}, size: 1000, dataChange: true };
  const add = (version: number): string =>
    JSON.stringify({
      add: { path: path(version), ...facts, modificationTime: old, stats: `{"numRecords":${version}}` },
    });
  const remove = (version: number): string =>
    JSON.stringify({ remove: { path: path(version), ...facts, deletionTimestamp: old } });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (let version = 1; version < commits; version += 1) {
    const info = JSON.stringify({ commitInfo: { timestamp: old + version, operation: 'WRITE' } });
    const removed = version > LIVE ? [remove(version - LIVE)] : [];
    writeFileSync(join(log, `${name(version)}.json`), `${[info, ...removed, add(version)].join('\n')}\n`);
    if (version % CHECKPOINT_INTERVAL !== 0) continue;
    const lines = join(table, 'actions.json');
    const live = Array.from({ length: LIVE }, (_, index) => add(version - index));
    writeFileSync(lines, [...base, ...live].join('\n'));
    await connection.run(
      `COPY (FROM read_json('${lines}', format = 'newline_delimited', columns = ${CHECKPOINT})) TO '${join(log, `${name(version)}.checkpoint.parquet`)}'`,
    );
    writeFileSync(join(log, '_last_checkpoint'), JSON.stringify({ version, size: base.length + LIVE }));
  }
  connection.closeSync();
  instance.closeSync();
}

/** The log of a table of so many files of 100 rows each, in one commit; the files themselves are not there. */
export function writeManyFiles(table: string, files: number, rows: string): void {
  if (existsSync(table)) return;
  runStep('create', table, rows, '{}');
  const facts = { partitionValues: {}, size: 1000, modificationTime: 0, dataChange: true };
  const add = (_: unknown, index: number): string =>
    JSON.stringify({ add: { path: `part-${name(index)}.parquet`, ...facts, stats: '{"numRecords":100}' } });
  const info = JSON.stringify({ commitInfo: { timestamp: 0, operation: 'WRITE' } });
  const lines = [info, ...Array.from({ length: files }, add)];
  writeFileSync(join(table, '_delta_log', `${name(1)}.json`), `${lines.join('\n')}\n`);
}

const LIVE = 10;
const CHECKPOINT_INTERVAL = 10;

const CHECKPOINT = `{
  protocol: 'STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER, "readerFeatures" VARCHAR[], "writerFeatures" VARCHAR[])',
  metaData: 'STRUCT("id" VARCHAR, "format" STRUCT("provider" VARCHAR, "options" MAP(VARCHAR, VARCHAR)), "schemaString" VARCHAR, "partitionColumns" VARCHAR[], "configuration" MAP(VARCHAR, VARCHAR), "createdTime" BIGINT)',
  add: 'STRUCT("path" VARCHAR, "partitionValues" MAP(VARCHAR, VARCHAR), "size" BIGINT, "modificationTime" BIGINT, "dataChange" BOOLEAN, "stats" VARCHAR)'
}`;

function name(version: number): string {
  return String(version).padStart(20, '0');
}
