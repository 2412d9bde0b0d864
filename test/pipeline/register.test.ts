import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import type { Edge } from '../../src/pipeline/context.ts';
import { registerTables } from '../../src/pipeline/register.ts';
import { FakeDatabricks } from '../support/fake-databricks.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();

const edge: Edge = {
  clock: Date.now,
  newId: randomUUID,
  log: silentLogger,
  onProgress: () => undefined,
  signal: new AbortController().signal,
};

async function fed(): Promise<Scenario> {
  const scenario = openScenario(dir(), {
    layers: ['bronze'],
    tables: [
      { name: 'vendas', pk: 'id' },
      { name: 'clientes', pk: 'id' },
    ],
  });
  for (const name of ['vendas', 'clientes']) await scenario.write(`${name}.csv`, 'id,valor\n1,2\n');
  expect((await scenario.run()).exitCode).toBe(0);
  return scenario;
}

it('tells the statements that give names to the tables that are there', async () => {
  const { config, storage } = await fed();
  expect(await registerTables({ config, storage }, {}, edge)).toEqual({
    statements: [
      'CREATE SCHEMA IF NOT EXISTS `bronze`',
      `CREATE TABLE IF NOT EXISTS \`bronze\`.\`clientes\` USING DELTA LOCATION '${storage.uri}/bronze/clientes'`,
      `CREATE TABLE IF NOT EXISTS \`bronze\`.\`vendas\` USING DELTA LOCATION '${storage.uri}/bronze/vendas'`,
    ],
    tables: ['bronze.clientes', 'bronze.vendas'],
    isRun: false,
  });
});

it('lets Databricks execute them, in a catalog', async () => {
  const { config, storage: local } = await fed();
  const fake = await FakeDatabricks.start();
  onTestFinished(() => fake.stop());
  fake.compute = async (sql) =>
    sql.startsWith('SELECT')
      ? {
          columns: ['version', 'zone', 'common'].map((name) => [name, 'STRING'] as const),
          rows: [['4.0.0', 'UTC', 'bigint']],
        }
      : { columns: [], rows: [] };
  const engine = {
    type: 'databricks',
    host: fake.origin,
    compute: { kind: 'warehouse', id: 'a-warehouse' },
    credentials: undefined,
  } as const;
  const storage = { ...wrapStorage(local, {}), uri: 's3://lake/it`s' };
  const env = { DATABRICKS_TOKEN: 'a-token' };
  const request = { config: { ...config, engine }, storage, env };
  const { statements, isRun } = await registerTables(request, { catalog: 'a`b', run: true }, edge);
  expect(isRun).toBe(true);
  expect(statements[1]).toBe(
    "CREATE TABLE IF NOT EXISTS `a``b`.`bronze`.`clientes` USING DELTA LOCATION 's3://lake/it`s/bronze/clientes'",
  );
  expect(fake.statements.filter((sql) => sql.startsWith('CREATE'))).toEqual(statements);
});

it('cannot let anybody execute them where nobody is named', async () => {
  await expect(registerTables(await fed(), { run: true }, edge)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  });
});
