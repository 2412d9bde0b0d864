import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { backfill } from '../../src/pipeline/backfill.ts';
import { withReader } from '../../src/explore/reader.ts';
import { status } from '../../src/explore/status.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { ForeignLake } from '../medallion/bronze/foreign-lake.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage, type Write } from '../support/wrapped-storage.ts';
import { writeFileAt } from '../support/write-file.ts';

/** A lake whose tables are all fed by change files of others, so that there is no source. */
const dir = useTempDir();

const CONFIG = {
  source: undefined,
  layers: ['bronze', 'silver'],
  tables: [
    { name: 'c', pk: 'id', bronze: { from: './cdc/c_*.parquet', order_by: 'ts' } },
    { name: 'd', pk: 'id', bronze: { from: './cdc/d_*.parquet', order_by: 'ts' } },
  ],
} as const;

let other: ForeignLake;
let scenario: Scenario;
let writes: Write[];

beforeEach(async () => {
  writes = [];
  other = await ForeignLake.open(dir());
  const storage = wrapStorage(openLocalStorage(join(dir(), 'lake')), {
    before: (write) => void writes.push(write),
  });
  scenario = openScenario(dir(), CONFIG, { storage });
  for (const name of ['c', 'd']) {
    await writeFileAt(
      join(dir(), `models/silver/${name}.sql`),
      `-- key: id\nSELECT id, v FROM bronze.${name}`,
    );
  }
  await other.writeChanges('c_1.parquet', [{ op: 'I', id: 1, v: 'a', ts: 1 }]);
  await other.writeChanges('c_2.parquet', [{ op: 'I', id: 2, v: 'b', ts: 1 }]);
});

const NO_FILES = expect.stringContaining('no file matches') as string;

test('plan tells how many files are new, and what is made of them, and writes nothing', async () => {
  expect(await scenario.plan()).toEqual({
    source: null,
    tables: {},
    layers: {
      'bronze.c': { operation: 'create', newFiles: 2 },
      'bronze.d': { operation: 'unchanged', newFiles: 0, reason: NO_FILES },
      'silver.c': { operation: 'create' },
      'silver.d': { operation: 'skipped', reason: 'bronze.d does not exist yet.' },
    },
  });
  expect(writes).toEqual([]);
  const first = await scenario.run();
  expect(first).toMatchObject({
    exitCode: 0,
    report: {
      run: null,
      source: null,
      tables: {},
      layers: {
        'bronze.c': { operation: 'created', inserted: 2 },
        'bronze.d': { operation: 'unchanged', version: null, reason: NO_FILES },
        'silver.c': { operation: 'created' },
        'silver.d': { operation: 'skipped', reason: 'bronze.d does not exist yet.' },
      },
    },
  });
  expect((await scenario.plan()).layers).toMatchObject({
    'bronze.c': { operation: 'unchanged', newFiles: 0 },
    'silver.c': { operation: 'unchanged' },
  });

  await other.writeChanges('c_3.parquet', [{ op: 'U', id: 1, v: 'A', ts: 2 }]);
  await other.touch('c_1.parquet');
  expect((await scenario.plan()).layers).toMatchObject({
    'bronze.c': { operation: 'update', newFiles: 2 },
    'silver.c': { operation: 'update' },
  });
  expect((await scenario.plan({ tables: ['d'] })).layers).not.toHaveProperty(['bronze.c']);
  expect((await scenario.plan({ fullRefresh: true })).layers).toMatchObject({
    'bronze.c': { operation: 'rebuild', newFiles: 3, reason: 'a full refresh was asked for' },
  });
  expect((await scenario.run()).report.layers).toMatchObject({
    'bronze.c': { operation: 'updated', updated: 1 },
    'silver.c': { operation: 'updated', updated: 1 },
  });
  expect(await scenario.ledger()).toEqual([]);
});

test('what a stopped run has committed and not applied is to be done, too', async () => {
  const storage = wrapStorage(openLocalStorage(join(dir(), 'lake')), {
    after: ({ keys }) => {
      if (keys.some((key) => key.includes('_igarape/bronze/c/batches/'))) throw new Error('stopped');
    },
  });
  await expect(scenario.run({ storage, tables: ['c'] })).resolves.toMatchObject({ exitCode: 1 });
  expect((await scenario.plan({ tables: ['c'] })).layers?.['bronze.c']).toEqual({
    operation: 'create',
    newFiles: 0,
  });
  expect((await scenario.run()).report.layers?.['bronze.c']).toMatchObject({ operation: 'created' });
});

test('plan refuses what the run would refuse: another key, and a table that is gone', async () => {
  await scenario.run();
  const [first, second] = CONFIG.tables;
  const otherKey = openScenario(dir(), { ...CONFIG, tables: [{ ...first, pk: 'v' }, second] });
  await expect(otherKey.plan()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'The bronze table c was made otherwise: pk was id.',
  });
  await rm(join(dir(), 'lake/bronze/c'), { recursive: true });
  await expect(scenario.plan()).rejects.toMatchObject({ code: 'LAKE_CORRUPT' });
  expect((await scenario.run()).report.layers?.['bronze.c']).toMatchObject({ operation: 'failed' });
  expect((await scenario.plan({ fullRefresh: true })).layers?.['bronze.c']?.operation).toBe('create');
});

test('status tells the batches that were taken in, and the files that are left', async () => {
  const { config, storage } = scenario;
  const layers = async (): Promise<unknown> =>
    (await withReader({ config, storage }, testEdge(), (reader) => status(reader, { lastRuns: 1 }))).layers;
  expect(await layers()).toMatchObject({
    'bronze.c': { version: null, sources: { files: { applied: null, newest: null, pendingFiles: 2 } } },
  });
  await scenario.run();
  await other.writeChanges('c_3.parquet', [{ op: 'U', id: 1, v: 'A', ts: 2 }]);
  expect(await layers()).toMatchObject({
    'bronze.c': {
      version: 0,
      rows: 2,
      sources: {
        files: {
          applied: 0,
          newest: 0,
          pendingFiles: 1,
          oldestPending: { file: 'c_3.parquet', since: expect.stringMatching(/^\d{4}-.*Z$/) },
        },
      },
    },
    'bronze.d': { version: null, sources: { files: { applied: null, newest: null, pendingFiles: 0 } } },
    'silver.c': { version: 0, sources: { 'bronze.c': { applied: 0, newest: 0 } } },
  });
});

test('a file that cannot be read holds no other back, and ends each run with the code of the source', async () => {
  await scenario.run();
  await writeFile(join(other.folder, 'cdc/c_3.parquet'), 'PAR1 no more');
  await other.writeChanges('c_4.parquet', [{ op: 'I', id: 4, v: 'd', ts: 3 }]);
  const unreadable = expect.stringContaining('c_3.parquet cannot be read (yet), there since') as string;
  for (const inserted of [1, 0]) {
    const { exitCode, report } = await scenario.run();
    expect(exitCode).toBe(3);
    expect(report.layers?.['bronze.c']).toMatchObject({
      inserted,
      reason: unreadable,
      code: 'TABLE_UNREADABLE',
    });
    expect(report.layers?.['silver.c']).toMatchObject({ inserted });
  }
  await rm(join(other.folder, 'cdc/c_3.parquet'));
  expect(await scenario.run()).toMatchObject({ exitCode: 0 });
});

test('tables are asked for by name, and there is no past to be filled in', async () => {
  expect((await scenario.run({ tables: ['d'] })).report.layers).not.toHaveProperty(['bronze.c']);
  await expect(scenario.run({ tables: ['e'] })).rejects.toMatchObject({
    code: 'USAGE',
    hint: 'The tables are: c, d.',
  });
  await expect(scenario.run({ reload: ['c'] })).rejects.toMatchObject({ code: 'USAGE' });
  const { config, storage } = scenario;
  await expect(
    backfill({ config, storage, source: undefined, from: '1' }, testEdge(), 'igarape test'),
  ).rejects.toMatchObject({ code: 'USAGE' });
});

test('beside tables of a source, one of others can be asked for alone', async () => {
  const mixed = openScenario(dir(), {
    layers: ['bronze'],
    tables: [{ name: 't', pk: 'id' }, CONFIG.tables[0]],
  });
  await mixed.write('t.csv', 'id\n1\n');
  const { report } = await mixed.run({ tables: ['c'] });
  expect(report).toMatchObject({ run: null, tables: {}, layers: { 'bronze.c': { operation: 'created' } } });
  expect(Object.keys(report.layers ?? {})).toEqual(['bronze.c']);
  expect((await mixed.run()).report).toMatchObject({ run: 0, tables: { t: { operation: 'full-load' } } });
});
