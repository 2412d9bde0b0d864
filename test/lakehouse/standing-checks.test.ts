import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { LayerReport } from '../../src/medallion/report.ts';
import { CycleMemory } from '../../src/pipeline/cycle-memory.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver'],
    models: './models',
    tables: ['clients', 'orders'].map((name) => ({ name, pk: 'id', max_delete_ratio: 1 })),
  });
  await mkdir(join(dir(), 'models', 'silver'), { recursive: true });
  await scenario.write('clients.csv', 'id,name\n1,Ana\n2,Bia\n');
  await scenario.write('orders.csv', 'id,client,day\n10,1,2024-01-01\n11,2,2024-01-02\n');
});

async function model(name: string, text: string): Promise<void> {
  await writeFile(join(dir(), 'models', 'silver', `${name}.sql`), text);
}

async function orders(memory?: CycleMemory): Promise<{ exitCode: number; report: LayerReport | undefined }> {
  const { exitCode, report } = await scenario.run(memory === undefined ? {} : { memory });
  return { exitCode, report: report.layers?.['silver.orders'] };
}

test('a table whose own sources stay is held when another table no longer goes with it, and comes free with it', async () => {
  await model('clients', '-- key: id\nSELECT id, name FROM bronze.clients');
  await model(
    'orders',
    '-- key: id\n-- check: relationship(client, silver.clients.id)\nSELECT id, client FROM bronze.orders',
  );
  expect(await orders()).toMatchObject({ exitCode: 0, report: { operation: 'created' } });
  await scenario.write('clients.csv', 'id,name\n1,Ana\n');
  expect(await orders()).toMatchObject({
    exitCode: 4,
    report: {
      operation: 'held',
      version: 0,
      reason: expect.stringContaining('relationship(client, silver.clients.id): 1 row'),
    },
  });
  expect(await orders()).toMatchObject({ exitCode: 4 });
  await scenario.write('clients.csv', 'id,name\n1,Ana\n2,Bea\n');
  expect(await orders()).toMatchObject({ exitCode: 0, report: { operation: 'unchanged' } });
});

test('a check of the clock is told in every cycle, also where nothing has come', async () => {
  await model(
    'orders',
    '-- key: id\n-- check warn: SELECT max(day) AS newest FROM silver.orders HAVING max(day) < current_date - 2\nSELECT id, day FROM bronze.orders',
  );
  const memory = new CycleMemory();
  for (const operation of ['created', 'unchanged', 'unchanged', 'unchanged'])
    expect(await orders(memory)).toMatchObject({
      exitCode: 0,
      report: { operation, reason: expect.stringContaining('newest: 2024-01-02') },
    });
});
