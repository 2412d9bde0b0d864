import { IgarapeError } from '../../core/errors.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { LayerTables } from '../layer-tables.ts';
import { type BatchLog, type ForeignBatch, readBatchLog } from './foreign-batches.ts';
import type { ForeignFile, ForeignFiles } from './foreign-files.ts';
import { BATCH_APP, FULL_REFRESH, otherFeed } from './applied-run.ts';
import { checkForm, type ForeignTable } from './foreign-table.ts';

/** What a run has to do with a table that files of others feed, by their listing alone. */
export interface ForeignPending {
  /** False where there is no table yet. */
  readonly exists: boolean;
  /** How many files were not read as they are now. */
  readonly files: number;
  /** True where a killed run has left a batch that is committed and not in the table yet. */
  readonly isUnfinished: boolean;
  /** Why the table is made anew; undefined where it is not. */
  readonly anew: string | undefined;
  /** What is odd about the files; undefined where nothing is. */
  readonly reason?: string;
}

/** What has been committed of a table, and what of it counts. */
export interface TakenIn {
  readonly log: BatchLog;
  /** Nothing where the table is made anew. */
  readonly known: BatchLog;
  /** Why every file counts as new; undefined where only new ones do. */
  readonly anew: string | undefined;
}

/**
 * @param isFullRefresh Whether every file counts as new.
 * @throws IgarapeError CONFIG_INVALID where the table was made by another key or order; LAKE_…
 */
export async function takenIn(
  tables: LayerTables,
  table: ForeignTable,
  isFullRefresh: boolean,
): Promise<TakenIn> {
  const log = await readBatchLog(tables.edge.storage, table.name);
  const bronze = await tables.newest({ layer: 'bronze', name: table.name });
  const anew = isFullRefresh ? FULL_REFRESH : otherFeed(bronze, BATCH_APP);
  const known = anew === undefined ? log : NOTHING_KNOWN;
  if (known.newest !== undefined) checkForm(table, known.newest);
  return { log, known, anew };
}

/** @throws IgarapeError as {@link takenIn}; LAKE_CORRUPT where the table has lost what was taken in */
export async function foreignPending(
  tables: LayerTables,
  table: ForeignTable,
  isFullRefresh: boolean,
): Promise<ForeignPending> {
  const { known, anew } = await takenIn(tables, table, isFullRefresh);
  const { newest } = known;
  const bronze = await tables.find({ layer: 'bronze', name: table.name });
  const isUnfinished = newest !== undefined && !(await isApplied(bronze, newest));
  if (isUnfinished && (await tables.edge.storage.stat(newest.staged.key)) === undefined)
    throw lostBatch(table.name);
  const { files, isEmpty } = await newForeignFiles(table.files, known);
  return {
    exists: bronze !== undefined,
    files: files.length,
    isUnfinished,
    anew: anew ?? (isUnfinished ? leftAnew(newest) : undefined),
    ...(isEmpty ? { reason: nothingMatches(table.files) } : {}),
  };
}

/** Why a batch that a killed run has left makes the table anew; undefined where it does not. */
export function leftAnew({ fresh }: ForeignBatch): string | undefined {
  return fresh === true ? 'all files were read again' : undefined;
}

/** Nothing is known: every file is new. */
export const NOTHING_KNOWN: BatchLog = { newest: undefined, seen: new Map() };

/** Files that were not read as they are now, oldest first; and whether there are none at all. */
export async function newForeignFiles(
  files: ForeignFiles,
  { seen }: BatchLog,
): Promise<{ readonly files: readonly ForeignFile[]; readonly isEmpty: boolean }> {
  const found: ForeignFile[] = [];
  let isEmpty = true;
  for await (const file of files.list()) {
    isEmpty = false;
    const before = seen.get(file.name);
    if (before?.sizeBytes !== file.sizeBytes || before.modifiedMs !== file.modifiedMs) found.push(file);
  }
  const sorted = found.toSorted(
    (left, right) => left.modifiedMs - right.modifiedMs || (left.name < right.name ? -1 : 1),
  );
  return { files: sorted, isEmpty };
}

export function nothingMatches({ where }: ForeignFiles): string {
  return `no file matches ${where}`;
}

/** True where a table has applied a batch. */
export async function isApplied(bronze: DeltaTable | undefined, { batch }: ForeignBatch): Promise<boolean> {
  return ((await appliedBatch(bronze)) ?? -1) >= batch;
}

/** The last batch that a table has applied; undefined where it has none. */
export async function appliedBatch(bronze: DeltaTable | undefined): Promise<number | undefined> {
  const applied = (await bronze?.snapshot())?.state.transactions.get(BATCH_APP);
  return applied === undefined ? undefined : Number(applied.version);
}

/** What is staged goes only when the batch is applied: the bronze table that had it is gone, or another run has been here. */
export function lostBatch(table: string, cause?: IgarapeError): IgarapeError {
  return new IgarapeError(
    'LAKE_CORRUPT',
    `bronze.${table} lacks change files that were taken in: it is gone, or was put back to an older state.`,
    {
      hint: `Run again if another run works on this lake; else read all files again: igarape run --only bronze --tables ${table} --full-refresh.`,
      cause,
    },
  );
}
