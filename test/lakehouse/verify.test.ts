import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import type { LayerVerification } from '../../src/medallion/verify-layers.ts';
import { readNewestEntry } from '../../src/lake/ledger.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { verifyLayers } from '../../src/pipeline/verify-layers.ts';
import { withEngine } from '../../src/pipeline/with-engine.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let scenario: Scenario;

const MODELS = {
  'silver/orders':
    '-- key: id\nSELECT id, client, value, CAST(day AS TIMESTAMPTZ) AS at FROM bronze.orders WHERE value > 0',
  'silver/ranked':
    '-- key: id\nWITH w AS (SELECT *, row_number() OVER (PARTITION BY client ORDER BY id) AS place FROM silver.orders) SELECT id, place FROM w WHERE place <= 2',
  'silver/means':
    '-- key: client\nSELECT client, avg(CAST(value AS DOUBLE) / 3) AS mean FROM silver.orders GROUP BY client',
  'gold/daily':
    '-- dt_ref: at\n-- key: client\nSELECT client, count(*) AS n, sum(value) AS total FROM silver.orders GROUP BY ALL',
  'gold/week':
    '-- dt_ref: orders.at\n-- window: 7 days\n-- partition: month\nSELECT $dt_ref AS dt_ref, count(DISTINCT client) AS clients FROM silver.orders',
};

function orders(from: number, to: number, odd = 0): string {
  const rows = Array.from({ length: to - from }, (_, index) => {
    const id = from + index;
    return `${id},${id % 4},${(id * 7) % 11 === odd ? 0 : id % 9},2024-0${1 + (id % 3)}-${String(1 + (id % 27)).padStart(2, '0')}`;
  });
  return ['id,client,value,day', ...rows, ''].join('\n');
}

beforeEach(async () => {
  scenario = openScenario(dir(), {
    layers: ['bronze', 'silver', 'gold'],
    models: './models',
    tables: [{ name: 'orders', pk: 'id', max_delete_ratio: 1 }],
  });
  for (const layer of ['silver', 'gold']) await mkdir(join(dir(), 'models', layer), { recursive: true });
  for (const [name, text] of Object.entries(MODELS))
    await writeFile(join(dir(), 'models', `${name}.sql`), `${text}\n`);
  await scenario.write('orders.csv', orders(0, 60));
  await scenario.run();
  await scenario.write('orders.csv', orders(20, 75, 3));
  await scenario.run();
});

async function verified(sample = false): Promise<Readonly<Record<string, LayerVerification>>> {
  const edge = testEdge();
  return withEngine(scenario.config, edge, async (engine, folder) =>
    verifyLayers(scenario, { engine, folder }, edge, await readNewestEntry(scenario.storage), { sample }),
  );
}

function broken(found: Readonly<Record<string, LayerVerification>>): string[] {
  return Object.entries(found).flatMap(([name, { ok }]) => (ok ? [] : [name]));
}

const TABLES = ['bronze.orders', 'gold.daily', 'gold.week', 'silver.means', 'silver.orders', 'silver.ranked'];

test('tables that runs have made are what a full computation gives, whole and by samples', async () => {
  const found = await verified();
  expect(broken(found)).toEqual([]);
  expect(Object.keys(found).toSorted()).toEqual(TABLES);
  for (const { rows, note } of Object.values(found)) {
    expect(rows).toBeGreaterThan(0);
    expect(note).toBeUndefined();
  }
  const sample = await verified(true);
  expect(broken(sample)).toEqual([]);
  expect(sample['gold.daily']).toMatchObject({ note: '20 of its dates' });
});

test.each([
  ['bronze.orders', 'UPDATE', 'value = value + 1', 'id = 30'],
  ['silver.orders', 'UPDATE', 'value = value + 1', 'id = 30'],
  ['silver.ranked', 'DELETE', '', 'id = 21'],
  ['silver.means', 'UPDATE', 'mean = mean * 1.0001', 'client = 1'],
  ['gold.daily', 'UPDATE', 'n = n + 1', `dt_ref = DATE '2024-02-05'`],
  ['gold.week', 'DELETE', '', `dt_ref = DATE '2024-02-05'`],
])('a row of %s that is none is found: %s %s', async (name, what, set, where) => {
  await using table = await DeltaTable.open(join(dir(), 'lake', ...name.split('.')));
  const [column = '', value = ''] = set.split(' = ');
  if (what === 'DELETE') await table.delete(where);
  else await table.update({ set: { [column]: value }, where });
  const found = await verified();
  expect(broken(found)).toEqual([name]);
  expect(found[name]?.problems).toEqual([
    expect.stringMatching(/rows? differs? between the table and a full computation/),
  ]);
});

test('a model that was changed since its table was made is not compared', async () => {
  await writeFile(
    join(dir(), 'models', 'silver', 'means.sql'),
    `${MODELS['silver/means'].replace('/ 3', '/ 4')}\n`,
  );
  expect((await verified())['silver.means']).toEqual({
    ok: true,
    rows: 0,
    problems: [],
    note: 'its model has changed since it was made',
  });
});

test('goes forward from file to file and on from table to table', async () => {
  const shares: number[] = [];
  await verify(scenario, testEdge(), ({ share }) => shares.push(share));
  expect(shares.length).toBeGreaterThan(7);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares[0]).toBe(0);
  expect(shares.at(-1)).toBeLessThan(1);
  expect(new Set(shares).size).toBe(shares.length);
});
