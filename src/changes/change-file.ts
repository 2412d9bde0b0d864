import type { Config } from '../config/config.ts';
import { sameName, type Schema } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { CHANGES, OPERATION, SAME } from './compare.ts';

/** What {@link changeColumns} take a change's number from. */
export const SEQUENCE = '_igarape_sequence';

/** The columns that change files add, by name; null where the preset leaves one out. */
export interface AddedColumns {
  readonly operation: string;
  readonly timestamp: string | null;
  readonly sequence: string | null;
}

/** Whether a column of a change file is one that the file adds: the table may have one of that name, from when files add others. */
export function isAdded(added: AddedColumns | undefined, name: string): boolean {
  return Object.values(added ?? {}).some((each) => each !== null && sameName(each, name));
}

export function addedColumns(config: Pick<Config, 'compat' | 'cdcColumns'>): AddedColumns {
  if (config.compat === 'op') return { operation: 'op', timestamp: null, sequence: null };
  if (config.compat === 'dms') return { ...config.cdcColumns, operation: 'Op' };
  return config.cdcColumns;
}

export interface ChangeFileRequest {
  readonly schema: Schema;
  readonly key: readonly string[];
  readonly compat: Config['compat'];
  readonly added: AddedColumns;
  readonly timestampMicros: bigint;
  /** The first change gets the number after this one. */
  readonly lastSequence: number;
  readonly compression: Config['compression'];
}

/** Writes the relation {@link CHANGES} as a change file: deletes, updates, inserts, each by key, numbered in that order. */
export async function writeChangeFile(
  engine: Engine,
  request: ChangeFileRequest,
  path: string,
): Promise<void> {
  await engine.run(`COPY (
      SELECT ${changeColumns(request).join(', ')} FROM (
        SELECT *, ${request.lastSequence} + row_number() OVER (ORDER BY ${inOrder(request.key)}) AS ${SEQUENCE}
        FROM ${CHANGES} WHERE ${OPERATION} <> '${SAME}')
      ORDER BY ${SEQUENCE}
    ) TO ${quoteText(path)} (${parquetOptions(request.compression)}, ${engine.parquetSizes})`);
}

/** SQL after ORDER BY: the order of a change file. */
export function inOrder(key: readonly string[]): string {
  const kind = `CASE ${OPERATION} WHEN 'D' THEN 1 WHEN 'U' THEN 2 ELSE 3 END`;
  return [kind, ...key.map(quoteName)].join(', ');
}

/** SQL: the columns of a change file, of rows that are numbered by {@link SEQUENCE}. */
export function changeColumns(request: ChangeFileRequest): string[] {
  const { added } = request;
  // One that the source has no more may be called as one of these.
  const own = request.schema.filter(({ name }) => !isAdded(added, name));
  const columns = own.map((column) => quoteName(column.name));
  const operation = `${OPERATION} AS ${quoteName(added.operation)}`;
  const sequence = added.sequence === null ? [] : [`${SEQUENCE} AS ${quoteName(added.sequence)}`];
  const timestamp =
    added.timestamp === null ? [] : [`${timestampValue(request)} AS ${quoteName(added.timestamp)}`];
  return request.compat === 'dms'
    ? [operation, ...timestamp, ...columns, ...sequence]
    : [...columns, operation, ...timestamp, ...sequence];
}

export function parquetOptions(compression: Config['compression']): string {
  return `FORMAT parquet, COMPRESSION ${compression === 'none' ? 'uncompressed' : compression}`;
}

function timestampValue({ compat, timestampMicros }: ChangeFileRequest): string {
  if (compat !== 'dms') return `make_timestamptz(${timestampMicros})`;
  const micros = ((timestampMicros % 1000n) + 1000n) % 1000n;
  const [day, time = ''] = new Date(Number((timestampMicros - micros) / 1000n)).toISOString().split('T');
  return quoteText(`${day} ${time.replace('Z', '')}${String(micros).padStart(3, '0')}`);
}
