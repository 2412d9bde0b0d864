import { expect, test } from 'vitest';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import { planStep as planGold } from '../../../src/medallion/build/plan.ts';
import { filesByDate, goldModel, request, rowsOf, useSilver } from './gold.ts';

const DAILY = await goldModel(
  'daily',
  `-- partition: date
-- dt_ref: t.dt
SELECT GROUPING(p) AS nivel, p, count(*) AS n, sum(pts) AS pts
FROM silver.t WHERE dt = $dt_ref GROUP BY GROUPING SETS ((p), ())
`,
);

let tables: LayerTables;
useSilver(
  {
    t: `SELECT * FROM (VALUES
      (1, DATE '2024-01-01', 'A', 10), (2, DATE '2024-01-01', 'B', 20), (3, DATE '2024-01-03', 'A', 5)
    ) AS v(id, dt, p, pts)`,
  },
  (opened) => {
    tables = opened;
  },
);

const silver = { layer: 'silver', name: 't' } as const;

test('a cube has one partition a date, and says what it was made from', async () => {
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'create' });
  expect(await buildGold(tables, await request(tables, DAILY))).toEqual({
    operation: 'created',
    inserted: 5,
    updated: 0,
    deleted: 0,
    version: 0,
  });
  expect(await rowsOf(tables, DAILY)).toEqual([
    { dt_ref: '2024-01-01', nivel: 0n, p: 'A', n: 1n, pts: '10' },
    { dt_ref: '2024-01-01', nivel: 0n, p: 'B', n: 1n, pts: '20' },
    { dt_ref: '2024-01-01', nivel: 1n, p: null, n: 2n, pts: '30' },
    { dt_ref: '2024-01-03', nivel: 0n, p: 'A', n: 1n, pts: '5' },
    { dt_ref: '2024-01-03', nivel: 1n, p: null, n: 1n, pts: '5' },
  ]);
  const snapshot = await (await tables.require(DAILY)).snapshot();
  expect(snapshot.state.transactions.get('igarape:silver.t')?.version).toBe(0n);
  expect(snapshot.configuration['igarape.model']).toBe(DAILY.hash);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
});

test('a late row changes its own date alone, and leaves the other files where they are', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const before = await filesByDate(tables, DAILY);
  await (await tables.require(silver)).append(`SELECT 4 AS id, DATE '2024-01-01' AS dt, 'A' AS p, 1 AS pts`);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({
    kind: 'update',
    sources: [{ table: 'silver.t', from: 0, to: 1 }],
    cost: { changed: 1, reads: 0, whole: 4 },
  });
  expect(await buildGold(tables, await request(tables, DAILY))).toEqual({
    operation: 'updated',
    cost: { changed: 1, reads: 0, whole: 4 },
    inserted: 2,
    updated: 0,
    deleted: 2,
    version: 1,
  });
  const after = await filesByDate(tables, DAILY);
  expect(after.get('2024-01-03')).toEqual(before.get('2024-01-03'));
  expect(after.get('2024-01-01')).not.toEqual(before.get('2024-01-01'));
});

test('where the date alone is the key, its row is updated', async () => {
  const model = await goldModel(
    'totals',
    '-- key: dt_ref\n-- dt_ref: t.dt\nSELECT avg(pts) AS pts FROM silver.t WHERE dt = $dt_ref HAVING count(*) > 0\n',
  );
  await buildGold(tables, await request(tables, model));
  await (await tables.require(silver)).update({ set: { pts: '7' }, where: 'id = 3' });
  expect(await buildGold(tables, await request(tables, model))).toMatchObject({
    operation: 'updated',
    inserted: 0,
    updated: 1,
    deleted: 0,
  });
});

test('a row that moves to another day changes both, and a day without rows any more is gone, in one commit', async () => {
  await buildGold(tables, await request(tables, DAILY));
  await (await tables.require(silver)).update({ set: { dt: `DATE '2024-01-02'` }, where: 'id = 3' });
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({
    operation: 'updated',
    inserted: 2,
    deleted: 2,
    version: 1,
  });
  expect([...(await filesByDate(tables, DAILY)).keys()].toSorted()).toEqual(['2024-01-01', '2024-01-02']);
});

test('a change that alters nothing in the cube rewrites nothing, and counts as applied', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const before = await filesByDate(tables, DAILY);
  const table = await tables.require(silver);
  await table.update({ set: { pts: '15' }, where: 'id = 1' });
  await table.update({ set: { p: `'A'`, pts: '15' }, where: 'id = 2' });
  await table.update({ set: { p: `'B'`, pts: '20' }, where: 'id = 1' });
  await table.update({ set: { pts: '10' }, where: 'id = 2' });
  const report = await buildGold(tables, await request(tables, DAILY));
  expect(report).toEqual({ operation: 'unchanged', inserted: 0, updated: 0, deleted: 0, version: 1 });
  expect(await filesByDate(tables, DAILY)).toEqual(before);
  expect(await planGold(tables, await request(tables, DAILY))).toEqual({ kind: 'unchanged' });
});

test('a full refresh leaves partitions alone that hold what it gives', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const before = await filesByDate(tables, DAILY);
  // Somebody has been at the table.
  await (await tables.require(DAILY)).delete(`dt_ref = DATE '2024-01-03' AND nivel = 1`);
  const report = await buildGold(tables, await request(tables, DAILY, { fullRefresh: true }));
  expect(report).toEqual({
    operation: 'rebuilt',
    inserted: 1,
    updated: 0,
    deleted: 0,
    version: 2,
    reason: 'a full refresh was asked for',
  });
  const after = await filesByDate(tables, DAILY);
  expect(after.get('2024-01-01')).toEqual(before.get('2024-01-01'));
});

test('a changed model is built anew: only what differs where its columns are the same, else as a whole', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const before = await filesByDate(tables, DAILY);
  const fewer = await goldModel('daily', DAILY.sql.replace('WHERE', 'WHERE id <> 2 AND'));
  expect(await planGold(tables, await request(tables, fewer))).toEqual({
    kind: 'rebuild',
    reason: 'its model has changed',
  });
  expect(await buildGold(tables, await request(tables, fewer))).toMatchObject({
    operation: 'rebuilt',
    inserted: 1,
    deleted: 2,
    version: 1,
  });
  expect((await filesByDate(tables, DAILY)).get('2024-01-03')).toEqual(before.get('2024-01-03'));
  const wider = await goldModel('daily', DAILY.sql.replace('count(*)', 'max(id) AS last, count(*)'));
  expect(await buildGold(tables, await request(tables, wider))).toMatchObject({
    operation: 'rebuilt',
    inserted: 5,
    deleted: 4,
    version: 2,
  });
  expect((await rowsOf(tables, wider))[0]).toEqual({
    dt_ref: '2024-01-01',
    nivel: 0n,
    p: 'A',
    last: 1,
    n: 1n,
    pts: '10',
  });
  expect(await planGold(tables, await request(tables, wider))).toEqual({ kind: 'unchanged' });
});

test('a check that fails keeps the table as it was, and says which rows', async () => {
  const checked = await goldModel('daily', `-- check: not_null(p)\n${DAILY.sql}`);
  expect(await buildGold(tables, await request(tables, checked))).toMatchObject({
    operation: 'held',
    version: null,
    reason: expect.stringContaining('not_null(p): 2 rows') as string,
  });
  expect(await tables.find(DAILY)).toBeUndefined();
  await buildGold(tables, await request(tables, DAILY));
  expect(await buildGold(tables, await request(tables, checked))).toMatchObject({
    operation: 'held',
    version: 0,
  });
});

test('a check of the whole table sees the partitions that stay, too', async () => {
  const checked = await goldModel('daily', `-- check: row_count <= 6\n${DAILY.sql}`);
  await buildGold(tables, await request(tables, checked));
  await (await tables.require(silver)).append(`SELECT 9 AS id, DATE '2024-01-05' AS dt, 'A' AS p, 1 AS pts`);
  expect(await buildGold(tables, await request(tables, checked))).toMatchObject({
    operation: 'held',
    version: 0,
    reason: 'row_count <= 6: 7 rows',
  });
});

test('different rows of one key are held, nulls included; those that are wholly alike count once', async () => {
  const sql = `-- dt_ref: t.dt\n-- key: p\nSELECT nullif(p, 'A') AS p, v FROM silver.t, (VALUES (1), (1), (2)) AS x(v)
    WHERE dt = $dt_ref AND p = 'A'`;
  const held = await buildGold(tables, await request(tables, await goldModel('daily', `${sql}\n`)));
  expect(held).toMatchObject({
    operation: 'held',
    reason: expect.stringMatching(
      /^2 keys have different rows by dt_ref, p, e\.g\. .*'p': NULL, 'v': 1} and .*'p': NULL, 'v': 2}$/,
    ),
  });
  const alike = await buildGold(
    tables,
    await request(tables, await goldModel('daily', `${sql} AND v = 1\n`)),
  );
  expect(alike).toMatchObject({ operation: 'created', inserted: 2 });
});

test('with a key, rows of changed values count as updated', async () => {
  const keyed = await goldModel('daily', `-- key: nivel, p\n${DAILY.sql}`);
  await buildGold(tables, await request(tables, keyed));
  await (await tables.require(silver)).append(`SELECT 4 AS id, DATE '2024-01-01' AS dt, 'C' AS p, 1 AS pts`);
  expect(await buildGold(tables, await request(tables, keyed))).toMatchObject({
    inserted: 1,
    updated: 1,
    deleted: 0,
  });
});

test('changes that can no longer be read make the table anew', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const table = await tables.require(silver);
  await table.overwrite(`SELECT 1 AS id, DATE '2024-01-01' AS dt, 'A' AS p, 'x' AS note, 1 AS pts`, {
    overwriteSchema: true,
    configuration: { 'delta.enableChangeDataFeed': 'false' },
  });
  const report = await buildGold(tables, await request(tables, DAILY));
  expect(report).toMatchObject({
    operation: 'rebuilt',
    inserted: 2,
    deleted: 5,
    reason: expect.stringContaining('the changes of silver.t since version 0 cannot be read') as string,
  });
});

test('a column whose type changes makes the table anew', async () => {
  await buildGold(tables, await request(tables, DAILY));
  const table = await tables.require(silver);
  await table.append(
    `SELECT 4 AS id, DATE '2024-01-03' AS dt, 'A' AS p, CAST(1.5 AS DECIMAL(12, 2)) AS pts`,
    {
      mergeSchema: true,
    },
  );
  expect(await buildGold(tables, await request(tables, DAILY))).toMatchObject({
    operation: 'rebuilt',
    reason: 'silver.t has other columns than at version 0',
  });
  expect((await rowsOf(tables, DAILY)).at(-1)).toMatchObject({ pts: '6.50' });
});

test('the date may be a column of the SELECT, and must be the date that is asked for', async () => {
  const own = await goldModel(
    'own',
    `-- dt_ref: t.dt\nSELECT p, $dt_ref AS dt_ref FROM silver.t WHERE dt = $dt_ref\n`,
  );
  await buildGold(tables, await request(tables, own));
  expect((await rowsOf(tables, own))[0]).toEqual({ p: 'A', dt_ref: '2024-01-01' });
  const wrong = await goldModel('wrong', `-- dt_ref: t.dt\nSELECT p, $dt_ref + 1 AS dt_ref FROM silver.t\n`);
  await expect(buildGold(tables, await request(tables, wrong))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'models/gold/wrong.sql: of 2024-01-01 the SELECT gives a row whose dt_ref is 2024-01-02.',
  });
});

test.for([
  ['-- dt_ref: t.nope', 'dt_ref: no source has a column nope.'],
  ['-- dt_ref: t.p', 'dt_ref: silver.t.p is VARCHAR, not a date or time.'],
  ['-- dt_ref: dt\n-- key: nope', "its key column nope is none of its SELECT's."],
])('the header %j is refused with what is wrong', async ([header = '', message = '']) => {
  const model = await goldModel('m', `${header}\nSELECT p FROM silver.t WHERE dt = $dt_ref\n`);
  await expect(buildGold(tables, await request(tables, model))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `models/gold/m.sql: ${message}`,
  });
});

test('a SELECT that does not fit the sources names the file and the column', async () => {
  const model = await goldModel('m', `-- dt_ref: dt\nSELECT nope FROM silver.t WHERE dt = $dt_ref\n`);
  await expect(planGold(tables, await request(tables, model))).resolves.toEqual({ kind: 'create' });
  await expect(buildGold(tables, await request(tables, model))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/^models\/gold\/m\.sql: .*nope/) as string,
  });
});
