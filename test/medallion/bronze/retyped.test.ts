import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ColumnType, describedType } from '../../../src/core/schema.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();

/** Two values of each type, of which no other type but text has every one. */
const VALUES: Readonly<Record<ColumnType, readonly [string, string]>> = {
  boolean: ['true', 'false'],
  bigint: ['12345678901234', '7'],
  double: ['1.5e-7', '2.25'],
  'decimal(12,2)': ['1234567890.12', '0.25'],
  'decimal(10,4)': ['123456.7891', '0.25'],
  date: ['2024-01-31', '0001-01-01'],
  timestamp: ['2024-01-31 10:20:30.123456', '2024-02-01 00:00:00'],
  timestamptz: ['2024-01-31 10:20:30+00', '2024-02-01 00:00:00+00'],
  text: ['none', ' '],
};

const TYPES = Object.keys(VALUES) as ColumnType[];
const PAIRS = TYPES.flatMap((from) => TYPES.flatMap((to) => (from === to ? [] : [{ from, to }])));

const OWN = ['id', ...PAIRS.map((_, index) => `c${index}`)].join(', ');

/** A column a pair of types, the same rows of each; every third value is missing. */
function table(side: 'from' | 'to', ids: readonly number[]): string {
  const row = (id: number): string =>
    [id, ...PAIRS.map((pair) => (id % 3 === 0 ? '' : `"${VALUES[pair[side]]?.[id % 2]}"`))].join();
  return `${OWN.replaceAll(' ', '')}\n${ids.map(row).join('\n')}\n`;
}

function open(side: 'from' | 'to', history: string): Scenario {
  const types = Object.fromEntries(PAIRS.map((pair, index) => [`c${index}`, pair[side]]));
  return openScenario(dir(), {
    layers: ['bronze', 'silver'],
    tables: [{ name: 't', pk: 'id', types, history }],
  });
}

test.each(['latest', 'scd2'])(
  'bronze (%s) and silver follow a change of type, from each to each',
  async (history) => {
    await mkdir(join(dir(), 'models/silver'), { recursive: true });
    const current = history === 'scd2' ? ' WHERE is_current' : '';
    await writeFile(
      join(dir(), 'models/silver/s.sql'),
      `-- key: id\nSELECT ${OWN} FROM bronze.t${current}\n`,
    );
    const before = open('from', history);
    await before.write('t.csv', table('from', [1, 2, 3, 4, 5, 6]));
    expect((await before.run()).exitCode).toBe(0);
    const after = open('to', history);
    await after.write('t.csv', table('to', [1, 3, 4, 5, 6, 7]));
    expect((await after.run()).report.tables['t']?.operation).toBe('held');
    const { exitCode, report } = await after.run({ approve: ['t'] });
    expect(report.layers).toMatchObject({
      'bronze.t': { operation: 'rebuilt' },
      'silver.s': { operation: 'rebuilt' },
    });
    expect(exitCode).toBe(0);

    const rows = await after.query(`SELECT ${OWN} FROM t ORDER BY id`);
    expect(rows).toHaveLength(6);
    expect(await after.query(`SELECT ${OWN} FROM bronze.t${current} ORDER BY id`)).toEqual(rows);
    expect(await after.query(`SELECT ${OWN} FROM silver.s ORDER BY id`)).toEqual(rows);
    const types = await after.query('SELECT column_type FROM (DESCRIBE SELECT * EXCLUDE id FROM bronze.t)');
    expect(types.slice(0, PAIRS.length).map((row) => row['column_type'])).toEqual(
      PAIRS.map(({ to }) => describedType(to)),
    );

    expect((await after.run({ fullRefresh: true })).exitCode).toBe(0);
    expect(await after.query(`SELECT ${OWN} FROM bronze.t${current} ORDER BY id`)).toEqual(rows);
  },
);

test('of versions that have passed it is told where a value has no form in the new type', async () => {
  const table = (types: object): Scenario =>
    openScenario(dir(), {
      layers: ['bronze'],
      tables: [{ name: 't', pk: 'id', history: 'scd2', types, null: ['-'] }],
    });
  const before = table({});
  await before.write('t.csv', 'id,v\n1,none\n2,7\n3,8\n4,-\n');
  await before.run();
  const after = table({ v: 'bigint' });
  await after.write('t.csv', 'id,v\n1,6\n2,7\n3,9\n4,-\n');
  const { report } = await after.run({ approve: ['t'] });
  expect(report.layers?.['bronze.t']).toMatchObject({
    operation: 'rebuilt',
    reason:
      'the column v has become bigint, so that every row was written anew; 1 versions have a value with no form in the new type, which is null now',
  });
  const versions = await after.query('SELECT id, v, is_current FROM bronze.t ORDER BY id, is_current');
  expect(versions.map(({ id, v, is_current: isCurrent }) => [id, v, isCurrent].map(String))).toEqual([
    ['1', 'null', 'false'],
    ['1', '6', 'true'],
    ['2', '7', 'true'],
    ['3', '8', 'false'],
    ['3', '9', 'true'],
    ['4', 'null', 'true'],
  ]);
});

test.each<readonly [ColumnType, ColumnType, string, string | null]>([
  ['double', 'bigint', '10.5', null],
  ['double', 'bigint', '10.0', '10'],
  ['decimal(10,4)', 'bigint', '3.5000', null],
  ['decimal(10,4)', 'decimal(12,2)', '3.4567', null],
  ['decimal(10,4)', 'decimal(12,2)', '3.4500', '3.45'],
  ['double', 'decimal(12,2)', '1.239', null],
  ['text', 'bigint', '1.5', null],
  ['text', 'bigint', '007', '7'],
  ['text', 'decimal(12,2)', '1.239', null],
  ['text', 'boolean', 'true', 'true'],
  ['bigint', 'boolean', '7', null],
  ['bigint', 'boolean', '1', 'true'],
  ['timestamp', 'date', '2024-01-31 10:20:30', null],
  ['timestamp', 'date', '2024-01-31 00:00:00', '2024-01-31'],
  ['text', 'date', '2024-01-31 10:20:30', null],
  ['bigint', 'decimal(22,2)', '9007199254740993', '9007199254740993.00'],
])('a version that has passed, %s as %s: %s is %s, never a rounded value', async (from, to, value, then) => {
  const open = (type: ColumnType): Scenario =>
    openScenario(dir(), {
      layers: ['bronze'],
      tables: [{ name: 't', pk: 'id', history: 'scd2', types: { v: type } }],
    });
  const before = open(from);
  await before.write('t.csv', `id,v\n1,${value}\n2,${value}\n`);
  expect((await before.run()).exitCode).toBe(0);
  const after = open(to);
  await after.write('t.csv', `id,v\n1,\n`);
  await after.run({ approve: ['t'] });
  const shown = `SELECT CAST(v AS VARCHAR) AS v FROM bronze.t WHERE id = 2`;
  expect(await after.query(shown)).toEqual([{ v: then }]);
  expect((await after.run({ fullRefresh: true })).exitCode).toBe(0);
  expect(await after.query(shown)).toEqual([{ v: then }]);
  expect(await after.query(`SELECT v FROM bronze.t WHERE id = 1 AND is_current`)).toEqual([{ v: null }]);
  expect((await after.verify()).ok).toBe(true);
});
