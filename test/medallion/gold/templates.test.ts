import { join } from 'node:path';
import { expect, test } from 'vitest';
import { additiveCube } from '../../../src/medallion/gold/additive-shape.ts';
import { allDates } from '../../../src/medallion/gold/cube-dates.ts';
import { emptyCubeRows } from '../../../src/medallion/gold/cube-rows.ts';
import { openCube } from '../../../src/medallion/gold/cube.ts';
import { computeInOnePass } from '../../../src/medallion/gold/one-pass.ts';
import { pathsToDates } from '../../../src/medallion/gold/reach.ts';
import { HelperTables } from '../../../src/delta/read/relation.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { loadModels } from '../../../src/medallion/models/load.ts';
import { useSilver } from './gold.ts';

const MODELS = join(import.meta.dirname, '..', '..', '..', 'examples', 'models');

let tables: LayerTables;
useSilver(
  {
    transacoes: `SELECT 't' || i AS idTransacao, 'c' || i % 5 AS idCliente, DATE '2024-01-01' + CAST(i % 70 AS INTEGER) AS dtDia, i AS nrPontosTransacao FROM range(90) AS r(i)`,
    transacao_produto: `SELECT 't' || i AS idTransacao, 'p' || i % 3 AS idProduto FROM range(60) AS r(i)`,
    produtos: `SELECT 'p' || i AS idProduto, 'P' || i AS descProduto FROM range(3) AS r(i)`,
    clientes: `SELECT 'c' || i AS idCliente, i % 2 AS flEmailCliente FROM range(5) AS r(i)`,
  },
  (opened) => {
    tables = opened;
  },
);

test.for(['daily', 'monthly', 'churn'])(
  'gold.%s of the loyalty system is a cube of sums, in one pass, and every source reaches its dates',
  async (name) => {
    const { models } = await loadModels(tables.edge.engine, MODELS);
    const model = models.find((each) => each.layer === 'gold' && each.name === name);
    if (model === undefined) throw new Error(`There is no gold.${name}.`);
    const cube = await openCube(tables, model, new Map());
    const helpers = new HelperTables(tables.edge.engine);
    const { compute } = await allDates(cube);
    const rows = await emptyCubeRows(cube, helpers);
    const { left, empty } = await computeInOnePass(cube, compute, rows, helpers);
    const shape = await additiveCube(cube);
    const ways = cube.sources.all.map((source) => pathsToDates(cube, source).kind);
    await helpers.drop();
    await cube[Symbol.asyncDispose]();
    expect(compute).toHaveLength(70);
    // The first 28 days of churn have nobody before.
    expect([...left, ...empty]).toEqual([]);
    expect(new Set(ways)).toEqual(new Set(['paths']));
    expect(shape?.key).toBe('idCliente');
  },
);
