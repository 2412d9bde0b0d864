import type { ErrorCode } from '../core/errors.ts';

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

/** What following changes costs, and a computation of the whole: rows, by the tables' statistics. */
export interface Cost {
  /** Rows that have come and gone in the sources. */
  readonly changed: number;
  /** Rows of the sources that are read to follow them; one that is read twice counts twice. */
  readonly reads: number;
  /** Rows of the sources that a computation of the whole reads. */
  readonly whole: number;
}

/** Rows that reports tell of together. */
export function sumRows(left: RowCounts, right: RowCounts): RowCounts {
  return {
    inserted: left.inserted + right.inserted,
    updated: left.updated + right.updated,
    deleted: left.deleted + right.deleted,
  };
}

/** What a merge has done to rows, by its metrics. */
export function mergedRows(metrics: Readonly<Record<string, number>>): RowCounts {
  return {
    inserted: metrics['numTargetRowsInserted'] ?? 0,
    updated: metrics['numTargetRowsUpdated'] ?? 0,
    deleted: metrics['numTargetRowsDeleted'] ?? 0,
  };
}

type RowCounts = Pick<LayerReport, 'inserted' | 'updated' | 'deleted'>;

export const NO_ROWS = { inserted: 0, updated: 0, deleted: 0 } as const;
