import { join } from 'node:path';
import type { Engine } from '../../../src/engine/engine.ts';
import type { Row } from '../../../src/engine/result-rows.ts';
import { fullName } from '../../../src/medallion/layer.ts';
import { loadModels } from '../../../src/medallion/models/load.ts';
import type { ModelSet } from '../../../src/medallion/models/graph.ts';
import type { Model } from '../../../src/medallion/models/model.ts';

const FOLDER = join(import.meta.dirname, '../../../examples/models');

/** The models that the package brings, over bronze tables that the engine has. */
export async function templates(engine: Engine): Promise<ModelSet> {
  return loadModels(engine, FOLDER, {
    tables: ['clientes', 'transacoes', 'transacao_produto', 'produtos'],
  });
}

/** Makes the silver tables in the engine, in the order of the set. */
export async function buildSilver(engine: Engine, { models }: ModelSet): Promise<void> {
  await engine.run('CREATE SCHEMA IF NOT EXISTS silver');
  for (const { layer, name, sql } of models) {
    if (layer === 'silver') await engine.run(`CREATE OR REPLACE TABLE silver.${name} AS ${sql}`);
  }
}

/** The rows of a cube on a date. */
export async function cube(
  engine: Engine,
  { models }: ModelSet,
  name: string,
  date: string,
  columns: string,
): Promise<Row[]> {
  return engine.rows(
    `SELECT ${columns} FROM (${onDate(modelOf(models, name), date)}) ORDER BY ALL NULLS FIRST`,
  );
}

function modelOf(models: readonly Model[], name: string): Model {
  const found = models.find((model) => fullName(model) === name);
  if (found === undefined) throw new Error(`There is no model ${name}`);
  return found;
}

function onDate({ sql }: Model, date: string): string {
  return sql.replaceAll('$dt_ref', `DATE '${date}'`);
}
