import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoTables, writeDemoDay } from '../../../src/cli/demo/data.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Row } from '../../../src/engine/result-rows.ts';
import { quoteText } from '../../../src/engine/quote.ts';
import { fullName } from '../../../src/medallion/layer.ts';
import type { ModelSet } from '../../../src/medallion/models/graph.ts';
import { useTempDir } from '../../support/tmp.ts';
import { buildSilver, cube, templates } from './templates.ts';

let engine: Engine;
let set: ModelSet;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
  await engine.run('CREATE SCHEMA bronze');
  set = await templates(engine);
});
afterAll(() => engine.close());

test('they are valid, and in an order in which they can be built', () => {
  expect(set.models.map(fullName)).toEqual([
    'silver.clientes',
    'silver.produtos',
    'silver.transacoes',
    'silver.transacao_produto',
    'gold.churn',
    'gold.daily',
    'gold.monthly',
  ]);
});

describe('of a few rows, by hand,', () => {
  beforeAll(async () => {
    await bronze(
      'clientes',
      '(idCliente, qtdePontos, flEmail, flTwitch, flYouTube, flBlueSky, flInstagram, DtCriacao, DtAtualizacao)',
      [
        `('c1', 200, 1, 0, 0, 0, 0, '2024-02-01 00:00:00.000', '2025-03-10 10:00:00.000')`,
        `('c2', 50, 0, 0, 0, 0, 0, 'yesterday', '')`,
        `('c3', 0, 0, 0, 0, 0, 0, '2024-02-01 00:00:00.000', NULL)`,
      ],
    );
    await bronze('produtos', '(IdProduto, DescNomeProduto, DescDescricaoProduto, DescCategoriaProduto)', [
      `(1, 'A', NULL, 'x')`,
      `(2, 'B', NULL, 'x')`,
    ]);
    await bronze('transacoes', '(IdTransacao, IdCliente, DtCriacao, QtdePontos, DescSistemaOrigem)', [
      // The day: 100 points with two products, 50 with none, up to its last instant.
      `('t1', 'c1', '2025-03-10 00:00:00.000', 100, 'x')`,
      `('t2', 'c2', '2025-03-10 23:59:59.999', 50, 'x')`,
      // The first day of the 28: the same product twice. Then the day before it, and the last day of the 28 before.
      `('t3', 'c1', '2025-02-11 12:00:00.000', -30, 'x')`,
      `('t4', 'c3', '2025-02-10 12:00:00.000', 7, 'x')`,
      `('t5', 'c1', '2025-01-14 12:00:00.000', 5, 'x')`,
      // A day too early even for churn.
      `('t6', 'c9', '2025-01-13 12:00:00.000', 5, 'x')`,
    ]);
    await bronze(
      'transacao_produto',
      '(idTransacaoProduto, IdTransacao, IdProduto, QtdeProduto, vlProduto)',
      [
        `('i1', 't1', 1, 1, 60)`,
        `('i2', 't1', 2, 1, 40)`,
        `('i3', 't3', 1, 1, -10)`,
        `('i4', 't3', 1, 2, -10)`,
        `('i5', 't4', 2, 1, 7)`,
        `('i6', 't6', 3, 1, 5)`,
      ],
    );
    await buildSilver(engine, set);
  });

  test('times are typed; a text that is none is null, for the check of nulls to find', async () => {
    expect(
      await engine.rows('SELECT idCliente, dtCriacao::VARCHAR AS d FROM silver.clientes ORDER BY 1'),
    ).toEqual([
      { idCliente: 'c1', d: '2024-02-01 00:00:00' },
      { idCliente: 'c2', d: null },
      { idCliente: 'c3', d: '2024-02-01 00:00:00' },
    ]);
    const clientes = set.models.find((model) => fullName(model) === 'silver.clientes');
    expect(clientes?.header.checks.map(({ rule }) => rule)).toContainEqual({
      kind: 'not_null',
      columns: ['idCliente', 'dtCriacao'],
    });
  });

  test('a day has each transaction once, however many products it has, and tells no product from all', async () => {
    const columns =
      'nivel, descProduto, nrTransacoes, nrClientes, nrPontos, nrPontosPositivos, nrPontosNegativos';
    expect(await cube(engine, set, 'gold.daily', '2025-03-10', columns)).toEqual([
      row(0n, null, 1n, 1n, 50n, 50n, 0n),
      row(0n, 'A', 1n, 1n, 100n, 100n, 0n),
      row(0n, 'B', 1n, 1n, 100n, 100n, 0n),
      row(1n, null, 2n, 2n, 150n, 150n, 0n),
    ]);
  });

  test('a month is 28 days, its last one included', async () => {
    const columns =
      'nivel, descProduto, nrTransacoes, nrClientes, nrPontos, nrPontosPositivos, nrPontosNegativos';
    expect(await cube(engine, set, 'gold.monthly', '2025-03-10', columns)).toEqual([
      row(0n, null, 1n, 1n, 50n, 50n, 0n),
      row(0n, 'A', 2n, 1n, 70n, 100n, -30n),
      row(0n, 'B', 1n, 1n, 100n, 100n, 0n),
      row(1n, null, 3n, 2n, 120n, 150n, -30n),
    ]);
    expect(
      await cube(engine, set, 'gold.monthly', '2025-03-10', 'nivel, nrTransacoesPorCliente'),
    ).toContainEqual({ nivel: 1n, nrTransacoesPorCliente: 1.5 });
  });

  test('churn is the share of those who came in the 28 days before, and not in the last 28', async () => {
    const columns = 'nivel, flEmailCliente, nrClientesAntes, nrClientesAgora, nrClientesPerdidos, prChurn';
    expect(await cube(engine, set, 'gold.churn', '2025-03-10', columns)).toEqual(
      [
        [0n, 0, 1n, 1n, 1n, 1],
        [0n, 1, 1n, 1n, 0n, 0],
        [1n, null, 2n, 2n, 1n, 0.5],
      ].map(([nivel, flEmailCliente, nrClientesAntes, nrClientesAgora, nrClientesPerdidos, prChurn]) => ({
        nivel,
        flEmailCliente,
        nrClientesAntes,
        nrClientesAgora,
        nrClientesPerdidos,
        prChurn,
      })),
    );
  });

  test('churn of nobody is null, and a date with nothing in its window has no row', async () => {
    expect(await cube(engine, set, 'gold.churn', '2025-01-13', 'nivel, nrClientesAntes, prChurn')).toEqual([
      { nivel: 0n, nrClientesAntes: 0n, prChurn: null },
      { nivel: 1n, nrClientesAntes: 0n, prChurn: null },
    ]);
    for (const name of ['gold.churn', 'gold.daily', 'gold.monthly']) {
      expect(await cube(engine, set, name, '2024-01-01', '*')).toEqual([]);
    }
  });

  test('the key of a cube tells its rows apart, and dates are dates', async () => {
    for (const name of ['daily', 'monthly', 'churn']) {
      const model = set.models.find((each) => each.layer === 'gold' && each.name === name);
      const key = model?.header.key.join(', ') ?? '';
      const rows = await cube(engine, set, `gold.${name}`, '2025-03-10', `${key}, typeof(dt_ref) AS type`);
      expect(new Set(rows.map((each) => JSON.stringify(Object.values(each).map(String)))).size).toBe(
        rows.length,
      );
      expect(new Set(rows.map((each) => each['type']))).toEqual(new Set(['DATE']));
    }
  });
});

describe('of the demonstration', () => {
  const dir = useTempDir();

  test('they find every column, and the cube of a month has the points of its transactions', async () => {
    await writeDemoDay(engine, 1, dir(), { clients: 200, transactions: 2000 });
    for (const { name } of demoTables) {
      await engine.run(
        `CREATE OR REPLACE TABLE bronze.${name} AS FROM read_csv(${quoteText(`${dir()}/${name}.csv`)}, delim = ';')`,
      );
    }
    await buildSilver(engine, set);
    const [month] = await engine.rows(
      `SELECT sum(nrPontosTransacao)::BIGINT AS points, count(*) AS n FROM silver.transacoes WHERE dtDia BETWEEN DATE '2025-02-11' AND DATE '2025-03-10'`,
    );
    const [whole] = await cube(
      engine,
      set,
      'gold.monthly',
      '2025-03-10',
      'nrPontos AS points, nrTransacoes AS n, nivel',
    ).then((rows) => rows.filter(({ nivel }) => nivel === 1n));
    expect(whole).toMatchObject({ ...month });
    expect(Number(whole?.['n'])).toBeGreaterThan(50);
  });
});

function row(
  nivel: bigint,
  descProduto: string | null,
  nrTransacoes: bigint,
  nrClientes: bigint,
  nrPontos: bigint,
  nrPontosPositivos: bigint,
  nrPontosNegativos: bigint,
): Row {
  return { nivel, descProduto, nrTransacoes, nrClientes, nrPontos, nrPontosPositivos, nrPontosNegativos };
}

async function bronze(name: string, columns: string, rows: readonly string[]): Promise<void> {
  await engine.run(
    `CREATE OR REPLACE TABLE bronze.${name} AS SELECT * FROM (VALUES ${rows.join(', ')}) AS v${columns}`,
  );
}
