import { ONCE } from '../core/once.ts';
import * as z from 'zod';
import { bareRecord } from '../core/bare-record.ts';
import { IgarapeError } from '../core/errors.ts';
import { type ColumnType, isColumnType } from '../core/schema.ts';
import { NO_HASHES } from '../snapshot/hashes.ts';
import type { Base, LedgerEntry, PublishedFile, TableReport, TableRun, TableState } from './ledger-entry.ts';
import { type Changes, changesOf, type LedgerRecord } from './ledger-record.ts';

/** The newest format of the ledger that this version reads. */
const NEWEST_FORMAT = 3;

type Recorded = Pick<TableRun, 'file'> & { readonly base: Pick<Base, 'hashVersion'> & Stored };

/** The segments that an entry has of a base. */
type Stored = { readonly added: Base['segments'] } | Pick<Base, 'segments'>;

/** Versions that know neither folders of files nor bases without hashes must not take them for what they know. */
function formatOf(tables: Readonly<Record<string, Recorded>>): number {
  const isNew = ({ file, base }: Recorded): boolean =>
    file?.parts !== undefined ||
    base.hashVersion === NO_HASHES ||
    ('added' in base ? base.added : base.segments).some(({ parts }) => parts !== undefined);
  return Object.values(tables).some(isNew) ? NEWEST_FORMAT : 2;
}

/** The bytes of an entry that follows `previous`: they grow with what the run has changed, not with the lake. */
export function encodeRecord(entry: LedgerEntry, previous: LedgerEntry | undefined): Uint8Array {
  const changes = changesOf(entry, previous);
  // For people's eyes, too.
  return encode(JSON.stringify({ format: formatOf(changes.tables), ...changes }, null, 2));
}

/** The bytes of an entry as a whole. */
export function encodeWhole(entry: LedgerEntry): Uint8Array {
  return encode(JSON.stringify({ format: formatOf(entry.tables), ...entry }));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`);
}

/** @throws IgarapeError LAKE_NEWER, LAKE_CORRUPT */
export function decodeRecord(bytes: Uint8Array, where: string): LedgerRecord {
  const { format, json } = open(bytes, where);
  return format === 1
    ? { kind: 'whole', entry: parse(wholeEntry, json, where) }
    : { kind: 'changes', changes: parse(changesRecord, json, where) };
}

/** @throws IgarapeError LAKE_NEWER, LAKE_CORRUPT */
export function decodeWhole(bytes: Uint8Array, where: string): LedgerEntry {
  return parse(wholeEntry, open(bytes, where).json, where);
}

function open(bytes: Uint8Array, where: string): { format: number; json: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw corruptEntry(where, 'it is not JSON', error);
  }
  const found = parse(head, json, where);
  if (found.format <= NEWEST_FORMAT) return { format: found.format, json };
  throw new IgarapeError(
    'LAKE_NEWER',
    `${where} was written by a newer igarape (${found.writer ?? 'unknown version'}).`,
    { hint: 'Update igarape, then run again. Nothing was changed.' },
  );
}

const head = z.object({ format: z.number(), writer: z.string().optional() });

function parse<T>(type: z.ZodType<T>, json: unknown, where: string): T {
  const parsed = type.safeParse(json, ONCE);
  if (parsed.success) return parsed.data;
  throw corruptEntry(where, z.prettifyError(parsed.error), parsed.error);
}

export function corruptEntry(where: string, what: string, cause?: unknown): IgarapeError {
  return new IgarapeError('LAKE_CORRUPT', `The ledger entry ${where} cannot be read: ${what}.`, {
    hint: 'Restore the object from a copy of the lake; nothing was changed.',
    cause,
  });
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
  parts: z.array(z.object({ name: z.string(), sizeBytes: count, sha256: z.string() })).exactOptional(),
  cdcColumns: z
    .object({ operation: z.string(), timestamp: z.string().nullable(), sequence: z.string().nullable() })
    .exactOptional(),
});

const segments = z.array(
  z.object({
    key: z.string(),
    sizeBytes: count,
    rows: count,
    parts: z.array(z.object({ name: z.string(), sizeBytes: count })).exactOptional(),
  }),
);

const schema = z.array(
  z.object({
    name: z.string(),
    type: z.custom<ColumnType>(isColumnType),
    dropped: z.literal(true).exactOptional(),
    open: z.literal(true).exactOptional(),
  }),
);

const tableRun = z.object({
  ...counts,
  operation: z.enum(['full-load', 'cdc', 'unchanged']),
  file: publishedFile.nullable(),
  epoch: count,
  primaryKey: z.array(z.string()),
  seen: z.object({
    version: z.string(),
    name: z.string(),
    files: count.exactOptional(),
    date: z.string().exactOptional(),
    daysBack: z.string().exactOptional(),
    datesFrom: z.string().exactOptional(),
    hasLater: z.literal(true).exactOptional(),
    sizeBytes: count,
    sha256: z.string(),
    marks: z.record(z.string(), z.string()).exactOptional(),
  }),
  taken: z.object({ key: z.string() }).exactOptional(),
  readAs: z.string().exactOptional(),
  isUnended: z.boolean().exactOptional(),
  emptyFiles: count.exactOptional(),
  rejects: z.object({ key: z.string(), lines: count }).exactOptional(),
  lastTimestampMicros: z.string(),
  lastSequence: count,
});

const tableState: z.ZodType<TableState> = tableRun.extend({
  schema,
  base: z.object({
    segments: segments.refine((found) => found.length > 0, 'it has no part'),
    rows: count,
    hashVersion: z.string().nullable(),
  }),
});

/** What a run says of a table. */
export const tableReport: z.ZodType<TableReport> = z.object({
  ...counts,
  operation: z.enum(['full-load', 'cdc', 'unchanged', 'held', 'failed']),
  file: z.string().nullable(),
  bytes: count,
  reason: z.string().exactOptional(),
  code: z.string().exactOptional(),
  rejected: count.exactOptional(),
});

const runHead = z.object({
  run: count,
  attempt: z.string(),
  writer: z.string(),
  committedAt: z.string(),
  source: z.object({ id: z.string(), version: z.string(), timeMicros: z.string().exactOptional() }),
  backfillFrom: z.string().exactOptional(),
});

function byTable<T>(one: z.ZodType<T>): z.ZodType<Record<string, T>> {
  return z.record(z.string(), one).transform((tables) => bareRecord(tables));
}

/** An entry as a whole: so a checkpoint holds it, and so the first format of the ledger held every run. */
const wholeEntry: z.ZodType<LedgerEntry> = runHead.extend({
  tables: byTable(tableState),
  report: byTable(tableReport),
});

const recordedTable = tableRun.extend({
  schema: schema.exactOptional(),
  base: z.object({
    kept: count,
    added: segments,
    rows: count,
    hashVersion: z.string().nullable(),
    rowsBefore: count.exactOptional(),
  }),
});

const changesRecord: z.ZodType<Changes> = runHead.extend({
  tables: byTable(recordedTable),
  report: byTable(tableReport),
  others: z.union([z.object({ unseen: z.array(z.string()) }), z.object({ unchanged: z.array(z.string()) })]),
});
