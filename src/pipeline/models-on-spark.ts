import { join } from 'node:path';
import { EngineError } from '../core/errors.ts';
import { sqlColumns } from '../delta/schema/sql-schema.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import { lineAt } from '../engine/sql-tree.ts';
import type { StructType } from '../delta/schema/schema.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import { bindParameters } from '../medallion/models/bind.ts';
import type { Model } from '../medallion/models/model.ts';
import type { TriedModel } from '../medallion/models/try-models.ts';
import { renderSpark } from '../spark/dialect/render.ts';

/** Why a model cannot be computed by Spark. */
export interface SparkRefusal {
  /** The line of the model's file, from 1; null where that is not known. */
  readonly line: number | null;
  /** What Spark has no equal for, e.g. `mode(VARCHAR)`. */
  readonly what: string;
}

/**
 * Of models that fit, by full name, everything in their SELECTs that Spark has no equal for: a model of
 * which there is nothing runs there. No Spark is asked.
 *
 * @param given The columns of bronze tables and seeds.
 */
export async function modelsOnSpark(
  folder: string,
  models: readonly Model[],
  tried: ReadonlyMap<string, TriedModel>,
  given: ReadonlyMap<LayerTable, StructType>,
): Promise<ReadonlyMap<string, readonly SparkRefusal[]>> {
  const engine = Engine.open({ memoryLimit: '200MB', spillDir: join(folder, 'spark'), threads: 1 });
  try {
    for (const [table, { fields }] of given) await createEmpty(engine, table, sqlColumns(fields));
    const found = new Map<string, readonly SparkRefusal[]>();
    for (const model of models) {
      const outcome = tried.get(fullName(model));
      if (outcome?.kind === 'fits') await createEmpty(engine, model, sqlColumns(outcome.schema.fields));
    }
    for (const model of models)
      if (tried.get(fullName(model))?.kind === 'fits')
        found.set(fullName(model), await refusalsOf(engine, model));
    return found;
  } finally {
    engine.close();
  }
}

async function createEmpty(
  engine: Engine,
  { layer, name }: LayerTable,
  columns: readonly SqlColumn[],
): Promise<void> {
  await engine.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(layer)}`);
  const list = columns.map((column) => `${quoteName(column.name)} ${column.type}`);
  await engine.run(`CREATE TABLE ${quoteName(layer)}.${quoteName(name)} (${list.join(', ')})`);
}

async function refusalsOf(engine: Engine, model: Model): Promise<readonly SparkRefusal[]> {
  // Any date: none of it is in the outcome.
  const bound = await bindParameters(engine, model, new Map([['dt_ref', `DATE '2024-01-01'`]]));
  const isAsWritten = bound.sql !== bound.canonical;
  return refused(engine, bound.sql, (offset) =>
    isAsWritten && offset !== undefined ? lineAt(bound.sql, offset) : null,
  );
}

async function refused(
  engine: Engine,
  sql: string,
  lineOf: (offset: number | undefined) => number | null,
): Promise<readonly SparkRefusal[]> {
  try {
    const rendered = await renderSpark(engine, sql, (layer, name) => `${layer}.${name}`);
    return rendered.kind === 'rendered'
      ? []
      : rendered.refusals.map(({ what, offset }) => ({ line: lineOf(offset), what }));
  } catch (error) {
    if (!(error instanceof EngineError) || error.isInternal) throw error;
    return [{ line: null, what: 'a statement that DuckDB gives no plan of' }];
  }
}
