import { z } from 'zod';
import { IgarapeError } from '../core/errors.ts';
import type { Column, ColumnType } from '../core/schema.ts';

/** The ledger's format that this version writes, and the newest that it reads. */
export const LEDGER_FORMAT = 1;

const count = z.number().int().nonnegative();

const column = z.object({
  name: z.string(),
  type: z.custom<ColumnType>((value) => typeof value === 'string'),
  dropped: z.literal(true).optional(),
});

const seenFile = z.object({
  version: z.string(),
  name: z.string(),
  sizeBytes: count,
  sha256: z.string(),
  marks: z.record(z.string(), z.string()).optional(),
});

/** A visible file that an entry publishes: where it is staged, where it goes, and what it must hold. */
const publishedFile = z.object({
  kind: z.enum(['full-load', 'cdc']),
  key: z.string(),
  stagedKey: z.string(),
  sizeBytes: count,
  sha256: z.string(),
  rows: count,
  /** Names of the columns that a change file adds; null where the preset has none. */
  cdcColumns: z
    .object({ operation: z.string(), timestamp: z.string().nullable(), sequence: z.string().nullable() })
    .optional(),
});

/** The snapshot that the next one is compared with. */
const base = z.object({
  key: z.string(),
  sizeBytes: count,
  rows: count,
  /** How its hashes were taken; null where they cannot be used (two keys with one hash). */
  hashVersion: z.string().nullable(),
});

const tableState = z.object({
  /** What this entry's run did to the table. */
  operation: z.enum(['full-load', 'cdc', 'unchanged', 'held', 'failed', 'skipped']),
  inserted: count,
  updated: count,
  deleted: count,
  unchanged: count,
  reason: z.string().optional(),
  file: publishedFile.nullable(),
  /** Counts full-loads: replay starts at the last one. */
  epoch: count,
  schema: z.array(column),
  primaryKey: z.array(z.string()),
  base,
  /** What the base was read from. */
  seen: seenFile,
  /** Of the last change of the table: microseconds since 1970 as text, for they do not fit a JSON number. */
  lastTimestampMicros: z.string(),
  lastSequence: count,
});

const entry = z.object({
  format: z.literal(LEDGER_FORMAT),
  run: count,
  /** Unique to the attempt that became this run. */
  attempt: z.string(),
  writer: z.string(),
  committedAt: z.string(),
  source: z.object({ id: z.string(), version: z.string(), timeMicros: z.string().optional() }),
  /** Set where `backfill` made the entry: the version that it began with. */
  backfillFrom: z.string().optional(),
  /** Every table that the lake has, also those that this run did not touch. */
  tables: z.record(z.string(), tableState),
  /** Tables that the run tried without a base of theirs: held or failed at first sight. */
  rejected: z.record(z.string(), z.object({ operation: z.enum(['held', 'failed']), reason: z.string() })),
});

export type LedgerEntry = z.infer<typeof entry>;
export type TableState = z.infer<typeof tableState> & { schema: Column[] };
export type PublishedFile = z.infer<typeof publishedFile>;
export type Base = z.infer<typeof base>;

export function encodeEntry(value: LedgerEntry): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** @throws IgarapeError LAKE_NEWER, LAKE_CORRUPT */
export function decodeEntry(bytes: Uint8Array, where: string): LedgerEntry {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(where, 'it is not JSON', error);
  }
  const format = z.object({ format: z.number(), writer: z.string().optional() }).safeParse(json);
  if (format.success && format.data.format > LEDGER_FORMAT) {
    throw new IgarapeError('LAKE_NEWER', `${where} was written by a newer igarape (${format.data.writer ?? 'unknown version'}).`, {
      hint: 'Update igarape, then run again. Nothing was changed.',
    });
  }
  const parsed = entry.safeParse(json);
  if (!parsed.success) throw corrupt(where, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function corrupt(where: string, what: string, cause: unknown): IgarapeError {
  return new IgarapeError('LAKE_CORRUPT', `The ledger entry ${where} cannot be read: ${what}.`, {
    hint: 'Restore the object from a copy of the lake; nothing was changed.',
    cause,
  });
}
