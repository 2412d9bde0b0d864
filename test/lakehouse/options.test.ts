import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { LayerReport } from '../../src/medallion/report.ts';
import type { RunResult } from '../../src/pipeline/run.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage, type Write } from '../support/wrapped-storage.ts';
import { CONFIG, shopFiles, type Shown, shownTables, TABLES, writeModels } from './shop.ts';

const dir = useTempDir();
let scenario: Scenario;
let writes: Write[];

beforeEach(async () => {
  writes = [];
  const storage = openLocalStorage(join(dir(), 'lake'));
  scenario = openScenario(dir(), CONFIG, {
    storage: wrapStorage(storage, { before: (write) => void writes.push(write) }),
  });
  await writeModels(dir());
  await publish(0);
});

async function publish(state: number): Promise<void> {
  for (const [name, text] of Object.entries(shopFiles(state))) await scenario.write(name, text);
}

async function model(name: string, text: string): Promise<void> {
  await writeFile(join(dir(), 'models', `${name}.sql`), text);
}

function operations({ report }: RunResult): Record<string, LayerReport['operation']> {
  return Object.fromEntries(
    Object.entries(report.layers ?? {}).map(([name, { operation }]) => [name, operation]),
  );
}

async function shown(): Promise<Readonly<Record<string, Shown | undefined>>> {
  return shownTables(scenario.storage);
}

async function there(): Promise<string[]> {
  return Object.entries(await shown()).flatMap(([name, table]) => (table === undefined ? [] : [name]));
}

test('the layers can be worked on one after another, and end as in one run', async () => {
  const raw = await scenario.run({ only: ['raw'] });
  expect(raw).toMatchObject({ exitCode: 0, report: { run: 0, layers: {} } });
  expect(await there()).toEqual([]);

  const bronze = await scenario.run({ only: ['bronze'] });
  expect(bronze.report).toMatchObject({ run: null, tables: {} });
  expect(operations(bronze)).toEqual({ 'bronze.clients': 'created', 'bronze.orders': 'created' });
  expect(await there()).toEqual(['bronze.clients', 'bronze.orders']);

  await publish(1);
  const models = await scenario.run({ only: ['silver', 'gold'] });
  expect(models.report).toMatchObject({ run: null, tables: {} });
  expect(Object.values(operations(models))).toEqual(Array.from({ length: 5 }, () => 'created'));
  const before = await shown();
  expect((await scenario.run({ only: ['gold'] })).report.layers).toMatchObject({
    'gold.daily': { operation: 'unchanged' },
  });
  expect(await shown()).toEqual(before);

  await publish(0);
  expect(Object.values(operations(await scenario.run()))).toEqual(TABLES.map(() => 'unchanged'));
});

test.each([
  [['silver.sales+'], ['silver.sales', 'silver.totals', 'gold.daily', 'gold.weekly']],
  [['+gold.weekly'], ['silver.clients', 'silver.sales', 'gold.weekly']],
  [['bronze.clients+'], ['silver.clients', 'silver.sales', 'silver.totals', 'gold.daily', 'gold.weekly']],
  [['silver.totals'], ['silver.totals']],
  [
    ['gold', 'silver.clients'],
    ['silver.clients', 'gold.daily', 'gold.weekly'],
  ],
])('of the models %j just those are worked on', async (models, expected) => {
  await scenario.run();
  await publish(1);
  await scenario.run({ only: ['raw', 'bronze'] });
  const before = await shown();
  const result = await scenario.run({ models });
  expect(result.report).toMatchObject({ run: null, tables: {} });
  expect(Object.keys(operations(result)).toSorted()).toEqual(expected.toSorted());
  const after = await shown();
  const others = TABLES.filter((name) => !expected.includes(name));
  for (const name of others) expect(after[name], name).toEqual(before[name]);
  await scenario.run();
  const rows = rowsOf(await shown());
  await scenario.run({ fullRefresh: true });
  expect(rowsOf(await shown())).toEqual(rows);
});

function rowsOf(
  tables: Readonly<Record<string, Shown | undefined>>,
): Record<string, readonly string[] | undefined> {
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table?.rows]));
}

test('a full refresh makes every table anew, of all that is published, and changes no row', async () => {
  await scenario.run();
  await publish(1);
  await scenario.run();
  const rows = rowsOf(await shown());
  const refreshed = await scenario.run({ fullRefresh: true });
  expect(Object.values(operations(refreshed))).toEqual(TABLES.map(() => 'rebuilt'));
  expect(refreshed.report.layers?.['silver.sales']?.reason).toBe('a full refresh was asked for');
  expect(rowsOf(await shown())).toEqual(rows);
  const { report } = await scenario.run({ models: ['gold.daily'], fullRefresh: true });
  expect(Object.keys(report.layers ?? {})).toEqual(['gold.daily']);
});

test.each([
  ['in a lake without a run', 0],
  ['in a lake that has runs', 1],
])('an unknown model ends the run before anything is written, %s', async (_, runs) => {
  for (let run = 0; run < runs; run += 1) await scenario.run();
  await publish(1);
  writes.length = 0;
  await expect(scenario.run({ models: ['silver.sale'] })).rejects.toMatchObject({
    code: 'USAGE',
    exitCode: 2,
    message: 'There is no model "silver.sale"',
    hint: expect.stringContaining('Did you mean silver.sales?') as string,
  });
  expect(writes.filter(({ keys }) => keys.length > 0)).toEqual([]);
});

test('a broken model ends the run with file and line before anything is published', async () => {
  await model('silver/sales', '-- key: id\n\nSELECT id, day FRM bronze.orders\n');
  await model('gold/daily', '-- dt_ref: sales.day\nSELECT count(*) AS n FROM bronze.orders\n');
  const failed = scenario.run();
  await expect(failed).rejects.toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
  await expect(failed).rejects.toThrow(/silver\/sales\.sql:3/);
  await expect(failed).rejects.toThrow(/gold\/daily\.sql:2/);
  expect(writes).toEqual([]);
  expect(await scenario.ledger()).toEqual([]);
});

test('a failing check holds the table at its last good version, and those that read it; good data goes on', async () => {
  await scenario.run();
  const before = await shown();
  await scenario.write('clients.csv', 'id,name,vip\n1,name 1,9\n2,name 2,0\n');
  const held = await scenario.run();
  expect(held.exitCode).toBe(4);
  expect(held.report.layers).toMatchObject({
    'bronze.clients': { operation: 'updated' },
    'silver.clients': {
      operation: 'held',
      version: 0,
      reason: expect.stringContaining('accepted_values(vip, 0, 1)') as string,
    },
    'silver.sales': { operation: 'updated' },
    'silver.totals': { operation: 'updated' },
    'gold.daily': { operation: 'updated' },
    'gold.weekly': { operation: 'skipped', reason: 'silver.clients is held.' },
  });
  const during = await shown();
  expect(during['silver.clients']).toEqual(before['silver.clients']);
  expect(during['gold.weekly']).toEqual(before['gold.weekly']);
  // It stays so for as long as the data does.
  expect(operations(await scenario.run())).toMatchObject({
    'silver.clients': 'held',
    'silver.sales': 'unchanged',
  });

  await publish(2);
  const good = await scenario.run();
  expect(good.exitCode).toBe(0);
  expect(operations(good)).toMatchObject({ 'silver.clients': 'updated', 'gold.weekly': 'updated' });
  const rows = rowsOf(await shown());
  await scenario.run({ fullRefresh: true });
  expect(rowsOf(await shown())).toEqual(rows);
});

test('a model that fails on its rows fails alone, with those that read it, until the rows are good', async () => {
  await model(
    'silver/sales',
    `-- key: id\nSELECT id, day, cents, CAST(client AS VARCHAR) AS name, CAST(note AS INTEGER) AS note FROM bronze.orders\n`,
  );
  const csv = (note: string): string =>
    `id,client,day,cents,note\n1,1,2025-03-01,5,${note}\n2,2,2025-03-02,6,x\n`;
  await scenario.write('orders.csv', csv('7'));
  const failed = await scenario.run();
  expect(failed.exitCode).toBe(2);
  expect(failed.report.run).toBe(0);
  expect(failed.report.layers).toMatchObject({
    'silver.clients': { operation: 'created' },
    'silver.sales': {
      operation: 'failed',
      reason: expect.stringContaining('models/silver/sales.sql') as string,
    },
    'silver.totals': { operation: 'skipped', reason: 'silver.sales has failed.' },
    'gold.daily': { operation: 'skipped' },
  });
  await scenario.write('orders.csv', csv('7').replace(',x', ',8'));
  expect(await scenario.run()).toMatchObject({
    exitCode: 0,
    report: { layers: { 'silver.sales': { operation: 'created' }, 'gold.daily': { operation: 'created' } } },
  });
});

test('a model that is taken away keeps its table, and catches up when it comes back', async () => {
  await scenario.run();
  const before = await shown();
  await rm(join(dir(), 'models', 'gold', 'daily.sql'));
  await publish(1);
  expect(operations(await scenario.run())).not.toHaveProperty(['gold.daily']);
  expect((await shown())['gold.daily']).toEqual(before['gold.daily']);
  await writeModels(dir());
  expect(operations(await scenario.run())['gold.daily']).toBe('updated');
  const rows = rowsOf(await shown());
  await scenario.run({ fullRefresh: true });
  expect(rowsOf(await shown())).toEqual(rows);
});

test('a table waits for one that only its checks read', async () => {
  await model(
    'silver/clients',
    `-- key: id\n-- check: relationship(id, silver.sales.id)\nSELECT id FROM bronze.clients\n`,
  );
  await model('gold/weekly', `-- dt_ref: sales.day\nSELECT count(*) AS n FROM silver.sales\n`);
  await scenario.write('orders.csv', 'id,client,day,cents\n');
  expect(await scenario.run()).toMatchObject({
    exitCode: 4,
    report: {
      layers: {
        'silver.clients': {
          operation: 'skipped',
          reason: 'silver.sales, which a check reads, does not exist yet.',
        },
        'silver.sales': { operation: 'skipped', reason: 'bronze.orders does not exist yet.' },
      },
    },
  });
});

test('a check of a table that is made of the model’s own, and so cannot be there first, ends the run before it begins', async () => {
  await model(
    'silver/sales',
    `-- key: id\n-- check: relationship(id, silver.totals.id)\nSELECT id FROM bronze.orders\n`,
  );
  await model('silver/totals', `-- key: id\nSELECT id FROM silver.sales\n`);
  await rm(join(dir(), 'models', 'gold'), { recursive: true });
  const failed = scenario.run();
  await expect(failed).rejects.toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
  await expect(failed).rejects.toThrow(
    /silver\/sales\.sql:2: .*silver\.sales → silver\.totals → silver\.sales/,
  );
  expect(writes).toEqual([]);
});

test('gold without dates is a table as those of silver are, and gold may read it', async () => {
  await model('gold/value', '-- key: name\nSELECT name, sum(cents) AS cents FROM silver.sales GROUP BY name');
  await model('gold/best', '-- key: name\nSELECT name FROM gold.value WHERE cents > 100');
  await model(
    'gold/share',
    `-- key: name\n-- dt_ref: sales.day\nSELECT s.name, sum(s.cents) AS cents, any_value(v.cents ORDER BY v.cents) AS all_cents
FROM silver.sales AS s JOIN gold.value AS v ON v.name = s.name WHERE s.day = $dt_ref GROUP BY s.name`,
  );
  const created = { 'gold.value': 'created', 'gold.best': 'created', 'gold.share': 'created' };
  expect(operations(await scenario.run())).toMatchObject(created);
  await publish(1);
  const { report } = await scenario.run();
  expect(report.layers?.['gold.share']?.operation).toBe('updated');
  expect(report.layers?.['gold.value']?.operation).toBe('updated');
  expect(['updated', 'unchanged']).toContain(report.layers?.['gold.best']?.operation);
});

test('a model of gold reads no two tables of one name', async () => {
  await model('gold/sales', '-- key: id\nSELECT id, cents FROM silver.sales');
  await model(
    'gold/two',
    '-- key: id\nSELECT s.id FROM silver.sales AS s JOIN gold.sales AS g ON g.id = s.id',
  );
  await expect(scenario.run()).rejects.toThrow(
    'reads silver.sales and gold.sales; allowed in gold: tables of different names',
  );
});
