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
  /** Why it was rebuilt, held, failed or skipped; what was odd in its source. */
  readonly reason?: string;
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
