import { expect, test } from 'vitest';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { changedDates, goldModel, request, rowsOf, useSilver } from './gold.ts';

let tables: LayerTables;
const DAYS = 7_300;
useSilver(
  {
    t: `SELECT i AS id, DATE '2004-01-01' + CAST(i // 2 AS INTEGER) AS d, i % 2 AS share, CAST(i % 97 AS DOUBLE) AS price FROM range(${DAYS * 2}) AS r(i)`,
  },
  (opened) => {
    tables = opened;
  },
);

const DAILY = `-- dt_ref: t.d\n-- key: share\nSELECT share, count(*) AS n, max(price) AS price FROM silver.t GROUP BY share`;

test('twenty years of dates are one sorted file, of which a date costs little', async () => {
  const model = await goldModel('daily', DAILY);
  expect(await buildGold(tables, await request(tables, model))).toMatchObject({ inserted: DAYS * 2 });
  const delta = await tables.require(model);
  const snapshot = await delta.snapshot();
  expect(snapshot.metadata.partitionColumns).toEqual([]);
  expect(snapshot.fileCount).toBe(1);
  await using rows = await delta.read({ columns: ['dt_ref'] });
  const order = `SELECT dt_ref, lag(dt_ref) OVER () AS before FROM (${rows.sql})`;
  const [falls] = await tables.edge.engine.rows(`SELECT count(*) AS n FROM (${order}) WHERE dt_ref < before`);
  expect(falls).toEqual({ n: 0n });
});

test('memory follows the rows, not the partitions that are written at once', async () => {
  const model = await goldModel('daily', `-- partition: date\n${DAILY}`);
  await (await tables.require({ layer: 'silver', name: 't' })).delete('id >= 3000');
  await tables.edge.engine.run(`SET memory_limit = '256MB'`);
  expect(await buildGold(tables, await request(tables, model))).toMatchObject({ inserted: 3000 });
  expect((await (await tables.require(model)).snapshot()).fileCount).toBe(1500);
});

test('a table moves over to another layout in one commit that tells of no change, and is updated from there', async () => {
  const silver = await tables.require({ layer: 'silver', name: 't' });
  await silver.delete('id >= 200');
  const byDate = await goldModel('daily', `-- partition: date\n${DAILY}`);
  await buildGold(tables, await request(tables, byDate));
  const delta = await tables.require(byDate);
  const before = await rowsOf(tables, byDate);
  for (const [partition, columns] of [
    ['month', ['dt_ref_month']],
    ['none', []],
    ['date', ['dt_ref']],
  ] as const) {
    const model = { ...byDate, header: { ...byDate.header, partition } };
    const { version } = await delta.snapshot();
    expect(await buildGold(tables, await request(tables, model))).toMatchObject({ operation: 'unchanged' });
    const after = await delta.snapshot();
    expect(after.version).toBe(version + 1);
    expect(after.metadata.partitionColumns).toEqual(columns);
    expect(await changedDates(tables, model, version)).toEqual([]);
    const rows = await rowsOf(tables, model);
    expect(rows.map(({ dt_ref_month: month, ...row }) => (month === undefined ? row : row))).toEqual(before);
  }
  await silver.update({ set: { price: '1000' }, where: 'id = 10' });
  expect(await buildGold(tables, await request(tables, byDate))).toMatchObject({
    operation: 'updated',
    updated: 1,
  });
});

test.each(['', '-- key: share\n'])(
  'a source whose rows stay is noted, and no date computed: key %j',
  async (key) => {
    const silver = await tables.require({ layer: 'silver', name: 't' });
    await silver.delete('id >= 20');
    const of =
      key === '' ? 'count(*) AS n FROM silver.t' : 'share, count(*) AS n FROM silver.t GROUP BY share';
    const model = await goldModel('daily', `-- dt_ref: t.d\n${key}SELECT ${of}`);
    await buildGold(tables, await request(tables, model));
    const before = await rowsOf(tables, model);
    await silver.setDescriptions({ table: 'of sales' });
    const report = await buildGold(tables, await request(tables, model));
    expect(report).toEqual({ operation: 'unchanged', inserted: 0, updated: 0, deleted: 0, version: 1 });
    expect(await changedDates(tables, model, 0)).toEqual([]);
    expect(await rowsOf(tables, model)).toEqual(before);
    expect(await buildGold(tables, await request(tables, model))).toEqual(report);
  },
);
