import { expect, test } from 'vitest';
import { type BackfillProgress, backfillGold } from '../../../src/medallion/build/backfill.ts';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import { planStep as planGold } from '../../../src/medallion/build/plan.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { dateOf, filesByDate, goldModel, request, rowsOf, useSilver } from './gold.ts';

const DAILY = await goldModel(
  'daily',
  `-- partition: date
-- dt_ref: t.dt\nSELECT count(*) AS n FROM silver.t WHERE dt = $dt_ref\n`,
);
const SILVER = { layer: 'silver', name: 't' } as const;

let tables: LayerTables;
const { dir, openLayers } = useSilver(
  {
    t: `SELECT i AS id, DATE '2024-01-30' + CAST(i * 2 AS INTEGER) AS dt FROM range(40) AS r(i)`,
  },
  (opened) => {
    tables = opened;
  },
);

async function datesOf(): Promise<string[]> {
  return (await rowsOf(tables, DAILY)).map(dateOf);
}

test('both ends of a range are computed, a month at a time, each in a commit that others can see', async () => {
  const seen: BackfillProgress[] = [];
  const report = await backfillGold(tables, DAILY, {
    from: '2024-01-30',
    to: '2024-02-29',
    onProgress: (progress) => seen.push(progress),
  });
  expect(report).toEqual({
    operation: 'created',
    inserted: 16,
    updated: 0,
    deleted: 0,
    version: 1,
    dates: 16,
  });
  expect(seen).toEqual([
    { done: 1, total: 16, last: '2024-01-30' },
    { done: 16, total: 16, last: '2024-02-29' },
  ]);
  expect([(await datesOf())[0], (await datesOf()).at(-1)]).toEqual(['2024-01-30', '2024-02-29']);
});

test('however many ranges are computed, the log notes the last one alone', async () => {
  for (const day of ['2024-01-30', '2024-02-01', '2024-02-03', '2024-02-01'])
    await backfillGold(tables, DAILY, { from: day, to: day });
  const { state } = await (await tables.require(DAILY)).snapshot();
  expect([...state.transactions.keys()]).toEqual(['igarape:backfill']);
  expect(await datesOf()).toEqual(['2024-01-30', '2024-02-01', '2024-02-03']);
});

test('a part of the dates is no full table: the next run computes the others, and leaves those as they are', async () => {
  await backfillGold(tables, DAILY, { from: '2024-02-01', to: '2024-02-10' });
  const before = await filesByDate(tables, DAILY);
  expect(before.size).toBe(5);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({
    kind: 'rebuild',
    reason: 'silver.t is new to it',
  });
  const report = await buildGold(tables, await request(tables, DAILY));
  expect(report).toMatchObject({ operation: 'rebuilt', inserted: 35, deleted: 0 });
  const after = await filesByDate(tables, DAILY);
  for (const [date, files] of before) expect(after.get(date)).toEqual(files);
});

test('a range of all dates leaves nothing to be done by the next run', async () => {
  await backfillGold(tables, DAILY, { from: '2020-01-01', to: '2030-12-31' });
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
});

test('it goes on where it was stopped', async () => {
  const stop = new AbortController();
  const range = { from: '2024-01-01', to: '2024-12-31' };
  const stopped = backfillGold(tables, DAILY, {
    ...range,
    signal: stop.signal,
    onProgress: ({ last }) => {
      if (last > '2024-02-15') stop.abort();
    },
  });
  await expect(stopped).rejects.toThrow('aborted');
  expect((await datesOf()).at(-1)).toBe('2024-02-29');
  const report = await backfillGold(tables, DAILY, range);
  expect(report).toMatchObject({ resumedAfter: '2024-02-29', dates: 24, inserted: 24 });
  expect(await datesOf()).toHaveLength(40);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
  expect(await backfillGold(tables, DAILY, range)).toMatchObject({ operation: 'unchanged', dates: 0 });
});

test('after the sources have changed it begins anew', async () => {
  const range = { from: '2024-01-01', to: '2024-12-31' };
  await backfillGold(tables, DAILY, range);
  await (await tables.require(SILVER)).append(`SELECT 99 AS id, DATE '2024-02-01' AS dt`);
  const report = await backfillGold(tables, DAILY, range);
  expect(report).toMatchObject({ operation: 'updated', dates: 40, inserted: 1, deleted: 1 });
  expect(report.resumedAfter).toBeUndefined();
});

test('a range without data changes nothing, and says so, where there is no table either', async () => {
  const report = await backfillGold(tables, DAILY, { from: '2023-01-01', to: '2023-12-31' });
  expect(report).toEqual({
    operation: 'unchanged',
    inserted: 0,
    updated: 0,
    deleted: 0,
    version: null,
    dates: 0,
    reason: 'there is no date from 2023-01-01 to 2023-12-31: silver.t has no rows for one',
  });
  expect(await tables.find(DAILY)).toBeUndefined();
});

test.for([
  ['2024-02-02', '2024-02-01', 'The range from 2024-02-02 to 2024-02-01 ends before it begins.'],
  ['2024-02-30', '2024-03-01', '"2024-02-30" is no date.'],
  ['2024-02-01', 'today', '"today" is no date.'],
])('the range from %s to %s is refused', async ([from = '', to = '', message = '']) => {
  await expect(backfillGold(tables, DAILY, { from, to })).rejects.toMatchObject({ code: 'USAGE', message });
});

test('two backfills at once end in the rows that each gives alone', async () => {
  const other = await openLayers(dir());
  const range = { from: '2024-01-01', to: '2024-12-31' };
  const reports = await Promise.allSettled([
    backfillGold(tables, DAILY, range),
    backfillGold(other, DAILY, range),
  ]);
  const broken = reports.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  for (const error of broken) expect(error).toMatchObject({ code: 'DELTA_CONFLICT' });
  expect(broken.length).toBeLessThan(2);
  expect(await datesOf()).toHaveLength(40);
  expect(new Set(await datesOf()).size).toBe(40);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
});

test('a model that has changed is built by a run first', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const edited = { ...DAILY, hash: 'other' };
  await expect(backfillGold(tables, edited, { from: '2024-02-01', to: '2024-02-10' })).rejects.toMatchObject({
    code: 'USAGE',
  });
});

test('a run that has gone ahead with newer rows is not undone', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const versions = new Map([['silver.t', 0]]);
  await (await tables.require(SILVER)).append(`SELECT 99 AS id, DATE '2024-02-01' AS dt`);
  await buildGold(tables, await request(tables, DAILY));
  await expect(
    backfillGold(tables, DAILY, { from: '2024-02-01', to: '2024-02-10', versions }),
  ).rejects.toMatchObject({ code: 'DELTA_CONFLICT' });
});

test('a partition of a date that is none is deleted', async () => {
  await buildGold(tables, await request(tables, DAILY));
  await (await tables.require(SILVER)).delete(`dt = DATE '2024-02-01'`);
  const report = await backfillGold(tables, DAILY, { from: '2024-01-01', to: '2024-12-31' });
  expect(report).toMatchObject({ operation: 'updated', inserted: 0, deleted: 1 });
  expect(await datesOf()).not.toContain('2024-02-01');
  expect(await datesOf()).toHaveLength(39);
});
