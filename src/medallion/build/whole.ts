import type { Snapshot } from '../../delta/log/snapshot.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { parseSql } from '../../engine/sql-tree.ts';
import type { LayerTables } from '../layer-tables.ts';
import { type LayerReport, withSpark } from '../report.ts';
import { SourceViews } from '../source-views.ts';
import { rowsBySpark } from './by-spark.ts';
import { commitRows, type Computed } from './commit.ts';
import { asModel, modelSchema } from './model-error.ts';
import { appliedVersions, madeOf } from './notes.ts';
import { OnSpark } from '../../spark/on-spark.ts';
import { hiddenColumns, understandOver } from './understand.ts';

/**
 * Computes all rows of a table, and commits them in one commit. Spark computes them where there is one and it has an equal
 * for the SELECT.
 */
export async function makeWhole(
  tables: LayerTables,
  input: Pick<Computed, 'model' | 'target' | 'sources' | 'reason' | 'isFullRefresh'>,
): Promise<LayerReport> {
  const { model, sources } = input;
  const { engine, cluster } = tables.edge;
  const parsed = await parseSql(engine, model.sql);
  const understood = await understandOver(tables, model, sources);
  const computed = {
    ...input,
    operation: 'rebuilt',
    isRowByRow: understood?.incremental.isRowByRow === true,
    notes: { ...appliedVersions(sources), configuration: madeOf(model, sources) },
  } as const;
  await using spark = cluster && new OnSpark(tables.sparkEdge(model), cluster);
  const bySpark =
    spark === undefined || parsed.kind !== 'parsed'
      ? undefined
      : await rowsBySpark(tables, spark, { model, sources, tree: parsed.tree });
  const views = new SourceViews(tables);
  const helpers = new HelperTables(engine);
  try {
    if (bySpark?.kind === 'computed')
      return withSpark(await commitRows(tables, { ...computed, ...bySpark.rows }, helpers), spark);
    for (const { table, wanted } of sources) {
      const without = parsed.kind === 'parsed' ? hiddenColumns(table, parsed.tree) : [];
      await views.open(table, { at: wanted.version, without });
    }
    const report = await asModel(model, async () => {
      await engine.describe(model.sql);
      const schema = await modelSchema(engine, model, model.sql);
      // Their key, each check and the comparison ask for all rows: few are computed once for these.
      const isOnce = input.isFullRefresh !== true && (await hasFewValues(input.target));
      const sql = isOnce ? `SELECT * FROM ${await helpers.createAs(model.sql)}` : model.sql;
      return commitRows(tables, { ...computed, sql, schema }, helpers);
    });
    return withSpark(report, spark, bySpark?.reason);
  } finally {
    await helpers.drop();
    await views.release();
  }
}

/** So many values take no more memory than any engine has. */
const FEW_VALUES = 20_000_000;

async function hasFewValues(target: Snapshot | undefined): Promise<boolean> {
  const rows = (await target?.countRows()) ?? Infinity;
  return rows * (target?.schema.fields.length ?? 0) <= FEW_VALUES;
}
