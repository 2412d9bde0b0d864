import type { Config } from '../config/config.ts';
import type { Schema } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { CHANGES, OPERATION, SAME } from './compare.ts';

const SEQUENCE = '_igarape_sequence';

/** The columns that change files add, by name; null where the preset leaves one out. */
export interface AddedColumns {
  readonly operation: string;
  readonly timestamp: string | null;
  readonly sequence: string | null;
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
  readonly path: string;
}

/** Writes the relation {@link CHANGES} as a change file: deletes, updates, inserts, each by key, numbered in that order. */
export async function writeChangeFile(engine: Engine, request: ChangeFileRequest): Promise<void> {
  const { added } = request;
  const columns = request.schema.map((column) => quoteName(column.name));
  const operation = `${OPERATION} AS ${quoteName(added.operation)}`;
  const sequence = added.sequence === null ? [] : [`${SEQUENCE} AS ${quoteName(added.sequence)}`];
  const timestamp =
    added.timestamp === null ? [] : [`${timestampValue(request)} AS ${quoteName(added.timestamp)}`];
  const selected =
    request.compat === 'dms'
      ? [operation, ...timestamp, ...columns, ...sequence]
      : [...columns, operation, ...timestamp, ...sequence];
  await engine.run(`COPY (
      SELECT ${selected.join(', ')} FROM (
        SELECT *, ${request.lastSequence} + row_number() OVER (
          ORDER BY CASE ${OPERATION} WHEN 'D' THEN 1 WHEN 'U' THEN 2 ELSE 3 END, ${request.key.map(quoteName).join(', ')}
        ) AS ${SEQUENCE} FROM ${CHANGES} WHERE ${OPERATION} <> '${SAME}')
      ORDER BY ${SEQUENCE}
    ) TO ${quoteText(request.path)} (${parquetOptions(request.compression)}, ${engine.parquetSizes})`);
}

export function parquetOptions(compression: Config['compression']): string {
  return `FORMAT parquet, COMPRESSION ${compression === 'none' ? 'uncompressed' : compression}`;
}

function timestampValue({ compat, timestampMicros }: ChangeFileRequest): string {
  if (compat !== 'dms') return `make_timestamptz(${timestampMicros})`;
  return `strftime(make_timestamp(${timestampMicros}), '%Y-%m-%d %H:%M:%S.%f')`;
}
