import { expect, test } from 'vitest';
import type { MaintenanceConfig } from '../../src/config/config.ts';
import { type Logger, silentLogger } from '../../src/core/log.ts';
import type { DeltaTable } from '../../src/delta/table.ts';
import { LayerTables } from '../../src/medallion/layer-tables.ts';
import { maintain } from '../../src/medallion/maintain.ts';
import type { Storage } from '../../src/storage/port.ts';
import { useLayers } from '../support/layer-tables.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const openLayers = useLayers();

const DAY_MS = 86_400_000;
const TABLE = { layer: 'bronze', name: 't' } as const;
const RULES: MaintenanceConfig = {
  optimize: true,
  optimizeAfterFiles: 3,
  vacuum: true,
  vacuumEveryMs: 7 * DAY_MS,
};

/** Layers with a clock that stands, from now on, at so many days as it is set to. */
class Lake {
  days = 0;
  lists = 0;
  readonly warnings: object[] = [];
  fail = false;
  readonly #begin = Date.now();
  tables: LayerTables | undefined;

  async open(): Promise<LayerTables> {
    const log: Logger = { ...silentLogger, warn: (fields) => void this.warnings.push(fields) };
    const { edge } = await openLayers(dir(), { clock: () => this.#begin + this.days * DAY_MS, log });
    const wrapped = wrapStorage(edge.storage, {
      before: ({ call, keys }) => {
        const isUpkeep = call === 'delete' || keys.some((key) => key.endsWith('.parquet'));
        if (this.fail && isUpkeep) throw new Error('the disk is on fire');
      },
    });
    const storage: Storage = {
      ...wrapped,
      list: (prefix, startAfter) => {
        this.lists += 1;
        return wrapped.list(prefix, startAfter);
      },
    };
    return new LayerTables({ ...edge, storage });
  }
}

async function ids(delta: DeltaTable, at?: number): Promise<number[]> {
  await using rows = await delta.read(at === undefined ? {} : { at });
  return (await rows.toArray()).map(({ id }) => Number(id)).toSorted((left, right) => left - right);
}

async function operations(delta: DeltaTable): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const { operation } of delta.history()) found.unshift(operation);
  return found;
}

test('files are put together once more of them than the threshold have gathered, and the rows stay', async () => {
  const tables = await new Lake().open();
  const delta = await tables.create(TABLE, { rows: 'SELECT 0 AS id' });
  for (const id of [1, 2]) await delta.append(`SELECT ${id} AS id`);
  await maintain(tables, TABLE, RULES);
  expect((await delta.snapshot()).fileCount).toBe(3);

  await delta.append('SELECT 3 AS id');
  await maintain(tables, TABLE, RULES);
  const { fileCount, version } = await delta.snapshot();
  expect({ fileCount, version }).toEqual({ fileCount: 1, version: 4 });
  expect(await ids(delta)).toEqual([0, 1, 2, 3]);
  expect(await ids(delta, 2)).toEqual([0, 1, 2]);
  await using changes = await delta.changes({ from: 4 });
  expect(await changes.toArray()).toEqual([]);

  await maintain(tables, TABLE, RULES);
  expect((await delta.snapshot()).version).toBe(4);
});

test('a file alone in its partition waits for no others', async () => {
  const tables = await new Lake().open();
  const delta = await tables.create(TABLE, {
    rows: 'SELECT range AS id, range % 5 AS day FROM range(5)',
    partitionColumns: ['day'],
  });
  await delta.append('SELECT 5 AS id, 0 AS day');
  await maintain(tables, TABLE, RULES);
  expect((await delta.snapshot()).version).toBe(1);
  await delta.append('SELECT 6 AS id, 1 AS day');
  await maintain(tables, TABLE, RULES);
  expect((await delta.snapshot()).fileCount).toBe(5);
});

test('files go when a vacuum is due, but for those that a version within the retention needs', async () => {
  const lake = new Lake();
  const tables = await lake.open();
  const delta = await tables.create(TABLE, { rows: 'SELECT 0 AS id' });
  lake.days = 1;
  await delta.overwrite('SELECT 1 AS id');
  lake.days = 5;
  await delta.overwrite('SELECT 2 AS id');
  for (const id of [3, 4, 5]) await delta.append(`SELECT ${id} AS id`);
  lake.days = 6.9;
  await maintain(tables, TABLE, { ...RULES, optimize: false });
  expect(await ids(delta, 0)).toEqual([0]);

  lake.days = 9;
  await maintain(tables, TABLE, RULES);
  expect(await operations(delta)).toEqual([
    'CREATE TABLE AS SELECT',
    'WRITE',
    'WRITE',
    'WRITE',
    'WRITE',
    'WRITE',
    'OPTIMIZE',
    'VACUUM END',
  ]);
  await expect(ids(delta, 0)).rejects.toMatchObject({ code: 'DELTA_MISSING' });
  expect(await ids(delta, 1)).toEqual([1]);
  expect(await ids(delta, 4)).toEqual([2, 3, 4]);
  expect(await ids(delta)).toEqual([2, 3, 4, 5]);
  expect(lake.warnings).toEqual([]);

  lake.days = 15;
  await maintain(tables, TABLE, RULES);
  expect(await operations(delta)).toHaveLength(8);
  expect(await ids(delta, 4)).toEqual([2, 3, 4]);
  lake.days = 16.5;
  await maintain(tables, TABLE, RULES);
  expect((await operations(delta)).at(-1)).toBe('VACUUM END');
  await expect(ids(delta, 4)).rejects.toMatchObject({ code: 'DELTA_MISSING' });
  expect(await ids(delta, 6)).toEqual([2, 3, 4, 5]);
});

test('the last vacuum is remembered by the table itself', async () => {
  const lake = new Lake();
  const delta = await (await lake.open()).create(TABLE, { rows: 'SELECT 0 AS id' });
  for (const [days, version] of [
    [8, 1],
    [14.9, 1],
    [15, 2],
  ] as const) {
    lake.days = days;
    await maintain(await lake.open(), TABLE, RULES);
    expect((await delta.snapshot()).version).toBe(version);
  }
});

test('turned off, nothing is done; not due, no folder is listed', async () => {
  const lake = new Lake();
  const tables = await lake.open();
  const delta = await tables.create(TABLE, { rows: 'SELECT 0 AS id' });
  for (const id of [1, 2, 3, 4]) await delta.append(`SELECT ${id} AS id`);
  lake.days = 100;
  await maintain(tables, TABLE, { ...RULES, optimize: false, vacuum: false });
  lake.days = 3;
  await delta.snapshot();
  lake.lists = 0;
  await maintain(tables, TABLE, { ...RULES, optimizeAfterFiles: 5 });
  expect(lake.lists).toBe(0);
  expect((await delta.snapshot()).version).toBe(4);
});

test('what fails in it is a warning, and the table is as it was', async () => {
  const lake = new Lake();
  const tables = await lake.open();
  const delta = await tables.create(TABLE, { rows: 'SELECT 0 AS id' });
  await delta.overwrite('SELECT 1 AS id');
  for (const id of [2, 3, 4]) await delta.append(`SELECT ${id} AS id`);
  lake.days = 9;
  lake.fail = true;
  await maintain(tables, TABLE, RULES);
  expect(lake.warnings).toEqual([
    { table: 'bronze.t', step: 'optimize', reason: expect.stringContaining('on fire') },
    { table: 'bronze.t', step: 'vacuum', reason: expect.stringContaining('on fire') },
  ]);
  expect(await ids(delta)).toEqual([1, 2, 3, 4]);
  lake.fail = false;
  await maintain(tables, TABLE, RULES);
  expect((await operations(delta)).slice(-2)).toEqual(['OPTIMIZE', 'VACUUM END']);
});

test('a run that was told to stop stops in it too', async () => {
  const lake = new Lake();
  const tables = await lake.open();
  const delta = await tables.create(TABLE, { rows: 'SELECT 0 AS id' });
  for (const id of [1, 2, 3]) await delta.append(`SELECT ${id} AS id`);
  tables.edge.engine.interrupt();
  await expect(maintain(tables, TABLE, RULES)).rejects.toMatchObject({ name: 'AbortError' });
  expect(lake.warnings).toEqual([]);
});
