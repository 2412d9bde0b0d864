import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoTables, writeDemoDay } from '../../src/cli/demo/data.ts';
import { init, type InitResult } from '../../src/cli/init/init.ts';
import { renderInit } from '../../src/cli/render/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Engine } from '../../src/engine/engine.ts';
import { fullName } from '../../src/medallion/layer.ts';
import { loadModels } from '../../src/medallion/models/load.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** What `init --lakehouse --yes` has done, and the models as a run reads them. */
async function lakehouse(): Promise<{ result: InitResult; models: string[] }> {
  const result = await init({ yes: true, lakehouse: true, directory: dir() });
  const { config } = await loadConfig({ cwd: dir(), env: {} });
  expect(config.layers).toEqual(['bronze', 'silver', 'gold']);
  const engine = await Engine.open({ memoryLimit: '256MB', spillDir: dir(), threads: 1 });
  try {
    const tables = config.tables.map(({ name }) => name);
    const { models } = await loadModels(engine, config.models, tables);
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
  const engine = await Engine.open({ memoryLimit: '256MB', spillDir: dir(), threads: 1 });
  await writeDemoDay(engine, 1, join(dir(), 'data'), { clients: 100, transactions: 200 });
  engine.close();
  const { result, models } = await lakehouse();
  expect(models).toEqual(TEMPLATES);
  expect(result.tables.map(({ name }) => name).toSorted()).toEqual(
    demoTables.map(({ name }) => name).toSorted(),
  );
  expect(result.written).toContain('models/gold/daily.sql');
  expect(renderInit(result)).toContain(' and models/silver/transacoes.sql.');
});

test('where nothing is found, the public data set is proposed with all its tables and models', async () => {
  const { result, models } = await lakehouse();
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

test('models that are there already are left alone, and said', async () => {
  await mkdir(join(dir(), 'models/silver'), { recursive: true });
  const own = '-- key: idCliente\nSELECT * FROM bronze.clientes\n';
  await writeFile(join(dir(), 'models/silver/clientes.sql'), own);
  const result = await init({ yes: true, lakehouse: true, directory: dir() });
  expect(result.kept).toEqual(['models/silver/clientes.sql']);
  expect(await readFile(join(dir(), 'models/silver/clientes.sql'), 'utf8')).toBe(own);
});

test('without it there are no layers and no models', async () => {
  await init({ yes: true, directory: dir() });
  expect(await readdir(dir())).not.toContain('models');
  const { config } = await loadConfig({ cwd: dir(), env: {} });
  expect(config.layers).toEqual([]);
});
