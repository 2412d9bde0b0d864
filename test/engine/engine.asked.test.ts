import { afterEach, beforeEach, expect, test } from 'vitest';
import { engineVersion } from '../../src/engine/duckdb.ts';
import { Engine } from '../../src/engine/engine.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let engine: Engine;
beforeEach(async () => {
  engine = Engine.open({ memoryLimit: '100MB', spillDir: dir(), threads: 3 });
});
afterEach(() => engine.close());

async function threads(): Promise<unknown> {
  const [row] = await engine.rows(`SELECT current_setting('threads') AS threads`);
  return row?.['threads'];
}

test('an engine works with one thread on a small table, and with all on a large one or an unknown one', async () => {
  await engine.fitTo(10, 1000);
  expect(await threads()).toBe(1n);
  await engine.fitTo(10, 1_000_000);
  expect(await threads()).toBe(3n);
  await engine.fitTo(10, 1000);
  engine.reopen();
  expect(await threads()).toBe(3n);
  await engine.fitTo(10, 1000);
  expect(await threads()).toBe(1n);
  await engine.fitTo(0, undefined);
  expect(await threads()).toBe(3n);
  await engine.fitToValues(1000);
  expect(await threads()).toBe(1n);
  await engine.fitToValues(undefined);
  expect(await threads()).toBe(3n);
});

test('one thread runs statements over few values of a large table, and as many as before those after them, also where one fails', async () => {
  await engine.fitTo(10, 1_000_000);
  expect(await engine.overRows(1000, threads)).toBe(1n);
  expect(await threads()).toBe(3n);
  expect(await engine.overRows(1_000_000, threads)).toBe(3n);
  await expect(
    engine.overRows(1000, async () => engine.run(`SELECT error('no') FROM range(10)`)),
  ).rejects.toThrow('no');
  expect(await threads()).toBe(3n);
  await engine.fitTo(60, 1_000_000);
  expect(await engine.overRows(1000, threads)).toBe(1n);
  expect(await threads()).toBe(2n);
});

test('batches come whole and in UTC after others that were broken off, that failed, and that are still open', async () => {
  const hours = async (): Promise<unknown> => {
    const found = [];
    for await (const rows of engine.batches(
      `SELECT CAST(TIMESTAMPTZ '2024-01-01 00:00:00+00' AS VARCHAR) AS at, count(*) AS n FROM range(5000)`,
    ))
      found.push(...rows);
    return found;
  };
  const whole = [{ at: '2024-01-01 00:00:00+00', n: 5000n }];
  expect(await hours()).toEqual(whole);
  for await (const rows of engine.batches('SELECT * FROM range(100000)')) {
    expect(rows.length).toBeGreaterThan(0);
    expect(await hours()).toEqual(whole);
    break;
  }
  await expect(engine.batches(`SELECT error('no') FROM range(10)`).next()).rejects.toThrow('no');
  expect(await hours()).toEqual(whole);
  engine.reopen();
  expect(await hours()).toEqual(whole);
});

test('the more columns a table has, the fewer threads and the smaller row groups and dictionaries take them in hand', async () => {
  const of = async (columns: number): Promise<unknown> => {
    await engine.fitTo(columns, 1_000_000);
    const [, rows, dictionary] =
      /^ROW_GROUP_SIZE (\d+), ROW_GROUP_SIZE_BYTES \d+, STRING_DICTIONARY_PAGE_SIZE_LIMIT (\d+)$/.exec(
        engine.parquetSizes,
      ) ?? [];
    return { threads: await threads(), rowGroup: Number(rows), dictionary: Number(dictionary) };
  };
  expect(await of(10)).toEqual({ threads: 3n, rowGroup: 122_880, dictionary: 1_048_576 });
  expect(await of(80)).toEqual({ threads: 1n, rowGroup: 14_336, dictionary: 229_376 });
  await engine.limitMemory('300MB');
  expect(await of(80)).toEqual({ threads: 3n, rowGroup: 14_336, dictionary: 229_376 });
  expect(await of(200)).toEqual({ threads: 2n, rowGroup: 6144, dictionary: 98_304 });
  expect(await of(10_000)).toEqual({ threads: 1n, rowGroup: 2048, dictionary: 32_768 });
});

test('while a table is wide, and no longer, what the engine frees goes back to the system in small pieces', async () => {
  const givenBack = async (): Promise<unknown> =>
    (await engine.rows(`SELECT current_setting('allocator_bulk_deallocation_flush_threshold') AS bytes`))[0];
  const before = await givenBack();
  await engine.fitTo(1000, 1_000_000);
  expect(await givenBack()).toEqual({ bytes: '250.0 KiB' });
  await engine.fitTo(10, 1_000_000);
  expect(await givenBack()).toEqual(before);
  await engine.fitTo(1000, 1_000_000);
  engine.reopen();
  expect(await givenBack()).toEqual(before);
  await engine.fitTo(1000, 1_000_000);
  expect(await givenBack()).toEqual({ bytes: '250.0 KiB' });
});

test('statements over a wide table leave the limit of the memory as it was set', async () => {
  const before = await engine.memoryBytes();
  await engine.fitTo(1000, 1_000_000);
  await engine.run('SELECT 1');
  await engine.limitMemory('300MB');
  await engine.run('SELECT 1');
  expect(await engine.memoryBytes()).toBeCloseTo(300e6, -6);
  await engine.limitMemory(`${before}B`);
  await engine.fitTo(1000, 0);
  await engine.run('SELECT 1');
  expect(await engine.memoryBytes()).toBeGreaterThan(before);
  await engine.fitTo(0, undefined);
  expect(await engine.memoryBytes()).toBeCloseTo(before, -6);
});

test('what is asked of the library is what a statement would say', async () => {
  expect(await engine.rows('SELECT version() AS version')).toEqual([{ version: engineVersion() }]);
  const types = [
    'BIGINT',
    'DOUBLE',
    'DECIMAL(12,2)',
    'BOOLEAN',
    'DATE',
    'TIMESTAMP',
    'TIMESTAMP WITH TIME ZONE',
    'VARCHAR',
    'UBIGINT',
  ];
  const select = `SELECT ${types.map((type, index) => `NULL::${type} AS c${index}`).join(', ')}`;
  const described = await engine.rows(`DESCRIBE ${select}`);
  expect(await engine.describe(select)).toEqual(
    described.map((row) => ({ name: row['column_name'], type: row['column_type'] })),
  );
});
