import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSources } from '../../../src/medallion/build/sources.ts';
import { allDates } from '../../../src/medallion/build/cube-dates.ts';
import { emptyCubeRows } from '../../../src/medallion/build/cube-rows.ts';
import { openCube } from '../../../src/medallion/build/cube.ts';
import { computeInPasses } from '../../../src/medallion/build/passes.ts';
import { fullName } from '../../../src/medallion/layer.ts';
import { HelperTables } from '../../../src/delta/read/relation.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { loadModels } from '../../../src/medallion/models/load.ts';
import { request, useSilver } from './gold.ts';

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
    const sources = await openSources(tables, await request(tables, model), undefined);
    const cube = await openCube(tables, model, sources);
    const helpers = new HelperTables(tables.edge.engine);
    const compute = await allDates(cube);
    const rows = await emptyCubeRows(cube, helpers);
    const left = await computeInPasses(cube, compute, rows, helpers);
    const { incremental } = cube.understood;
    const plans = sources.map(({ table }) => {
      const asked = { key: [], changed: new Set([fullName(table)]), isOneToOne: false, prefix: 'p' };
      const plan = incremental.plan({ ...asked, isExact: () => true });
      return plan.kind === 'sums' ? [plan.kind, plan.instead?.kind] : [plan.kind];
    });
    await helpers.drop();
    await cube[Symbol.asyncDispose]();
    expect(compute).toHaveLength(70);
    // The first 28 days of churn have nobody before.
    expect(left).toEqual([]);
    expect(plans).toEqual(sources.map(() => ['sums', 'dates']));
  },
);
