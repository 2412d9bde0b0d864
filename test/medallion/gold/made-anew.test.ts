import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { backfillGold } from '../../../src/medallion/build/backfill.ts';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import { planStep as planGold } from '../../../src/medallion/build/plan.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { modelStatus } from '../../../src/medallion/layer-status.ts';
import { createSilver, goldModel, request, rowsOf, useSilver } from './gold.ts';

/** A silver table that is removed from the lake and made again is another one, whatever its versions are called. */

const DAILY = await goldModel(
  'daily',
  '-- dt_ref: t.dt\nSELECT count(*) AS n, sum(pts) AS pts FROM silver.t WHERE dt = $dt_ref\n',
);
const SILVER = { layer: 'silver', name: 't' } as const;
const ANOTHER = { kind: 'rebuild', reason: 'silver.t is another table than before' } as const;
const WHOLE = { from: '2020-01-01', to: '2030-12-31' } as const;

let tables: LayerTables;
const { dir, openLayers } = useSilver(
  {
    t: `SELECT * FROM (VALUES (DATE '2024-01-01', 10), (DATE '2024-01-03', 5)) AS v(dt, pts)`,
  },
  (opened) => {
    tables = opened;
  },
);

beforeEach(async () => {
  await append(`SELECT DATE '2024-01-02' AS dt, 7 AS pts`);
});

async function append(rows: string): Promise<void> {
  await (await tables.require(SILVER)).append(rows);
}

/** Makes silver.t again, of other rows, at a version. */
async function makeAnew(version: number): Promise<void> {
  await rm(join(dir(), 'lake', 'silver'), { recursive: true });
  tables = await openLayers(dir());
  await createSilver(tables, 't', `SELECT DATE '2024-01-03' AS dt, 1 AS pts`);
  for (let next = 1; next <= version; next += 1)
    await append(`SELECT DATE '2024-02-01' AS dt, ${next} AS pts`);
}

async function expectFresh(): Promise<void> {
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
  const rows = await rowsOf(tables, DAILY);
  const report = await buildGold(tables, await request(tables, DAILY, { fullRefresh: true }));
  expect(report).toMatchObject({ operation: 'rebuilt', inserted: 0, updated: 0, deleted: 0 });
  expect(await rowsOf(tables, DAILY)).toEqual(rows);
}

test.for([0, 1, 4])('at version %d, of 1 that was applied, it is read as a whole', async (version) => {
  await buildGold(tables, await request(tables, DAILY));
  await makeAnew(version);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual(ANOTHER);
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({
    operation: 'rebuilt',
    deleted: 3,
    reason: ANOTHER.reason,
  });
  await expectFresh();
  await append(`SELECT DATE '2024-01-05' AS dt, 2 AS pts`);
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({
    operation: 'updated',
    inserted: 1,
    deleted: 0,
  });
  await expectFresh();
});

test('with the same rows at the same version it is noted once, and no partition is written', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const before = await rowsOf(tables, DAILY);
  await makeAnew(0);
  await (
    await tables.require(SILVER)
  ).overwrite(
    `SELECT * FROM (VALUES (DATE '2024-01-01', 10), (DATE '2024-01-03', 5), (DATE '2024-01-02', 7)) AS v(dt, pts)`,
  );
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({
    operation: 'rebuilt',
    inserted: 0,
    deleted: 0,
    version: 1,
  });
  expect(await rowsOf(tables, DAILY)).toEqual(before);
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({
    operation: 'unchanged',
    version: 1,
  });
});

test('what a changed SELECT makes of it has other columns', async () => {
  await buildGold(tables, await request(tables, DAILY));
  await makeAnew(0);
  const wider = await goldModel('daily', DAILY.sql.replace('count(*)', 'max(pts) AS most, count(*)'));
  expect(await buildGold(tables, await request(tables, wider))).toMatchObject({
    operation: 'rebuilt',
    reason: 'its model has changed',
  });
  expect(await planGold(tables, await request(tables, wider))).toEqual({ kind: 'unchanged' });
});

test('a table that does not know its sources goes on, and learns them with its next commit', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const { configuration } = await (await tables.require(DAILY)).snapshot();
  await forget();
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
  await append(`SELECT DATE '2024-01-05' AS dt, 2 AS pts`);
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({ operation: 'updated' });
  expect((await (await tables.require(DAILY)).snapshot()).configuration).toEqual(configuration);

  await forget();
  await makeAnew(0);
  const older = 'silver.t is at version 0, before version 2 that was applied';
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({
    operation: 'rebuilt',
    reason: older,
  });
  await expectFresh();
});

/** Makes the gold table as if it had never noted what it was made of. */
async function forget(): Promise<void> {
  const log = join(dir(), 'lake', 'gold', 'daily', '_delta_log');
  for (const name of await readdir(log)) {
    const text = await readFile(join(log, name), 'utf8');
    await writeFile(join(log, name), text.replace(/,"igarape\.source\.silver\.t":"[^"]+"/, ''));
  }
  tables = await openLayers(dir());
  const { configuration } = await (await tables.require(DAILY)).snapshot();
  expect(Object.keys(configuration)).not.toContain('igarape.source.silver.t');
}

test('a part of its dates that is computed anew is no full table', async () => {
  await buildGold(tables, await request(tables, DAILY));
  await makeAnew(0);
  const report = await backfillGold(tables, DAILY, { from: '2024-01-01', to: '2024-01-02' });
  expect(report).toMatchObject({ dates: 2, deleted: 2 });
  expect(await planGold(tables, await request(tables, DAILY))).toEqual(ANOTHER);
  await buildGold(tables, await request(tables, DAILY));
  await expectFresh();
});

test.for([0, 1, 4])('a backfill of all of its dates, of version %d, is one', async (version) => {
  await backfillGold(tables, DAILY, WHOLE);
  await makeAnew(version);
  expect(await backfillGold(tables, DAILY, WHOLE)).toMatchObject({ operation: 'updated' });
  await expectFresh();
});

test('of a table that was made anew nothing counts as applied', async () => {
  await buildGold(tables, await request(tables, DAILY));
  expect((await modelStatus(tables, DAILY)).sources).toEqual({ 'silver.t': { applied: 1, newest: 1 } });
  expect((await modelStatus(tables, { ...DAILY, hash: 'of another SELECT' })).sources).toEqual({
    'silver.t': { applied: null, newest: 1 },
  });
  await makeAnew(3);
  expect((await modelStatus(tables, DAILY)).sources).toEqual({ 'silver.t': { applied: null, newest: 3 } });
});
