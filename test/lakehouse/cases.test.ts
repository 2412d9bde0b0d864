import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { layerChanges, layerRows } from '../support/layers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

/** Cases where pipelines of notebooks go wrong, in the whole stream of the loyalty system with the package's models. */
const dir = useTempDir();
const MODELS = join(import.meta.dirname, '../../examples/models');
const KEYS = {
  clientes: 'idCliente',
  produtos: 'IdProduto',
  transacoes: 'IdTransacao',
  transacao_produto: 'idTransacaoProduto',
};

let scenario: Scenario;
let lake: string;

beforeEach(async () => {
  lake = join(dir(), 'lake');
  await cp(MODELS, join(dir(), 'models'), { recursive: true });
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    models: './models',
    tables: Object.entries(KEYS).map(([name, pk]) => ({
      name,
      pk,
      max_delete_ratio: 1,
      max_update_ratio: 1,
    })),
  });
  await scenario.write(
    'clientes.csv',
    `idCliente,flEmail,flTwitch,flYouTube,flBlueSky,flInstagram,qtdePontos,DtCriacao,DtAtualizacao
c1,1,0,0,0,0,100,2024-01-01 00:00:00,2024-03-01 00:00:00
c2,0,0,0,0,0,50,2024-01-01 00:00:00,2024-03-01 00:00:00
`,
  );
  await scenario.write(
    'produtos.csv',
    'IdProduto,DescNomeProduto,DescDescricaoProduto,DescCategoriaProduto\n1,A,a,x\n2,B,b,x\n',
  );
  await scenario.write(
    'transacao_produto.csv',
    'idTransacaoProduto,IdTransacao,IdProduto,QtdeProduto,vlProduto\ni1,t1,1,1,60\ni2,t1,2,1,40\n',
  );
  await transactions('t1,c1,2024-03-01 10:00:00,100,web', 't2,c2,2024-03-01 11:00:00,50,web');
});

async function transactions(...lines: readonly string[]): Promise<void> {
  const header = 'IdTransacao,IdCliente,DtCriacao,QtdePontos,DescSistemaOrigem';
  await scenario.write('transacoes.csv', [header, ...lines, ''].join('\n'));
}

/** The dates of a cube whose rows a version has changed. */
async function changedDates(table: string, from: number): Promise<string[]> {
  const changes = await layerChanges(lake, table, from);
  return [...new Set(changes.map((row) => JSON.stringify(row['dt_ref']).slice(1, -1)))].toSorted();
}

async function versionOf(table: string): Promise<number> {
  await using delta = await DeltaTable.open(join(lake, ...table.split('.')));
  return (await delta.snapshot()).version;
}

test('W28, W29: a day’s points count once however many products a transaction has, and its total is told by the level', async () => {
  await scenario.run();
  const rows = await layerRows(lake, 'gold.daily', { columns: ['nivel', 'descProduto', 'nrPontos'] });
  expect(rows).toHaveLength(4);
  expect(rows).toEqual(
    expect.arrayContaining([
      { nivel: 0n, descProduto: null, nrPontos: 50n },
      { nivel: 0n, descProduto: 'A', nrPontos: 100n },
      { nivel: 0n, descProduto: 'B', nrPontos: 100n },
      { nivel: 1n, descProduto: null, nrPontos: 150n },
    ]),
  );
});

test('W32: a transaction that comes late, or moves, changes the dates that look back at its days, and no other', async () => {
  const last = 't9,c2,2024-05-20 11:00:00,5,web';
  await transactions('t1,c1,2024-03-01 10:00:00,100,web', last);
  await scenario.run();
  await transactions('t1,c1,2024-03-01 10:00:00,100,web', 't2,c2,2024-02-27 10:00:00,10,web', last);
  expect((await scenario.run()).exitCode).toBe(0);
  expect(await changedDates('gold.daily', 1)).toEqual(['2024-02-27']);
  const monthly = await changedDates('gold.monthly', 1);
  expect([monthly[0], monthly.at(-1), monthly.length]).toEqual(['2024-02-27', '2024-03-25', 28]);
  const churn = await changedDates('gold.churn', 1);
  expect([churn[0], churn.at(-1), churn.length]).toEqual(['2024-02-27', '2024-04-22', 56]);

  await transactions('t1,c1,2024-03-01 10:00:00,100,web', 't2,c2,2024-03-05 10:00:00,10,web', last);
  await scenario.run();
  expect(await changedDates('gold.daily', 2)).toEqual(['2024-02-27', '2024-03-05']);
});

test('W35: where no transaction is left no date is, and that is no error', async () => {
  await scenario.run();
  await transactions();
  const { exitCode, report } = await scenario.run({ approve: ['transacoes'] });
  expect(exitCode).toBe(0);
  expect(report.layers?.['gold.daily']).toMatchObject({ operation: 'updated', inserted: 0 });
  for (const name of ['daily', 'monthly', 'churn']) expect(await layerRows(lake, `gold.${name}`)).toEqual([]);
});

test('W37, W38: churn of a month before which nobody came is null, not a division by nought', async () => {
  await scenario.run();
  const rows = await layerRows(lake, 'gold.churn', { columns: ['nivel', 'nrClientesAntes', 'prChurn'] });
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatchObject({ nrClientesAntes: 0n, prChurn: null });
});

test('W40: a text that is no date is told, and held, before its row vanishes from a day', async () => {
  await scenario.run();
  const before = await layerRows(lake, 'gold.daily');
  await transactions('t1,c1,2024-03-01 10:00:00,100,web', 't2,c2,yesterday,50,web');
  const { exitCode, report } = await scenario.run({ approve: ['transacoes'] });
  expect(exitCode).toBe(4);
  expect(report.layers?.['silver.transacoes']).toMatchObject({
    operation: 'held',
    reason: expect.stringContaining('idTransacao: t2') as string,
  });
  expect(report.layers?.['gold.daily']?.operation).toBe('skipped');
  expect(await layerRows(lake, 'gold.daily')).toEqual(before);
});

test('W41: the cubes of a run read the same silver versions, and note which', async () => {
  await scenario.run();
  await transactions('t1,c1,2024-03-01 10:00:00,100,web', 't2,c2,2024-03-02 11:00:00,51,web');
  await scenario.run();
  const noted: (bigint | undefined)[] = [];
  for (const name of ['daily', 'monthly', 'churn']) {
    await using delta = await DeltaTable.open(join(lake, 'gold', name));
    noted.push((await delta.snapshot()).state.transactions.get('igarape:silver.transacoes')?.version);
  }
  expect(noted).toEqual([1n, 1n, 1n]);
});

test('W14, W15: the feed is on from version 0 in every layer, and a reload tells what differs alone', async () => {
  const { report } = await scenario.run();
  for (const [name, { inserted }] of Object.entries(report.layers ?? {}))
    expect(await layerChanges(lake, name, 0), name).toHaveLength(inserted);
  await transactions('t1,c1,2024-03-01 10:00:00,100,web', 't2,c2,2024-03-01 11:00:00,51,web');
  await scenario.run({ reload: ['transacoes', 'clientes'] });
  for (const name of ['bronze.transacoes', 'silver.transacoes'])
    expect(
      (await layerChanges(lake, name, 1)).map((row) => row['_change_type']).toSorted(byText),
      name,
    ).toEqual(['update_postimage', 'update_preimage']);
  expect(await layerRows(lake, 'silver.clientes')).toHaveLength(2);
  expect(await versionOf('silver.produtos')).toBe(0);
});

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
