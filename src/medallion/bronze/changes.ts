import { join } from 'node:path';
import { isAdded } from '../../changes/change-file.ts';
import type { Schema } from '../../core/schema.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import { parquetFile, quoteName } from '../../engine/quote.ts';
import type { PublishedFile } from '../../lake/ledger-entry.ts';
import { localPath } from '../../lake/stored.ts';
import type { LayerEdge } from '../layer-tables.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { CHANGE, typedColumns } from './columns.ts';
import type { PendingFile } from './pending.ts';

/** Numbers of different files are further apart than any sequence reaches. */
const FILE_STEP = 2n ** 40n;

/** A published file's rows. */
export interface FileRows {
  /** SQL after FROM. */
  readonly from: string;
  readonly columns: readonly SqlColumn[];
}

export type OpenFile = (file: PublishedFile) => Promise<FileRows>;

/** Opens published files for the engine; those that are not on this disk are downloaded. */
export function filesHere({
  engine,
  storage,
  workDir,
}: Pick<LayerEdge, 'engine' | 'storage' | 'workDir'>): OpenFile {
  return async (file) => {
    const path = await localPath(storage, file, join(workDir, 'published', file.key.replaceAll('/', '__')));
    const from = parquetFile(path);
    return { from, columns: await engine.describe(`SELECT * FROM ${from}`) };
  };
}

/** SQL: the rows of published files as changes, in the columns and types of `schema`; those of a full-load are inserts. */
export async function changesQuery(
  files: readonly PendingFile[],
  schema: Schema,
  open: OpenFile,
): Promise<string> {
  const queries: string[] = [];
  for (const [index, pending] of files.entries())
    queries.push(fileQuery(pending, schema, await open(pending.file), BigInt(index) * FILE_STEP));
  return queries.join(' UNION ALL ');
}

function fileQuery(
  { run, file, timeMicros }: PendingFile,
  schema: Schema,
  { from, columns: stored }: FileRows,
  base: bigint,
): string {
  const types = new Map(stored.map(({ name, type }) => [name, type]));
  const { operation, timestamp, sequence } = file.cdcColumns ?? {};
  const added = [
    `CAST(${run} AS BIGINT) AS ${quoteName(BRONZE_COLUMNS.run)}`,
    `${timeOf(timestamp, types, timeMicros)} AS ${quoteName(BRONZE_COLUMNS.timestamp)}`,
    `${operation === undefined ? `'I'` : quoteName(operation)} AS ${CHANGE.operation}`,
    // Without a sequence a key is in a file once, so that any order is right.
    `CAST(${base} AS BIGINT) + ${sequence == null ? '0' : quoteName(sequence)} AS ${CHANGE.order}`,
  ];
  const own = stored.filter(({ name }) => !isAdded(file.cdcColumns, name));
  return `SELECT ${[...typedColumns(schema, own), ...added].join(', ')} FROM ${from}`;
}

function timeOf(
  column: string | null | undefined,
  types: ReadonlyMap<string, string>,
  timeMicros: bigint,
): string {
  if (column == null) return `make_timestamptz(${timeMicros})`;
  // As AWS DMS writes it, it is text in UTC.
  if (types.get(column) === 'VARCHAR') return `CAST(${quoteName(column)} || '+00' AS TIMESTAMPTZ)`;
  return quoteName(column);
}
