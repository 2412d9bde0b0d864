import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { check } from '../../src/pipeline/check.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    tables: [
      { name: 'orders', pk: 'id' },
      { name: 'visits', pk: 'id' },
    ],
  });
  await scenario.write('visits.csv', 'id,seen,note\n1,,\n');
  await model('silver/orders', '-- key: id\nSELECT id, day, value FROM bronze.orders');
  await model(
    'silver/visits',
    "-- key: id\nSELECT id, date_trunc('month', seen) AS month FROM bronze.visits",
  );
  await model('gold/daily', '-- dt_ref: day\nSELECT sum(value) AS total FROM silver.orders GROUP BY ALL');
});

async function model(name: string, text: string): Promise<void> {
  await writeFileAt(join(dir(), 'models', `${name}.sql`), text);
}

test('a model waits for columns whose types no value has told yet', async () => {
  await scenario.write('orders.csv', 'id,day,value\n');
  const first = await scenario.run({ approve: ['orders'] });
  expect(first.report.layers).toMatchObject({
    'silver.orders': { operation: 'created' },
    'silver.visits': {
      operation: 'skipped',
      reason: expect.stringContaining('bronze.visits.seen has had no value yet'),
    },
    'gold.daily': {
      operation: 'skipped',
      reason: expect.stringContaining('bronze.orders has had no rows yet'),
    },
  });
  expect(first.exitCode).toBe(0);
  const { report, exitCode } = await check(scenario, testEdge());
  expect([exitCode, report.models['gold.daily'], report.models['silver.visits']]).toMatchObject([
    0,
    { fits: null, reason: expect.stringContaining('no rows yet') },
    { fits: null, reason: expect.stringContaining('no value yet') },
  ]);
  await scenario.write('orders.csv', 'id,day,value\n1,2024-01-01,5\n');
  await scenario.write('visits.csv', 'id,seen,note\n1,2024-01-01 10:00:00,\n');
  const second = await scenario.run({ approve: ['orders', 'visits'] });
  expect([second.exitCode, second.report.layers]).toMatchObject([
    0,
    { 'silver.visits': { operation: 'created' }, 'gold.daily': { operation: 'created', inserted: 1 } },
  ]);
});

test('a mistake of the model is one, whatever other columns are like', async () => {
  await scenario.write('orders.csv', 'id,day,value\n1,2024-01-01,5\n');
  await model('silver/visits', '-- key: id\nSELECT id, months FROM bronze.visits');
  expect(await scenario.run()).toMatchObject({
    exitCode: 2,
    report: { layers: { 'silver.visits': { operation: 'failed' } } },
  });
});
