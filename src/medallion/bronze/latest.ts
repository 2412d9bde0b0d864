import type { Merge } from '../../delta/merge/merge.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { ParquetFiles } from '../../delta/write/new-rows.ts';
import type { Engine } from '../../engine/engine.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { createdReport, type LayerReport, mergedReport } from '../report.ts';
import { bronzeColumns, CHANGE } from './columns.ts';
import { differs, type LatestBatch, type LatestStep, stepRows } from './latest-rows.ts';
import { overwriteTable, rewriteReason } from './whole-table.ts';

/**
 * Applies a batch to a bronze table that holds the last state of every row, in one commit.
 *
 * What does not go with the table as it is (the insert of a key that is there, the update or delete of one that is not)
 * ends in the row's last state all the same, and is counted in the report's reason.
 */
export async function applyLatest(
  tables: LayerTables,
  table: LayerTable,
  batch: LatestBatch,
): Promise<LayerReport> {
  const step = await latestStep(await tables.find(table), batch);
  await using before = step.kind === 'overwrite' && step.keepsRows ? await step.delta.read() : undefined;
  return await commitLatest(tables, table, step, batch, { rows: stepRows(step, batch, before) });
}

/** @param delta The table; undefined where there is none yet. */
export async function latestStep(
  delta: DeltaTable | undefined,
  { schema, anew, fullLoad }: LatestBatch,
): Promise<LatestStep> {
  if (delta === undefined) return { kind: 'create' };
  if (anew !== undefined) return { kind: 'overwrite', delta, reason: anew, keepsRows: false };
  const reason = rewriteReason((await delta.snapshot()).schema, schema, Object.values(BRONZE_COLUMNS));
  if (reason !== undefined) return { kind: 'overwrite', delta, reason, keepsRows: fullLoad === undefined };
  return { kind: fullLoad === undefined ? 'changes' : 'state', delta };
}

/** The rows of a step. */
export interface LatestRows {
  /** A SELECT, or, of a table that is written as a whole, files. */
  readonly rows: string | ParquetFiles;
  /** Of a merge: the rows of the table that it is about, as of `MergeOptions.found`, and their version. */
  readonly found?: { readonly sql: string; readonly version: number };
}

/** Writes, or merges, the rows of a step. */
export async function commitLatest(
  tables: LayerTables,
  table: LayerTable,
  step: LatestStep,
  batch: LatestBatch,
  { rows, found }: LatestRows,
): Promise<LayerReport> {
  const { app, key } = batch;
  if (step.kind === 'create')
    return createdReport(await tables.create(table, { rows, name: fullName(table), app }));
  if (step.kind === 'overwrite') return overwriteTable(step.delta, rows, app, step.reason);
  if (typeof rows !== 'string') throw new RangeError('Files are not merged.');
  const isOther = differs(batch, (await step.delta.snapshot()).schema.fields);
  const merge = step.delta.merge(rows, {
    on: key,
    app,
    mergeSchema: bronzeColumns(batch.schema),
    ...(found === undefined ? {} : { found: found.sql, ifVersion: found.version }),
  });
  return step.kind === 'changes'
    ? mergeChanges(tables.edge.engine, merge, rows, batch.isCompared ? isOther : 'true')
    : mergeState(merge, isOther);
}

async function mergeChanges(
  engine: Engine,
  merge: Merge,
  changes: string,
  isOther: string,
): Promise<LayerReport> {
  const isDelete = `source.${CHANGE.operation} = 'D'`;
  const wasInsert = `source.${CHANGE.first} = 'I'`;
  const result = await merge
    .whenMatchedDelete({ where: isDelete })
    .whenMatchedUpdateAll({ where: `(${isOther}) AND ${wasInsert}` })
    .whenMatchedUpdateAll({ where: isOther })
    .whenNotMatchedInsertAll({ where: `NOT (${isDelete}) AND ${wasInsert}` })
    .whenNotMatchedInsertAll({ where: `NOT (${isDelete})` })
    .execute();
  const [deleted = 0, insertsOfKnown = 0, , , updatesOfUnknown = 0] = result.clauseRows;
  const [counted] = await engine.rows(
    `SELECT count(*) FILTER (${CHANGE.operation} = 'D' AND ${CHANGE.first} <> 'I') AS n FROM (${changes})`,
  );
  return mergedReport(
    'updated',
    result,
    told(insertsOfKnown, 'inserts of keys that were there'),
    told(updatesOfUnknown, 'updates of keys that were not'),
    told(Number(counted?.['n'] ?? 0) - deleted, 'deletes of keys that were not'),
  );
}

async function mergeState(merge: Merge, isOther: string): Promise<LayerReport> {
  const result = await merge
    .whenMatchedUpdateAll({ where: isOther })
    .whenNotMatchedInsertAll()
    .whenNotMatchedBySourceDelete()
    .execute();
  return mergedReport('updated', result);
}

function told(count: number, what: string): string | undefined {
  return count > 0 ? `${count} ${what}` : undefined;
}
