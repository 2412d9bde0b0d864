import { join } from 'node:path';
import { type Schema, sqlType } from '../../core/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quoteName } from '../../engine/quote.ts';
import type { Storage } from '../../storage/port.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import type { PendingFile } from './pending.ts';

/** Columns of changes beside the table's own and those of {@link BRONZE_COLUMNS}. */
export const CHANGE = {
  /** `I`, `U` or `D`. */
  operation: '_igarape_operation',
  /** Rises with the ledger, and within a file with `_cdc_sequence`; never ties for one key. */
  order: '_igarape_order',
  /** Of a key's last change: the operation of its first one, which tells whether the key was there before. */
  first: '_igarape_first',
  /** Of a change in a file of others: the file's name without its folder. */
  file: '_igarape_file',
  /** From the folder that all files have in common; empty for one in it. */
  folder: '_igarape_folder',
  /** Its number in the file, from 0. */
  row: '_igarape_row',
  /** Why it goes to quarantine; null for what is applied. */
  reason: '_igarape_reason',
} as const;

/** Numbers of different files are further apart than any sequence reaches. */
const FILE_STEP = 2n ** 40n;

/**
 * SQL: the rows of published files as changes, in the columns and types of `schema`; those of a full-load are inserts.
 *
 * @param workDir Where files go that are not on this disk.
 */
export async function changesQuery(
  engine: Engine,
  storage: Storage,
  files: readonly PendingFile[],
  schema: Schema,
  workDir: string,
): Promise<string> {
  const queries: string[] = [];
  for (const [index, pending] of files.entries()) {
    const { key } = pending.file;
    const path = await storage.localFile(key, join(workDir, 'published', key.replaceAll('/', '__')));
    queries.push(await fileQuery(engine, pending, { path, schema, base: BigInt(index) * FILE_STEP }));
  }
  return queries.join(' UNION ALL ');
}

async function fileQuery(
  engine: Engine,
  { run, file, timeMicros }: PendingFile,
  { path, schema, base }: { path: string; schema: Schema; base: bigint },
): Promise<string> {
  const types = new Map(
    (await engine.describe(`SELECT * FROM ${parquetFile(path)}`)).map((c) => [c.name, c.type]),
  );
  const { operation, timestamp, sequence } = file.cdcColumns ?? {};
  const columns = schema.map(({ name, type }) => {
    const value = types.has(name) ? quoteName(name) : 'NULL';
    return `CAST(${value} AS ${sqlType(type)}) AS ${quoteName(name)}`;
  });
  const added = [
    `CAST(${run} AS BIGINT) AS ${quoteName(BRONZE_COLUMNS.run)}`,
    `${timeOf(timestamp, types, timeMicros)} AS ${quoteName(BRONZE_COLUMNS.timestamp)}`,
    `${operation === undefined ? `'I'` : quoteName(operation)} AS ${CHANGE.operation}`,
    // Without a sequence a key is in a file once, so that any order is right.
    `CAST(${base} AS BIGINT) + ${sequence == null ? '0' : quoteName(sequence)} AS ${CHANGE.order}`,
  ];
  return `SELECT ${[...columns, ...added].join(', ')} FROM ${parquetFile(path)}`;
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
