import type { TableConfig } from '../../config/config.ts';
import type { Schema } from '../../core/schema.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import type { LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { OnSpark } from '../../spark/on-spark.ts';
import { retried } from '../build/retried.ts';
import { type LayerReport, NO_ROWS, sumReports, withSpark } from '../report.ts';
import { LEDGER_APP } from './applied-run.ts';
import { changesQuery, filesHere, type OpenFile } from './changes.ts';
import { applyLatest } from './latest.ts';
import { latestBatch } from './latest-batch.ts';
import { applyBySpark } from './latest-on-spark.ts';
import type { BronzeBatch } from './latest-rows.ts';
import { inGroups, type PendingFile } from './pending.ts';
import { applyScd2 } from './scd2.ts';
import type { Scd2Step } from './scd2-versions.ts';

/**
 * Brings a bronze table up to the ledger, or `maxFilesPerRun` files closer to it: one commit, unless the table's key
 * has changed meanwhile, which takes one a key.
 *
 * @param pending The files that it has not applied, in the order of the ledger; for a full refresh all that count.
 * @param schema The table's columns by the newest entry of the ledger.
 * @throws IgarapeError DELTA_CONFLICT, LAKE_…
 */
export async function applyOwnFiles(
  tables: LayerTables,
  config: TableConfig,
  pending: readonly PendingFile[],
  schema: Schema,
  fullRefresh: boolean,
): Promise<LayerReport> {
  const table = { layer: 'bronze', name: config.name } as const;
  const most = fullRefresh ? pending.length : (config.maxFilesPerRun ?? pending.length);
  const wanted = pending.slice(0, most);
  const before = await tables.newest(table);
  const rows = wanted.reduce((sum, { file }) => sum + file.rows, 0);
  await tables.fitEngine(before === undefined ? [] : [before], rows * schema.length);
  let report: LayerReport | undefined;
  for (const files of inGroups(wanted, haveSameKey)) {
    const last = files.at(-1);
    const batch: BronzeBatch = {
      schema,
      key: last?.state.primaryKey ?? [],
      app: { appId: LEDGER_APP, version: BigInt(last?.run ?? 0) },
      anew: fullRefresh && report === undefined ? 'a full refresh was asked for' : undefined,
    };
    const applied =
      config.history === 'scd2'
        ? await applyScd2(tables, table, {
            ...batch,
            steps: await scd2Steps(files, schema, filesHere(tables.edge)),
          })
        : await applyLastChanges(tables, table, files, batch);
    report = report === undefined ? applied : sumReports(report, applied);
  }
  return report ?? { operation: 'unchanged', ...NO_ROWS, version: before?.version ?? null };
}

/** Spark computes the rows where there is one, and it has an equal for them. */
async function applyLastChanges(
  tables: LayerTables,
  table: LayerTable,
  files: readonly PendingFile[],
  batch: BronzeBatch,
): Promise<LayerReport> {
  const { engine, cluster, log } = tables.edge;
  await using spark = cluster && new OnSpark(tables.sparkEdge(table), cluster);
  const bySpark =
    spark && (await retried(log, table, () => applyBySpark(tables, spark, table, files, batch)));
  if (bySpark?.kind === 'applied') return withSpark(bySpark.report, spark);
  await using helpers = new HelperTables(engine);
  const keep = (select: string): Promise<string> => helpers.createAs(select);
  const latest = await latestBatch(files, batch, filesHere(tables.edge), keep);
  return withSpark(await applyLatest(tables, table, latest), spark, bySpark?.reason);
}

/** Files, in the order of the ledger, as steps of a table with a history: a full-load is one by itself. */
async function scd2Steps(files: readonly PendingFile[], schema: Schema, open: OpenFile): Promise<Scd2Step[]> {
  const steps: Scd2Step[] = [];
  for (const group of inGroups(files, (left, right) => left.file.kind === 'cdc' && right.file.kind === 'cdc'))
    for (const { file, timeMicros } of group.slice(0, 1))
      steps.push({
        kind: file.kind === 'full-load' ? 'full-load' : 'changes',
        rows: await changesQuery(group, schema, open),
        atMicros: timeMicros,
      });
  return steps;
}

function haveSameKey({ state: left }: PendingFile, { state: right }: PendingFile): boolean {
  return left.primaryKey.join('\0') === right.primaryKey.join('\0');
}
