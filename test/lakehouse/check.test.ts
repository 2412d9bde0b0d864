import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { check, type CheckedModel } from '../../src/pipeline/check.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    models: './models',
    tables: [{ name: 'orders', pk: 'id' }],
  });
  for (const layer of ['silver', 'gold']) await mkdir(join(dir(), 'models', layer), { recursive: true });
  await scenario.write('orders.csv', 'id,value,day\n1,10,2024-01-01\n2,20,2024-01-02\n');
  await model('silver/orders', '-- key: id\nSELECT id, value, day FROM bronze.orders');
  await model(
    'gold/daily',
    '-- dt_ref: day\nSELECT sum(value) AS total FROM silver.orders WHERE day = $dt_ref',
  );
});

async function model(name: string, text: string): Promise<void> {
  await writeFile(join(dir(), 'models', `${name}.sql`), `${text}\n`);
}

async function checked(): Promise<{ exitCode: number; models: Readonly<Record<string, CheckedModel>> }> {
  const { report, exitCode } = await check(scenario, testEdge());
  return { exitCode, models: report.models };
}

test('before there is a lake nothing is known of the columns, and nothing is wrong', async () => {
  expect(await checked()).toMatchObject({
    exitCode: 0,
    models: {
      'silver.orders': { fits: null, reason: 'bronze.orders has no columns that are known yet.' },
      'gold.daily': { fits: null, reason: 'silver.orders is not known to fit.' },
    },
  });
});

test('where only the change files are there, models are held against what the ledger has recorded', async () => {
  await scenario.run({ only: ['raw'] });
  await model(
    'silver/ranks',
    '-- key: id\nSELECT id, rank() OVER (ORDER BY value) AS place FROM bronze.orders',
  );
  expect(await checked()).toMatchObject({
    exitCode: 0,
    models: {
      'silver.orders': {
        fits: true,
        build: { kind: 'incremental' },
        columns: [
          { name: 'id', type: 'BIGINT' },
          { name: 'value', type: 'BIGINT' },
          { name: 'day', type: 'DATE' },
        ],
      },
      'silver.ranks': { fits: true, build: { kind: 'rebuild' } },
      'gold.daily': { fits: true, build: { kind: 'incremental' } },
    },
  });
});

test.each([
  ['silver/orders', '-- key: id\nSELECT id, valeu, day FROM bronze.orders', 'valeu'],
  ['silver/orders', '-- key: ido\nSELECT id, value, day FROM bronze.orders', 'ido'],
  [
    'silver/orders',
    '-- key: id\n-- check: not_null(vlaue)\nSELECT id, value, day FROM bronze.orders',
    'vlaue',
  ],
  ['gold/daily', '-- dt_ref: value\nSELECT count(*) AS n FROM silver.orders', 'not a date'],
  ['gold/daily', '-- dt_ref: day\nSELECT sum(valeu) AS n FROM silver.orders', 'valeu'],
])(
  'what a run could not compute is told before it, by check and by plan: %s, %s',
  async (name, text, told) => {
    await scenario.run();
    await model(name, text);
    const full = name.replace('/', '.');
    const { exitCode, models } = await checked();
    expect(exitCode).toBe(2);
    expect(models[full]).toMatchObject({ fits: false, reason: expect.stringContaining(told) });
    const planned = await scenario.plan();
    expect(planned.layers?.[full]).toMatchObject({
      operation: 'failed',
      reason: expect.stringContaining(told),
    });
    expect(planned.layers?.['gold.daily']?.operation).toBe(name === 'gold/daily' ? 'failed' : 'skipped');
    const { report, exitCode: ofRun } = await scenario.run();
    expect(ofRun).toBe(2);
    expect(report.layers?.[full]).toMatchObject({ operation: 'failed' });
  },
);

test('a column that the next run brings is no mistake', async () => {
  await scenario.run();
  await scenario.write('orders.csv', 'id,value,day,note\n1,10,2024-01-01,a\n2,20,2024-01-02,b\n');
  await model('silver/orders', '-- key: id\nSELECT id, value, day, note FROM bronze.orders');
  expect((await scenario.plan()).layers?.['silver.orders']).toMatchObject({ operation: 'rebuild' });
  expect((await scenario.run()).exitCode).toBe(0);
});

test('a check that no table without rows could meet is no mistake', async () => {
  await scenario.run();
  await model(
    'silver/orders',
    '-- key: id\n-- check: row_count >= 1\nSELECT id, value, day FROM bronze.orders',
  );
  expect(await checked()).toMatchObject({ exitCode: 0, models: { 'gold.daily': { fits: true } } });
});
