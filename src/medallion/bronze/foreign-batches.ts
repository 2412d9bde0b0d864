import * as z from 'zod';
import { type ColumnType, isColumnType, type Schema } from '../../core/schema.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { Storage } from '../../storage/port.ts';
import type { ForeignFile } from './foreign-files.ts';

/**
 * A batch of somebody else's change files, as its manifest has it: `_igarape/bronze/<table>/batches/<number>.json`.
 * Creating that object commits the batch: from then on it is applied from what is staged, whatever becomes of the files.
 */
export interface ForeignBatch {
  readonly format: typeof FORMAT;
  readonly batch: number;
  readonly attempt: string;
  readonly key: readonly string[];
  readonly orderBy: string;
  /** What changes are ordered by, as it is recorded: times count microseconds. */
  readonly orderType: ColumnType;
  /** The bronze table's own columns after the batch. */
  readonly schema: Schema;
  /** The last change of every key, and rows that go to quarantine. */
  readonly staged: { readonly key: string; readonly sizeBytes: number };
  readonly quarantined: readonly { readonly reason: string; readonly rows: number }[];
  /** The files that were read. */
  readonly files: readonly ForeignFile[];
  /** Now and then: the files of all batches before, so that the log need not be read to its beginning. */
  readonly earlier?: readonly ForeignFile[];
  /** True where the tables are made anew from this batch alone. */
  readonly fresh?: true;
}

/** What has been committed of a table. */
export interface BatchLog {
  readonly newest: ForeignBatch | undefined;
  /** Every file that was read, as it was then, by name. */
  readonly seen: ReadonlyMap<string, ForeignFile>;
}

const FORMAT = 1;
const DIGITS = 20;
const EARLIER_EVERY = 16;

/** Where the parts of a table's state are, with a `/` at the end. */
export function foreignFolder(table: string): string {
  return `_igarape/bronze/${table}/`;
}

export function numbered(batch: number): string {
  return String(batch).padStart(DIGITS, '0');
}

/** The key of a batch's rows on their way; the number comes first, so that what is left over can be told. */
export function stagedBatchKey(table: string, batch: number, attempt: string): string {
  return `${stagedFolder(table)}${numbered(batch)}-${attempt}.parquet`;
}

/** @throws IgarapeError LAKE_CORRUPT, LAKE_NEWER */
export async function readBatchLog(storage: Storage, table: string): Promise<BatchLog> {
  const folder = batchFolder(table);
  let next = 0;
  for await (const { key } of storage.list(folder)) {
    const number = /^(\d{20})\.json$/.exec(key.slice(folder.length))?.[1];
    if (number === undefined) continue;
    if (Number(number) !== next) throw corrupt(storage, batchKey(table, next), 'it is missing');
    next += 1;
  }
  const batches: ForeignBatch[] = [];
  for (let number = next - 1; number >= 0; number -= 1) {
    const batch = await readBatch(storage, batchKey(table, number));
    batches.unshift(batch);
    if (batch.earlier !== undefined) break;
  }
  const files = [...(batches[0]?.earlier ?? []), ...batches.flatMap((batch) => batch.files)];
  return { newest: batches.at(-1), seen: new Map(files.map((file) => [file.name, file])) };
}

/** Commits a batch. @throws IgarapeError CONFLICT where another run has committed one of this number */
export async function commitBatch(
  storage: Storage,
  table: string,
  batch: Omit<ForeignBatch, 'format' | 'earlier'>,
  { seen }: BatchLog,
): Promise<ForeignBatch> {
  const isRepeated = batch.fresh === true || (batch.batch > 0 && batch.batch % EARLIER_EVERY === 0);
  const whole: ForeignBatch = {
    format: FORMAT,
    ...batch,
    ...(isRepeated ? { earlier: batch.fresh === true ? [] : [...seen.values()] } : {}),
  };
  const body = new TextEncoder().encode(`${JSON.stringify(whole)}\n`);
  if (await storage.putIfAbsent(batchKey(table, batch.batch), body)) return whole;
  throw new IgarapeError(
    'CONFLICT',
    `Another run has committed batch ${batch.batch} of the change files of ${table}; this one has changed nothing.`,
    { hint: 'Run again: what the other one has taken is not taken twice.', retryable: true },
  );
}

/** Removes what was staged for batches up to one that is applied. */
export async function dropStaged(storage: Storage, table: string, applied: number): Promise<void> {
  const folder = stagedFolder(table);
  const last = numbered(applied);
  const keys: string[] = [];
  for await (const { key } of storage.list(folder)) {
    if (key.slice(folder.length, folder.length + DIGITS) <= last) keys.push(key);
  }
  await storage.delete(keys);
}

function batchFolder(table: string): string {
  return `${foreignFolder(table)}batches/`;
}

function stagedFolder(table: string): string {
  return `${foreignFolder(table)}staged/`;
}

function batchKey(table: string, batch: number): string {
  return `${batchFolder(table)}${numbered(batch)}.json`;
}

const count = z.number().int().nonnegative();
const columnType = z.custom<ColumnType>(isColumnType);
const file = z.object({ name: z.string(), sizeBytes: count, modifiedMs: z.number().int() });
const manifest: z.ZodType<ForeignBatch> = z.object({
  format: z.literal(FORMAT),
  batch: count,
  attempt: z.string(),
  key: z.array(z.string()).min(1),
  orderBy: z.string(),
  orderType: columnType,
  schema: z.array(z.object({ name: z.string(), type: columnType, dropped: z.literal(true).exactOptional() })),
  staged: z.object({ key: z.string(), sizeBytes: count }),
  quarantined: z.array(z.object({ reason: z.string(), rows: count })),
  files: z.array(file),
  earlier: z.array(file).exactOptional(),
  fresh: z.literal(true).exactOptional(),
});

async function readBatch(storage: Storage, key: string): Promise<ForeignBatch> {
  const bytes = await storage.read(key);
  if (bytes === undefined) throw corrupt(storage, key, 'it is missing');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(storage, key, 'it is not JSON', error);
  }
  const format = z.object({ format: z.number() }).safeParse(json);
  if (format.success && format.data.format > FORMAT) {
    throw new IgarapeError('LAKE_NEWER', `${storage.uri}/${key} was written by a newer igarape.`, {
      hint: 'Update igarape, then run again. Nothing was changed.',
    });
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) throw corrupt(storage, key, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function corrupt(storage: Storage, key: string, what: string, cause?: unknown): IgarapeError {
  return new IgarapeError(
    'LAKE_CORRUPT',
    `The batch of change files ${storage.uri}/${key} cannot be read: ${what}.`,
    { hint: 'Restore the object from a copy of the lake; nothing was changed.', cause },
  );
}
