import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { layerRows } from '../support/layers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

/** A table whose first file has no rows, which a person has approved, gets its types with the first rows. */
const dir = useTempDir();
const HEADER = 'id,n,price,day,name';
const ROWS = `${HEADER}\n1,10,1.5,2025-01-02,Ana\n2,,2.25,,Bia\n`;
const TYPES = { id: 'BIGINT', n: 'BIGINT', price: 'DOUBLE', day: 'DATE', name: 'VARCHAR' };

async function openEmpty(written: object = {}): Promise<Scenario> {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...written }] });
  await scenario.write('t.csv', `${HEADER}\n`);
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'held' });
  expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({
    operation: 'full-load',
    inserted: 0,
  });
  return scenario;
}

async function typesOf(scenario: Scenario, key: string | null): Promise<Record<string, string>> {
  const columns = await scenario.columns(key ?? '');
  return Object.fromEntries(Object.entries(columns).filter(([name]) => !name.startsWith('_cdc_')));
}

test('the types are those of the first rows, and the lake is proven', async () => {
  const scenario = await openEmpty();
  await scenario.write('t.csv', `${HEADER}\n\n`);
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged' });
  await scenario.write('t.csv', ROWS);
  const planned = (await scenario.plan()).tables['t'];
  expect(planned).toMatchObject({ operation: 'cdc', inserted: 2, guards: [] });
  expect(planned?.schema.widened.map(({ name }) => name)).toEqual(['id', 'n', 'price', 'day']);
  const report = await scenario.runTable('t');
  expect(report).toMatchObject({ operation: 'cdc', inserted: 2 });
  expect(await typesOf(scenario, report.file)).toEqual(TYPES);
  expect((await scenario.verify()).ok).toBe(true);

  await scenario.write('t.csv', `${HEADER}\n1,10,1.5,2025-01-02,Ana\n2,x,2.25,,Bia\n`);
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'held' });
  await scenario.write('t.csv', `${HEADER}\n1,11,1.5,2025-01-02,Ana\n3,,7,,Cid\n`);
  expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({
    inserted: 1,
    updated: 1,
    deleted: 1,
  });
  expect((await scenario.verify()).ok).toBe(true);
});

test('a value late in the file counts, and types that are declared stay', async () => {
  const scenario = await openEmpty({ types: { price: 'decimal(12,2)' } });
  const rows = Array.from({ length: 30_000 }, (_, row) => `${row + 1},${row},1.5,,x`);
  await scenario.write('t.csv', [HEADER, ...rows, '30001,n/a,1.5,,x', ''].join('\n'));
  const { file } = await scenario.runTable('t');
  expect(await typesOf(scenario, file)).toEqual({
    ...TYPES,
    n: 'VARCHAR',
    price: 'DECIMAL(12,2)',
    day: 'VARCHAR',
  });
  expect((await scenario.verify()).ok).toBe(true);
});

test('a frozen schema holds them, once', async () => {
  const scenario = await openEmpty({ schema: 'freeze' });
  await scenario.write('t.csv', ROWS);
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'held' });
  const { file } = await scenario.runTable('t', { approve: ['t'] });
  expect(await typesOf(scenario, file)).toEqual(TYPES);
});

test('once rows were there, the types stay, though they are all gone', async () => {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  await scenario.write('t.csv', `${HEADER}\n1,x,y,z,Ana\n`);
  await scenario.run();
  await scenario.write('t.csv', `${HEADER}\n`);
  await scenario.run({ approve: ['t'] });
  await scenario.write('t.csv', ROWS);
  const { file } = await scenario.runTable('t');
  expect(await typesOf(scenario, file)).toEqual({ ...TYPES, n: 'VARCHAR', price: 'VARCHAR', day: 'VARCHAR' });
});

test.each(['latest', 'scd2'])('bronze (%s) and silver follow', async (history) => {
  await mkdir(join(dir(), 'models/silver'), { recursive: true });
  await writeFile(join(dir(), 'models/silver/s.sql'), '-- key: id\nSELECT id, n, day, name FROM bronze.t\n');
  const scenario = openScenario(dir(), {
    layers: ['bronze', 'silver'],
    tables: [{ name: 't', pk: 'id', history }],
  });
  await scenario.write('t.csv', `${HEADER}\n`);
  await scenario.run({ approve: ['t'] });
  await scenario.write('t.csv', ROWS);
  const { exitCode, report } = await scenario.run();
  expect(exitCode).toBe(0);
  expect(report.layers).toMatchObject({
    'bronze.t': {
      operation: 'rebuilt',
      inserted: 2,
      reason: 'the column id has become bigint, so that every row was written anew',
    },
    'silver.s': { operation: 'rebuilt', inserted: 2 },
  });
  const lake = join(dir(), 'lake');
  await using bronze = await DeltaTable.open(join(lake, 'bronze/t'));
  const types = (await bronze.snapshot()).schema.fields.map(({ name, type }) => [name, type]);
  expect(types.slice(0, 5)).toEqual([
    ['id', 'long'],
    ['n', 'long'],
    ['price', 'double'],
    ['day', 'date'],
    ['name', 'string'],
  ]);
  const silver = await layerRows(lake, 'silver.s');
  expect(silver).toHaveLength(2);
  await scenario.run({ fullRefresh: true });
  expect(await layerRows(lake, 'silver.s')).toEqual(silver);
});
