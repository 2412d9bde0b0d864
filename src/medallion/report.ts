import type { ErrorCode } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import type { DeltaTable } from '../delta/table.ts';
import type { WriteResult } from '../delta/write/publish.ts';

/** What a run has done to a table of a layer. */
export interface LayerReport {
  readonly operation:
    | 'created'
    /** Changed rows were merged, or the partitions that changed were replaced. */
    | 'updated'
    /** Made anew as a whole, for the reason given. */
    | 'rebuilt'
    | 'unchanged'
    /** A check failed: the table stays as it was. */
    | 'held'
    | 'failed'
    /** A table that it reads is not as it should be, so that it stays as it was. */
    | 'skipped';
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** The Delta table's version after the run; null where there is no table yet. */
  readonly version: number | null;
  /** Of a model's table that followed changes: what that cost. */
  readonly cost?: Cost;
  /** What computed its rows, where that was not DuckDB. */
  readonly engine?: 'spark';
  /** How many statements that took. */
  readonly statements?: number;
  /** Why it was rebuilt, held, failed or skipped; what was odd in its source. */
  readonly reason?: string;
  /** Of a table that was held or failed, or of which not all could be read: the code of what it met. */
  readonly code?: ErrorCode;
}

/** How a table is left as it was though it was to be another. */
export type Trouble = Extract<LayerReport['operation'], 'held' | 'failed' | 'skipped'>;

export function isTrouble(operation: string | undefined): operation is Trouble {
  return operation === 'held' || operation === 'failed' || operation === 'skipped';
}

/** Why a table waits for one that it reads. */
export function waitsFor(source: string, operation: Trouble): string {
  const told: Readonly<Record<Trouble, Told>> = {
    held: `${source} is held.`,
    failed: `${source} has failed.`,
    skipped: `${source} was skipped.`,
  };
  return told[operation];
}

/** What following changes costs, and a computation of the whole: rows, by the tables' statistics. */
export interface Cost {
  /** Rows that have come and gone in the sources. */
  readonly changed: number;
  /** Rows of the sources that are read to follow them; one that is read twice counts twice. */
  readonly reads: number;
  /** Rows of the sources that a computation of the whole reads. */
  readonly whole: number;
}

export const NO_ROWS = { inserted: 0, updated: 0, deleted: 0 } as const;

/** What is told beside rows: each of them that is not undefined. */
export type Reasons = readonly (string | undefined)[];

/** Of a table that a run has made. */
export async function createdReport(delta: DeltaTable, ...reasons: Reasons): Promise<LayerReport> {
  const { version, rows } = await delta.describe();
  return { operation: 'created', ...NO_ROWS, inserted: rows ?? 0, version, ...because(reasons) };
}

/** Of a merge. @param operation What it is called where it has changed rows, or where it was made as a whole. */
export function mergedReport(
  operation: 'updated' | 'rebuilt',
  { version, metrics }: WriteResult,
  ...reasons: Reasons
): LayerReport {
  const [inserted = 0, updated = 0, deleted = 0] = ['Inserted', 'Updated', 'Deleted'].map(
    (what) => metrics[`numTargetRows${what}`] ?? 0,
  );
  const isSame = operation === 'updated' && inserted + updated + deleted === 0;
  return {
    operation: isSame ? 'unchanged' : operation,
    inserted,
    updated,
    deleted,
    version,
    ...because(reasons),
  };
}

/** Of a table whose rows were all replaced. @param deleted How many there were. */
export function overwrittenReport(
  { version, metrics }: WriteResult,
  deleted: number,
  ...reasons: Reasons
): LayerReport {
  const inserted = metrics['numOutputRows'] ?? 0;
  return { operation: 'rebuilt', ...NO_ROWS, inserted, deleted, version, ...because(reasons) };
}

/** Of a table that stays as it was. @param version Null where there is none. */
export function heldReport(version: number | null, reason: string): LayerReport {
  return { operation: 'held', ...NO_ROWS, version, reason };
}

/** Of two commits to a table, one after the other. */
export function sumReports(before: LayerReport, next: LayerReport): LayerReport {
  const statements = (before.statements ?? 0) + (next.statements ?? 0);
  const isStill =
    next.operation === 'unchanged' || (before.operation === 'created' && !isTrouble(next.operation));
  const sum: LayerReport = {
    operation: isStill ? before.operation : next.operation,
    inserted: before.inserted + next.inserted,
    updated: before.updated + next.updated,
    deleted: before.deleted + next.deleted,
    version: next.version,
    ...because([before.reason, next.reason]),
  };
  return withSpark(sum, { statements });
}

/** With more that is told of it. */
export function withReasons<R extends LayerReport>(report: R, ...reasons: Reasons): R {
  return { ...report, ...because([report.reason, ...reasons]) };
}

/** With what it cost to follow changes, where the table has. */
export function withCost(report: LayerReport, cost: Cost | undefined): LayerReport {
  return cost === undefined || report.operation !== 'updated' ? report : { ...report, cost };
}

/** With what Spark had to do with it. @param refused Why DuckDB computed what Spark was to. */
export function withSpark<R extends LayerReport>(
  report: R,
  spark: { readonly statements: number } | undefined,
  refused?: string,
): R {
  const statements = spark?.statements ?? 0;
  const used = statements === 0 ? {} : ({ engine: 'spark', statements } as const);
  const reason = refused === undefined ? undefined : `computed by DuckDB: ${refused}`;
  return withReasons({ ...report, ...used }, reason);
}

function because(reasons: Reasons): { readonly reason?: string } {
  const told = reasons.filter((reason) => reason !== undefined);
  return told.length === 0 ? {} : { reason: told.join('; ') };
}
