import { byName, sameName, type Schema } from '../../core/schema.ts';
import type { AppVersion } from '../../delta/protocol/app-version.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { equalIn, quoteName } from '../../engine/quote.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { bronzeColumns, CHANGE, typedColumns } from './columns.ts';

/** What a bronze table applies in one commit. */
export interface BronzeBatch {
  /** The table's own columns afterwards. */
  readonly schema: Schema;
  readonly key: readonly string[];
  /** What the table notes, so that the batch is applied once. */
  readonly app: AppVersion;
  /** Why the table is made anew, whatever it holds; undefined where it goes on from what it is. */
  readonly anew: string | undefined;
}

/** Changes of a table that holds the last state of every row. */
export interface LatestBatch extends BronzeBatch {
  /** SQL: the rows of a full-load that the table is to become before its changes; undefined where there is none. */
  readonly fullLoad: string | undefined;
  /**
   * SQL after FROM: the last change of every key, in the table's own columns, those of bronze, and `operation` and `first`
   * of {@link CHANGE}; undefined where there are none.
   */
  readonly changes: string | undefined;
  /** Whether a row whose own columns stay as they are is left alone; else each change counts as one. */
  readonly isCompared: boolean;
}

/** What a batch does to a table that holds the last state of every row. */
export type LatestStep =
  | { readonly kind: 'create' }
  /** Every row is written anew. */
  | {
      readonly kind: 'overwrite';
      readonly delta: DeltaTable;
      readonly reason: string;
      /** False where nothing counts that was there before. */
      readonly keepsRows: boolean;
    }
  /** The changes are merged; of the rest of the table nothing is read but where its keys are. */
  | { readonly kind: 'changes'; readonly delta: DeltaTable }
  /** The table becomes a new full-load. Rows that are the same stay as they are, and are told as no change. */
  | { readonly kind: 'state'; readonly delta: DeltaTable };

/** Rows of a table as it is. */
export interface RowsBefore {
  /** A SELECT. */
  readonly sql: string;
  readonly columns: readonly SqlColumn[];
}

/** SQL: the rows that a step writes, or merges. @param before What the table has, of a step that keeps it. */
export function stepRows({ kind }: LatestStep, batch: LatestBatch, before?: RowsBefore): string {
  const { changes } = batch;
  if (kind === 'changes') return `SELECT * FROM ${changes ?? ''}`;
  const rows = batch.fullLoad ?? (before && castRows(before, batch));
  const columns = bronzeColumns(batch.schema).map(quoteName).join(', ');
  const kept = changes === undefined ? '' : `ANTI JOIN ${changes} AS c ON ${equalIn(batch.key, 'r', 'c')}`;
  return [
    ...(rows === undefined ? [] : [`SELECT ${columns} FROM (${rows}) AS r ${kept}`]),
    ...(changes === undefined ? [] : [`SELECT ${columns} FROM ${changes} WHERE ${CHANGE.operation} <> 'D'`]),
  ].join(' UNION ALL ');
}

/** SQL: whether a row of a merge's source has other values than the table's, in the table's own columns. */
export function differs({ schema, key }: BronzeBatch, known: readonly { readonly name: string }[]): string {
  const isKnown = byName(known);
  const columns = schema.filter(({ name }) => !key.some((each) => sameName(each, name)));
  const differing = columns.map(({ name }) => {
    const before = isKnown(name) === undefined ? 'NULL' : `target.${quoteName(name)}`;
    return `source.${quoteName(name)} IS DISTINCT FROM ${before}`;
  });
  return differing.length === 0 ? 'false' : differing.join(' OR ');
}

/** SQL: the rows of the table, in the columns and types that it is to have. */
function castRows(rows: RowsBefore, { schema }: BronzeBatch): string {
  const columns = typedColumns(schema, rows.columns);
  const added = [BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp].map(quoteName);
  return `SELECT ${[...columns, ...added].join(', ')} FROM (${rows.sql})`;
}
