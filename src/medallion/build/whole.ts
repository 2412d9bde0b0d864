import { HelperTables } from '../../delta/read/relation.ts';
import type { ParquetFiles } from '../../delta/write/new-rows.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { needsMapping } from '../../delta/schema/map-columns.ts';
import { parseSql } from '../../engine/sql-tree.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import {
  createdReport,
  heldReport,
  type LayerReport,
  mergedReport,
  overwrittenReport,
  withSpark,
} from '../report.ts';
import { SourceViews } from '../source-views.ts';
import { check } from './checked.ts';
import { haveSameColumns } from './columns-alike.ts';
import { differences, isLarge } from './differences.ts';
import { checkKeys, keyColumns } from './keys.ts';
import { mergeRows } from './merge-rows.ts';
import { rowsBySpark, type SparkRows } from './by-spark.ts';
import { asModel, modelSchema } from './model-error.ts';
import { appliedVersions, madeOf, ONE_TO_ONE_PROPERTY } from './notes.ts';
import { OnSpark } from './on-spark.ts';
import type { Source } from './sources.ts';
import { hiddenColumns, understandOver } from './understand.ts';

/** What a table is made by as a whole. */
export interface WholeInput {
  readonly model: Model;
  /** The table as it is; undefined where there is none yet. */
  readonly target: Snapshot | undefined;
  readonly sources: readonly Source[];
  /** Why it is made anew; undefined where it is made for the first time. */
  readonly reason: string | undefined;
  /** True where nothing counts that was there before. */
  readonly isFullRefresh: boolean;
}

/**
 * Computes all rows of a table, and commits them in one commit. Spark computes them where there is one and it has an equal
 * for the SELECT.
 */
export async function makeWhole(tables: LayerTables, input: WholeInput): Promise<LayerReport> {
  const { model, sources } = input;
  const { engine, cluster } = tables.edge;
  const parsed = await parseSql(engine, model.sql);
  const understood = await understandOver(tables, model, sources);
  const mayBeOneToOne = understood?.incremental.isRowByRow === true;
  await using spark = cluster && new OnSpark(tables, cluster, model);
  const bySpark =
    spark === undefined || parsed.kind !== 'parsed'
      ? undefined
      : await rowsBySpark(tables, spark, { model, sources, tree: parsed.tree });
  const views = new SourceViews(tables);
  const helpers = new HelperTables(engine);
  try {
    if (bySpark?.kind === 'computed')
      return withSpark(await makeFrom(tables, input, { ...bySpark.rows, mayBeOneToOne }, helpers), spark);
    for (const { table, wanted } of sources) {
      const without = parsed.kind === 'parsed' ? hiddenColumns(table, parsed.tree) : [];
      await views.open(table, { at: wanted.version, without });
    }
    const report = await asModel(model, async () => {
      await engine.describe(model.sql);
      const schema = await modelSchema(engine, model, model.sql);
      return makeFrom(tables, input, { sql: model.sql, schema, take: undefined, mayBeOneToOne }, helpers);
    });
    return withSpark(report, spark, bySpark?.reason);
  } finally {
    await helpers.drop();
    await views.release();
  }
}

interface ComputedRows extends Pick<SparkRows, 'sql' | 'schema' | 'take'> {
  readonly mayBeOneToOne: boolean;
}

async function makeFrom(
  tables: LayerTables,
  { model, target, sources, reason, isFullRefresh }: WholeInput,
  { sql, schema, take, mayBeOneToOne }: ComputedRows,
  helpers: HelperTables,
): Promise<LayerReport> {
  const { engine } = tables.edge;
  const key = keyColumns(
    model,
    schema.fields.map(({ name }) => name),
  );
  const kept = await checkKeys(engine, sql, key, helpers);
  if (kept.kind === 'broken') return heldReport(target?.version ?? null, kept.reason);
  const rows = `SELECT ${kept.isSet ? '' : 'DISTINCT '}* FROM (${sql})`;
  // A table that is there calls such columns otherwise in its files.
  const hasNames = target === undefined || (target.mapping === 'none' && !needsMapping(schema));
  const written = (): string | ParquetFiles => (kept.isSet && hasNames ? take?.() : undefined) ?? rows;
  const checked = await check(tables, model, { all: rows }, sources);
  if (checked.isHeld) return heldReport(target?.version ?? null, checked.reason ?? '');
  const isOneToOne = mayBeOneToOne && kept.isSet;
  const configuration = { ...madeOf(model, sources), [ONE_TO_ONE_PROPERTY]: String(isOneToOne) };
  const made = { ...appliedVersions(sources), configuration };
  if (target === undefined) {
    const { description } = model.header;
    const options = { name: fullName(model), ...(description === undefined ? {} : { description }) };
    const delta = await tables.create(model, { rows: written(), ...options, ...made });
    return createdReport(delta, checked.reason);
  }
  const delta = await tables.require(model);
  const options = { ...made, ifVersion: target.version };
  if (haveSameColumns(schema, target.schema) && !(isFullRefresh && (await isLarge(target)))) {
    const changes = await differences(engine, delta, target, { rows, schema, key }, helpers);
    if (changes !== undefined)
      return mergedReport('rebuilt', await mergeRows(delta, changes, key, options), reason, checked.reason);
  }
  const { rows: deleted } = await delta.describe(target.version);
  const result = await delta.overwrite(written(), { overwriteSchema: true, ...options });
  return overwrittenReport(result, deleted ?? 0, reason, checked.reason);
}
