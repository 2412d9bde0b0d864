import type { TableConfig } from '../../config/config.ts';
import { byName, describedType, sameName, type Schema } from '../../core/schema.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { deltaTypeOf } from '../../delta/schema/sql-schema.ts';
import type { LedgerEntry } from '../../lake/ledger-entry.ts';
import { refuseLayerColumns, takenInBronze } from '../column-names.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { OnSpark } from '../../spark/on-spark.ts';
import { retried } from '../build/retried.ts';
import { type LayerReport, NO_ROWS, sumReports, withSpark } from '../report.ts';
import { appliedRun, LEDGER_APP } from './applied-run.ts';
import { lackedColumns } from './columns.ts';
import { changesQuery, filesHere, type OpenFile } from './changes.ts';
import { applyLatest } from './latest.ts';
import { latestBatch } from './latest-batch.ts';
import { applyBySpark } from './latest-on-spark.ts';
import type { BronzeBatch } from './latest-rows.ts';
import { inGroups, type PendingFile } from './pending.ts';
import { keyAfter } from './progress.ts';
import { applyScd2 } from './scd2.ts';
import type { Scd2Step } from './scd2-versions.ts';

/**
 * Brings a bronze table up to the ledger, or `maxFilesPerRun` files closer to it: one commit, unless the table's key
 * has changed meanwhile, which takes one a key. A full-load under another key replaces all rows, which that need not
 * tell apart: with a history they are closed.
 *
 * @param pending The files that it has not applied, in the order of the ledger; of a table that is made anew all that count.
 * @param newest The newest entry of the ledger.
 * @param anew Why the table is made anew; undefined where it goes on from what it is.
 * @throws IgarapeError DELTA_CONFLICT, LAKE_…
 */
export async function applyOwnFiles(
  tables: LayerTables,
  config: TableConfig,
  pending: readonly PendingFile[],
  newest: LedgerEntry,
  anew: string | undefined,
): Promise<LayerReport> {
  const table = { layer: 'bronze', name: config.name } as const;
  const { schema = [] } = newest.tables[config.name] ?? {};
  refuseLayerColumns(
    fullName(table),
    schema,
    takenInBronze(config.history),
    `Rename it at its source, or by "columns" of a CSV file, then start the table anew: igarape run --reload ${config.name}`,
  );
  const most = anew === undefined ? (config.maxFilesPerRun ?? pending.length) : pending.length;
  const wanted = pending.slice(0, most);
  const before = await tables.newest(table);
  const rows = wanted.reduce((sum, { file }) => sum + file.rows, 0);
  await tables.fitEngine(before === undefined ? [] : [before], rows * schema.length);
  // A source that is started anew may spell its columns otherwise.
  const columnOf = byName(schema);
  let report: LayerReport | undefined;
  let keyBefore =
    anew === undefined ? await keyOf(tables, newest, config.name, wanted[0], before) : undefined;
  for (const files of inGroups(wanted, haveSameKey)) {
    const last = files.at(-1);
    const key = (last?.state.primaryKey ?? []).map((name) => columnOf(name)?.name ?? name);
    const isRekeyed =
      keyBefore !== undefined && files[0]?.file.kind === 'full-load' && !isSameKey(keyBefore, key);
    const rekeyed = isRekeyed ? `its key has become ${key.join(' + ')}` : undefined;
    const batch: BronzeBatch = {
      schema,
      key,
      app: { appId: LEDGER_APP, version: BigInt(last?.run ?? 0) },
      anew: report === undefined ? anew : undefined,
    };
    const applied =
      config.history === 'scd2'
        ? await applyScd2(tables, table, {
            ...batch,
            schema: withKey(schema, key),
            steps: await scd2Steps(files, withKey(schema, key), filesHere(tables.edge)),
            rekeyed,
          })
        : await applyLastChanges(tables, table, files, { ...batch, anew: batch.anew ?? rekeyed });
    report = report === undefined ? applied : sumReports(report, applied);
    keyBefore = key;
  }
  return report ?? (await withColumns(tables, table, before, schema));
}

/** Gives a table that has no changes the columns that have come. */
async function withColumns(
  tables: LayerTables,
  table: LayerTable,
  before: Snapshot | undefined,
  schema: Schema,
): Promise<LayerReport> {
  const lacked = lackedColumns(before, schema);
  if (lacked.length === 0) return { operation: 'unchanged', ...NO_ROWS, version: before?.version ?? null };
  const columns = lacked.map(({ name, type }) => ({ name, type: deltaTypeOf(describedType(type), name) }));
  const { version } = await (await tables.require(table)).addColumns(columns);
  return { operation: 'updated', ...NO_ROWS, version };
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

/** The key that the rows of a table have, as far as its first file asks for it. */
async function keyOf(
  { edge: { storage } }: LayerTables,
  newest: LedgerEntry,
  name: string,
  first: PendingFile | undefined,
  before: Snapshot | undefined,
): Promise<readonly string[] | undefined> {
  const applied = appliedRun(before);
  if (applied === undefined || first?.file.kind !== 'full-load') return undefined;
  return keyAfter(storage, newest, name, applied);
}

/**
 * The columns with those of a key that a table has had before it was started anew, without them: the full-load of then, which
 * follows, takes them away again.
 */
function withKey(schema: Schema, key: readonly string[]): Schema {
  const gone = key.filter((name) => !schema.some((column) => sameName(column.name, name)));
  return [...schema, ...gone.map((name) => ({ name, type: 'text' as const }))];
}

function haveSameKey({ state: left }: PendingFile, { state: right }: PendingFile): boolean {
  return isSameKey(left.primaryKey, right.primaryKey);
}

/** Neither their order nor letter case counts. */
function isSameKey(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.some((each) => sameName(each, name)));
}
