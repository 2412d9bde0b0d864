import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoTables, writeDemoDay } from '../../src/cli/demo/data.ts';
import { init, type InitResult } from '../../src/cli/init/init.ts';
import { WIDE } from '../../src/cli/render/layout.ts';
import { renderInit } from '../../src/cli/render/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Engine } from '../../src/engine/engine.ts';
import { fullName } from '../../src/medallion/layer.ts';
import { loadModels } from '../../src/medallion/models/load.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** What `init --lakehouse --yes` has done, and the models as a run reads them. */
async function lakehouse(example = false): Promise<{ result: InitResult; models: string[] }> {
  const result = await init({ yes: true, lakehouse: true, example, directory: dir() });
  const { config } = await loadConfig({ cwd: dir(), env: {} });
  expect(config.layers).toEqual(['bronze', 'silver', 'gold']);
  const engine = Engine.open({ memoryLimit: '256MB', spillDir: dir(), threads: 1 });
  try {
    const tables = config.tables.map(({ name }) => name);
    const { models } = await loadModels(engine, config.models, { tables });
    return { result, models: models.map(fullName) };
  } finally {
    engine.close();
  }
}

const TEMPLATES = [
  'silver.clientes',
  'silver.produtos',
  'silver.transacoes',
  'silver.transacao_produto',
  'gold.churn',
  'gold.daily',
  'gold.monthly',
];

test('the tables of the loyalty system get its models', async () => {
  const engine = Engine.open({ memoryLimit: '256MB', spillDir: dir(), threads: 1 });
  await writeDemoDay(engine, 1, join(dir(), 'data'), { clients: 100, transactions: 200 });
  engine.close();
  const { result, models } = await lakehouse();
  expect(models).toEqual(TEMPLATES);
  expect(result.tables.map(({ name }) => name).toSorted()).toEqual(
    demoTables.map(({ name }) => name).toSorted(),
  );
  expect(result.written).toContain('models/gold/daily.sql');
  expect(renderInit(result, WIDE)).toContain(', models/silver/transacoes.sql.');
});

test('the example comes with all its tables and models', async () => {
  const { result, models } = await lakehouse(true);
  expect(models).toEqual(TEMPLATES);
  expect(result.source).toMatchObject({ type: 'kaggle' });
  expect(result.tables).toHaveLength(4);
});

test('other tables get a table of silver each, by their keys', async () => {
  await mkdir(join(dir(), 'data'));
  await writeFile(join(dir(), 'data/a.csv'), 'id;n\n1;x\n2;y\n');
  await writeFile(join(dir(), 'data/order lines.csv'), 'order id,line id,n\n1,1,x\n1,2,x\n2,1,x\n');
  const { models } = await lakehouse();
  expect(models).toEqual(['silver.a', 'silver.order lines']);
  expect(await readFile(join(dir(), 'models/silver/order lines.sql'), 'utf8')).toBe(
    [
      '-- description: order lines, as its source has it',
      '-- key: "order id", "line id"',
      '-- check: not_null("order id", "line id")',
      '-- check: unique("order id", "line id")',
      'SELECT *',
      'FROM bronze."order lines"',
      '',
    ].join('\n'),
  );
});

test('the first table with dates gets a table of gold by day, with its amounts in the file’s own form', async () => {
  await mkdir(join(dir(), 'data'));
  await writeFile(join(dir(), 'data/a.csv'), 'id;n\n1;x\n2;y\n');
  await writeFile(
    join(dir(), 'data/vendas.csv'),
    'id;cliente_id;data;valor;cep;updated_at\n1;7;01/02/2025;1.234,50;01310;2025-03-01\n2;8;15/02/2025;10,00;01311;2025-03-02\n',
  );
  const { models } = await lakehouse();
  expect(models).toEqual(['silver.a', 'silver.vendas', 'gold.vendas']);
  const sql = await readFile(join(dir(), 'models/gold/vendas.sql'), 'utf8');
  expect(sql).toContain('-- dt_ref: vendas.data\n');
  expect(sql).toContain('  count(*) AS n,\n  sum(valor) AS valor\nFROM silver.vendas\n');
});

test('a number that refers to a table is no amount', async () => {
  await mkdir(join(dir(), 'data'));
  for (const table of ['clientes', 'Vendedores', 'categories', 'loja'])
    await writeFile(join(dir(), `data/${table}.csv`), 'id,nome\n1,x\n2,y\n');
  await writeFile(
    join(dir(), 'data/vendas.csv'),
    'id,cliente,vendedor,category,LOJA,dia,valor\n1,1,1,1,1,2025-02-01,10.5\n2,1,2,1,1,2025-02-01,3\n',
  );
  await lakehouse();
  const sql = await readFile(join(dir(), 'models/gold/vendas.sql'), 'utf8');
  expect(sql).toContain('  count(*) AS n,\n  sum(valor) AS valor\nFROM silver.vendas\n');
});

test('models that are there already are left alone, and said', async () => {
  await mkdir(join(dir(), 'models/silver'), { recursive: true });
  const own = '-- key: idCliente\nSELECT * FROM bronze.clientes\n';
  await writeFile(join(dir(), 'models/silver/clientes.sql'), own);
  const result = await init({ yes: true, lakehouse: true, example: true, directory: dir() });
  expect(result.kept).toEqual(['models/silver/clientes.sql']);
  expect(await readFile(join(dir(), 'models/silver/clientes.sql'), 'utf8')).toBe(own);
});

test('without it there are no layers and no models', async () => {
  await init({ yes: true, example: true, directory: dir() });
  expect(await readdir(dir())).not.toContain('models');
  const { config } = await loadConfig({ cwd: dir(), env: {} });
  expect(config.layers).toEqual([]);
});
