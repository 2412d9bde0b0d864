import { z } from 'zod';
import { IgarapeError } from '../core/errors.ts';
import type { AddedColumns } from '../changes/change-file.ts';
import type { ChangeCounts } from '../changes/compare.ts';
import { type ColumnType, isColumnType, type Schema } from '../core/schema.ts';
import type { SeenFile } from '../source/port.ts';

/** The ledger's format that this version writes, and the newest that it reads. */
export const LEDGER_FORMAT = 1;

/** One committed run: with it everything that the lake is, so that the newest entry alone suffices to go on. */
export interface LedgerEntry {
  readonly format: typeof LEDGER_FORMAT;
  readonly run: number;
  /** Unique to the attempt that became this run. */
  readonly attempt: string;
  /** Name and version of the program. */
  readonly writer: string;
  /** ISO 8601, UTC, by the writer's clock. */
  readonly committedAt: string;
  readonly source: { readonly id: string; readonly version: string; readonly timeMicros?: string };
  /** Set where a backfill made the entry: the version that it began with. */
  readonly backfillFrom?: string;
  /** Every table of the lake, also those that this run did not touch. */
  readonly tables: Readonly<Record<string, TableState>>;
  /** What the run told its caller, also of tables that were held or failed. */
  readonly report: Readonly<Record<string, TableReport>>;
}

/** A table as a run left it. */
export interface TableState extends ChangeCounts {
  readonly operation: 'full-load' | 'cdc' | 'unchanged';
  /** What this run publishes of the table. */
  readonly file: PublishedFile | null;
  /** Counts full-loads from 0: replay starts at the last one. */
  readonly epoch: number;
  readonly schema: Schema;
  readonly primaryKey: readonly string[];
  readonly base: Base;
  /** What the table was last read from. */
  readonly seen: SeenFile;
  /** Of a table that only ever grows: where the list of the files is that it was taken from. */
  readonly taken?: { readonly key: string };
  /** By which options it was read: a hash. Entries of earlier versions have none. */
  readonly readAs?: string;
  /** What that file had that was no row. */
  readonly rejects?: Rejects;
  /** Of the table's last change: microseconds since 1970, as text, for they do not fit a JSON number for sure. */
  readonly lastTimestampMicros: string;
  readonly lastSequence: number;
}

/** A visible file: where it is staged, where it goes, and what it holds. */
export interface PublishedFile {
  readonly kind: 'full-load' | 'cdc';
  readonly key: string;
  readonly stagedKey: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly rows: number;
  /** Of a change file: the columns that it adds. */
  readonly cdcColumns?: AddedColumns;
}

/** The snapshot that the next one is compared with. */
export interface Base {
  /** The whole table of its time, then a segment a run with what changed: see `changes/base.ts`. */
  readonly segments: readonly Segment[];
  /** Rows of the table. */
  readonly rows: number;
  /** How its hashes were taken; null where they cannot be used, for two keys share one. */
  readonly hashVersion: string | null;
}

export interface Segment {
  readonly key: string;
  readonly sizeBytes: number;
  readonly rows: number;
}

/** Lines that were set aside when a table's file was read. */
export interface Rejects {
  /** A CSV file of them in the lake. */
  readonly key: string;
  readonly lines: number;
}

export interface TableReport extends ChangeCounts {
  readonly operation: 'full-load' | 'cdc' | 'unchanged' | 'held' | 'failed';
  /** The published file's key in the lake. */
  readonly file: string | null;
  readonly bytes: number;
  readonly reason?: string;
  /** How many lines of the file were no rows and were set aside; left out where none were. */
  readonly rejected?: number;
}

const count = z.number().int().nonnegative();
const counts = { inserted: count, updated: count, deleted: count, unchanged: count };

const publishedFile: z.ZodType<PublishedFile> = z.object({
  kind: z.enum(['full-load', 'cdc']),
  key: z.string(),
  stagedKey: z.string(),
  sizeBytes: count,
  sha256: z.string(),
  rows: count,
  cdcColumns: z
    .object({ operation: z.string(), timestamp: z.string().nullable(), sequence: z.string().nullable() })
    .exactOptional(),
});

const tableState: z.ZodType<TableState> = z.object({
  ...counts,
  operation: z.enum(['full-load', 'cdc', 'unchanged']),
  file: publishedFile.nullable(),
  epoch: count,
  schema: z.array(
    z.object({
      name: z.string(),
      type: z.custom<ColumnType>(isColumnType),
      dropped: z.literal(true).exactOptional(),
      open: z.literal(true).exactOptional(),
    }),
  ),
  primaryKey: z.array(z.string()),
  base: z.object({
    segments: z.array(z.object({ key: z.string(), sizeBytes: count, rows: count })).min(1),
    rows: count,
    hashVersion: z.string().nullable(),
  }),
  seen: z.object({
    version: z.string(),
    name: z.string(),
    files: count.exactOptional(),
    date: z.string().exactOptional(),
    hasLater: z.literal(true).exactOptional(),
    sizeBytes: count,
    sha256: z.string(),
    marks: z.record(z.string(), z.string()).exactOptional(),
  }),
  taken: z.object({ key: z.string() }).exactOptional(),
  readAs: z.string().exactOptional(),
  rejects: z.object({ key: z.string(), lines: count }).exactOptional(),
  lastTimestampMicros: z.string(),
  lastSequence: count,
});

const tableReport: z.ZodType<TableReport> = z.object({
  ...counts,
  operation: z.enum(['full-load', 'cdc', 'unchanged', 'held', 'failed']),
  file: z.string().nullable(),
  bytes: count,
  reason: z.string().exactOptional(),
  rejected: count.exactOptional(),
});

const entry: z.ZodType<LedgerEntry> = z.object({
  format: z.literal(LEDGER_FORMAT),
  run: count,
  attempt: z.string(),
  writer: z.string(),
  committedAt: z.string(),
  source: z.object({ id: z.string(), version: z.string(), timeMicros: z.string().exactOptional() }),
  backfillFrom: z.string().exactOptional(),
  tables: z.record(z.string(), tableState),
  report: z.record(z.string(), tableReport),
});

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
    throw new IgarapeError(
      'LAKE_NEWER',
      `${where} was written by a newer igarape (${format.data.writer ?? 'unknown version'}).`,
      {
        hint: 'Update igarape, then run again. Nothing was changed.',
      },
    );
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
