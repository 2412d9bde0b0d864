import type { Snapshot } from '../../delta/log/snapshot.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import type { LayerTables } from '../layer-tables.ts';
import { isDated } from '../models/model.ts';
import { type LayerReport, withSpark } from '../report.ts';
import { SourceViews } from '../source-views.ts';
import { rowsBySpark } from './by-spark.ts';
import { commitRows, type Computed } from './commit.ts';
import { computeDates } from './compute-dates.ts';
import { openCube } from './cube.ts';
import { allDates, storedDates } from './cube-dates.ts';
import { asModel, modelSchema } from './model-error.ts';
import { OnSpark } from '../../spark/on-spark.ts';
import { openAsWritten, understandOver } from './understand.ts';

export type Whole = Pick<Computed, 'model' | 'target' | 'sources' | 'reason' | 'isFullRefresh'>;

/**
 * Computes all rows of a table, or all dates, and commits them in one commit. Spark computes them where there is one and it
 * has an equal for the SELECT.
 */
export async function makeWhole(tables: LayerTables, input: Whole): Promise<LayerReport> {
  const { model, sources, target } = input;
  if (!isDated(model)) return makeRows(tables, input);
  await using cube = await openCube(tables, model, sources);
  const { rows } = cube;
  const all = await allDates(cube);
  const dates = [...new Set([...all, ...(await storedDates(cube, target))])];
  const computed = await computeDates(cube, all, rows.helpers);
  const report = await commitRows(
    tables,
    { ...input, ...computed, dates, operation: 'rebuilt' },
    rows.helpers,
  );
  return withSpark(report, rows.spark, rows.refused);
}

async function makeRows(tables: LayerTables, input: Whole): Promise<LayerReport> {
  const { model, sources } = input;
  const { engine, cluster } = tables.edge;
  const { incremental } = await understandOver(tables, model, sources);
  const { isFollowed } = incremental;
  const computed = { ...input, operation: 'rebuilt', isFollowed } as const;
  await using spark = cluster && new OnSpark(tables.sparkEdge(model), cluster);
  const bySpark = spark && (await rowsBySpark(tables, spark, model, sources));
  await using views = new SourceViews(tables);
  await using helpers = new HelperTables(engine);
  if (bySpark?.kind === 'computed')
    return withSpark(await commitRows(tables, { ...computed, ...bySpark.rows }, helpers), spark);
  await openAsWritten(views, model, sources);
  const report = await asModel(model, async () => {
    await engine.describe(model.sql);
    const schema = await modelSchema(engine, model, model.sql);
    // Their key, each check and the comparison ask for all rows: few are computed once for these.
    const isOnce = input.isFullRefresh !== true && (await hasFewValues(input.target));
    const sql = isOnce ? `SELECT * FROM ${await helpers.createAs(model.sql)}` : model.sql;
    return commitRows(tables, { ...computed, sql, schema }, helpers);
  });
  return withSpark(report, spark, bySpark?.reason);
}

/** So many values take no more memory than any engine has. */
const FEW_VALUES = 20_000_000;

async function hasFewValues(target: Snapshot | undefined): Promise<boolean> {
  const rows = (await target?.countRows()) ?? Infinity;
  return rows * (target?.schema.fields.length ?? 0) <= FEW_VALUES;
}
