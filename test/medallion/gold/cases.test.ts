import { expect, test } from 'vitest';
import type { PlainRow } from '../../../src/engine/plain.ts';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import { planStep as planGold } from '../../../src/medallion/build/plan.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { changedDates, createSilver, dateOf, goldModel, request, rowsOf, useSilver } from './gold.ts';

/** What goes wrong in the notebooks that this replaces; the numbers are those of the list of cases. */

let tables: LayerTables;
const { dir, openLayers } = useSilver(
  {
    t: `SELECT * FROM (VALUES
      (1, 10, DATE '2024-01-01', 100), (2, 20, DATE '2024-01-01', 50), (3, 10, DATE '2024-02-10', 7)
    ) AS v(id, cli, dt, pts)`,
    i: `SELECT * FROM (VALUES (1, 1, 1), (2, 1, 2), (3, 3, 1)) AS v(item, id, prod)`,
    p: `SELECT * FROM (VALUES (1, 'A'), (2, 'B')) AS v(prod, name)`,
    c: `SELECT * FROM (VALUES (10, 'SP'), (20, 'RJ'), (30, 'SP')) AS v(cli, city)`,
  },
  (opened) => {
    tables = opened;
  },
);

async function build(model: Model): ReturnType<typeof buildGold> {
  return buildGold(tables, await request(tables, model));
}

async function change(name: string, set: Record<string, string>, where: string): Promise<void> {
  await (await tables.require({ layer: 'silver', name })).update({ set, where });
}

/** The dates whose rows are others after some work. */
async function rewritten(model: Model, work: () => Promise<unknown>): Promise<string[]> {
  const before = (await (await tables.require(model)).snapshot()).version;
  await work();
  return changedDates(tables, model, before);
}

const PRODUCTS = await goldModel(
  'products',
  `-- dt_ref: t.dt
-- key: nivel, name
WITH porTransacao AS (
  SELECT GROUPING(p.name) AS nivel, p.name, t.id, max(t.pts) AS pts
  FROM silver.t AS t LEFT JOIN silver.i AS i ON i.id = t.id LEFT JOIN silver.p AS p ON p.prod = i.prod
  WHERE t.dt = $dt_ref GROUP BY GROUPING SETS ((p.name, t.id), (t.id))
)
SELECT nivel, name, count(*) AS n, sum(pts) AS pts FROM porTransacao GROUP BY nivel, name
`,
);

test('W28, W29: points count once however many products a sale has, and a total is told from no product', async () => {
  await build(PRODUCTS);
  expect((await rowsOf(tables, PRODUCTS)).filter((row) => row['dt_ref'] === '2024-01-01')).toEqual([
    { dt_ref: '2024-01-01', nivel: 0n, name: 'A', n: 1n, pts: '100' },
    { dt_ref: '2024-01-01', nivel: 0n, name: 'B', n: 1n, pts: '100' },
    { dt_ref: '2024-01-01', nivel: 0n, name: null, n: 1n, pts: '50' },
    { dt_ref: '2024-01-01', nivel: 1n, name: null, n: 2n, pts: '150' },
  ]);
});

test('W30: a day is replaced in one commit, whose changes can be read', async () => {
  await build(PRODUCTS);
  await change('t', { pts: '51' }, 'id = 2');
  await build(PRODUCTS);
  const table = await tables.require(PRODUCTS);
  expect((await table.snapshot()).version).toBe(1);
  const feed = await table.changes({ from: 1 });
  const changes = (await feed.toArray()).map((row: PlainRow) => [row['_change_type'], row['dt_ref']]);
  await feed.close();
  expect(new Set(changes.map(([, date]) => date))).toEqual(new Set(['2024-01-01']));
  expect(changes.filter(([kind]) => kind === 'insert')).toHaveLength(4);
});

test('W31: two runs at once build the table once', async () => {
  const other = await openLayers(dir());
  const both = await Promise.all([
    buildGold(tables, await request(tables, PRODUCTS)),
    buildGold(other, await request(other, PRODUCTS)),
  ]);
  expect(both.map(({ operation }) => operation).toSorted()).toEqual(['created', 'unchanged']);
  await change('t', { pts: '51' }, 'id = 2');
  const again = await Promise.all([
    buildGold(tables, await request(tables, PRODUCTS)),
    buildGold(other, await request(other, PRODUCTS)),
  ]);
  expect(again.map(({ operation }) => operation).toSorted()).toEqual(['unchanged', 'updated']);
  expect((await (await tables.require(PRODUCTS)).snapshot()).version).toBe(1);
});

test('W32: a late row changes each date that looks back at it, and no other', async () => {
  const monthly = await goldModel(
    'monthly',
    `-- dt_ref: t.dt\n-- window: 28 days\nSELECT count(*) AS n FROM silver.t WHERE dt > $dt_ref - INTERVAL 28 DAY\n`,
  );
  await build(monthly);
  const dates = await rewritten(monthly, async () => {
    await (
      await tables.require({ layer: 'silver', name: 't' })
    ).append(`SELECT 9 AS id, 10 AS cli, DATE '2024-01-06' AS dt, 1 AS pts`);
    await build(monthly);
  });
  const days = (from: string, count: number): string[] =>
    Array.from({ length: count }, (_, step) =>
      new Date(Date.parse(from) + step * 86_400_000).toISOString().slice(0, 10),
    );
  expect(dates).toEqual(days('2024-01-06', 28));
  // A newer row makes the dates before it, too, which look back at the rows before.
  expect(
    await rewritten(monthly, async () => {
      await (
        await tables.require({ layer: 'silver', name: 't' })
      ).append(`SELECT 10 AS id, 10 AS cli, DATE '2024-02-14' AS dt, 1 AS pts`);
      await build(monthly);
    }),
  ).toEqual(days('2024-02-11', 4));
});

test('W36: no date is made for days without rows, nor after the newest row', async () => {
  await build(PRODUCTS);
  expect([...new Set((await rowsOf(tables, PRODUCTS)).map(dateOf))]).toEqual(['2024-01-01', '2024-02-10']);
});

test('W37, W38: a share of nothing is null where nullif says so; $dt_ref is a DATE, from which days and intervals go', async () => {
  const share = await goldModel(
    'share',
    `-- dt_ref: t.dt
-- window: 56 days
SELECT $dt_ref - 1 AS antes, count(*) FILTER (WHERE dt = $dt_ref) / nullif(count(*) FILTER (WHERE dt < $dt_ref - INTERVAL 28 DAY), 0) AS pr
FROM silver.t
`,
  );
  await build(share);
  const rows = await rowsOf(tables, share);
  expect(rows[0]).toEqual({ dt_ref: '2024-01-01', antes: '2023-12-31', pr: null });
  expect(rows.at(-1)).toEqual({ dt_ref: '2024-02-10', antes: '2024-02-09', pr: 0.5 });
});

test('W41: every cube of a run reads the same versions, whatever has come since, and says which', async () => {
  const asked = await request(tables, PRODUCTS);
  await change('t', { pts: '51' }, 'id = 2');
  await buildGold(tables, asked);
  expect((await rowsOf(tables, PRODUCTS)).find((row) => row['nivel'] === 1n)).toMatchObject({ pts: '150' });
  const { state } = await (await tables.require(PRODUCTS)).snapshot();
  const noted = ['t', 'i', 'p'].map((name) => state.transactions.get(`igarape:silver.${name}`)?.version);
  expect(noted).toEqual([0n, 0n, 0n]);
});

test('W42: instants are cut into days in UTC', async () => {
  await createSilver(
    tables,
    'z',
    `SELECT * FROM (VALUES (1, TIMESTAMPTZ '2024-01-01 22:30:00-03:00'), (2, TIMESTAMPTZ '2024-01-01 20:59:59-03:00')) AS v(id, quando)`,
  );
  const model = await goldModel('z', `-- dt_ref: z.quando\nSELECT id, $dt_ref AS dia FROM silver.z\n`);
  await build(model);
  expect(await rowsOf(tables, model)).toEqual([
    { dt_ref: '2024-01-01', id: 2, dia: '2024-01-01' },
    { dt_ref: '2024-01-02', id: 1, dia: '2024-01-02' },
  ]);
});

const CITIES = await goldModel(
  'cities',
  `-- dt_ref: t.dt
SELECT GROUPING(city) AS nivel, city, count(*) AS n
FROM silver.t AS t LEFT JOIN silver.c AS c USING (cli) WHERE t.dt = $dt_ref GROUP BY CUBE (city)
`,
);

test('a change of a client alone changes the days of its sales, and no other', async () => {
  await build(CITIES);
  const step = (table: string): object => ({ kind: 'update', sources: [{ table, from: 0, to: 1 }] });
  await change('c', { city: `'MG'` }, 'cli = 20');
  expect(await planGold(tables, await request(tables, CITIES))).toMatchObject(step('silver.c'));
  expect(await rewritten(CITIES, () => build(CITIES))).toEqual(['2024-01-01']);
  expect((await rowsOf(tables, CITIES)).filter((row) => row['city'] === 'MG')).toHaveLength(1);
  await change('c', { city: `'MG'` }, 'cli = 10');
  expect(await rewritten(CITIES, () => build(CITIES))).toEqual(['2024-01-01', '2024-02-10']);
  await change('c', { city: `'MG'` }, 'cli = 30');
  expect(await rewritten(CITIES, () => build(CITIES))).toEqual([]);
});

test('a change of a product, or of an item, reaches its days through the tables between', async () => {
  await build(PRODUCTS);
  await change('p', { name: `'BB'` }, 'prod = 2');
  expect(await rewritten(PRODUCTS, () => build(PRODUCTS))).toEqual(['2024-01-01']);
  await (await tables.require({ layer: 'silver', name: 'i' })).delete('item = 3');
  expect(await rewritten(PRODUCTS, () => build(PRODUCTS))).toEqual(['2024-02-10']);
});

test('the row between that goes away in the same run still leads to the day', async () => {
  await build(PRODUCTS);
  await change('p', { name: `'AA'` }, 'prod = 1');
  await (await tables.require({ layer: 'silver', name: 'i' })).delete('item = 3');
  expect(await rewritten(PRODUCTS, () => build(PRODUCTS))).toEqual(['2024-01-01', '2024-02-10']);
});

test.for([
  ['no equality', `silver.t AS t CROSS JOIN silver.c AS c`],
  ['rows that are kept without a sale', `silver.c AS c LEFT JOIN silver.t AS t ON t.cli = c.cli`],
  [
    'another comparison',
    `silver.t AS t LEFT JOIN silver.c AS c ON c.cli <= t.cli`,
    'its SQL joins silver.c by no equality of columns',
  ],
  [
    'an equality beside OR',
    `silver.t AS t LEFT JOIN silver.c AS c ON c.cli = t.cli OR t.pts > 5`,
    'its SQL joins silver.c by no equality of columns',
  ],
  [
    'a window before the join',
    `silver.t AS t LEFT JOIN (SELECT *, count(*) OVER () AS k FROM silver.c) AS c ON c.cli = t.cli`,
    'its SQL has a window over all rows (without PARTITION BY) (line 2)',
  ],
])('with %s a change of a client may reach any date, which the plan says', async ([, from = '', reason]) => {
  const model = await goldModel(
    'm',
    `-- dt_ref: t.dt\nSELECT city, count(*) AS n FROM ${from} WHERE t.dt = $dt_ref OR t.dt IS NULL GROUP BY city\n`,
  );
  await build(model);
  await change('c', { city: `'MG'` }, 'cli = 30');
  const planned = reason === undefined ? { kind: 'update' } : { kind: 'rebuild', reason };
  expect(await planGold(tables, await request(tables, model))).toMatchObject(planned);
  const built = reason === undefined ? { operation: 'updated' } : { operation: 'rebuilt', reason };
  expect(await build(model)).toMatchObject(built);
});

test('a join key in the header tells what the SELECT does not show', async () => {
  const sql = `-- dt_ref: t.dt
SELECT count(*) AS n, count(c.cli) AS paulistas FROM silver.t AS t LEFT JOIN silver.c AS c
  ON c.cli + 0 = t.cli AND c.city = 'SP' WHERE t.dt = $dt_ref
`;
  const model = await goldModel('m', `-- join key: c.cli = t.cli\n${sql}`);
  await build(model);
  await change('c', { city: `'SP'` }, 'cli = 20');
  expect(await planGold(tables, await request(tables, model))).toMatchObject({ kind: 'update' });
  expect(await rewritten(model, () => build(model))).toEqual(['2024-01-01']);
});

test.each(['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'DATE'])(
  'the first row of each group can be chosen of rows whose date is a %s',
  async (type) => {
    await createSilver(
      tables,
      'v',
      `SELECT i AS id, CAST(TIMESTAMP '2024-01-01 10:00:00' + INTERVAL (i % 2) DAY AS ${type}) AS ref FROM range(5) AS r(i)`,
    );
    const model = await goldModel(
      'first',
      `-- dt_ref: v.ref\nSELECT id FROM silver.v QUALIFY row_number() OVER (PARTITION BY ref ORDER BY id) = 1`,
    );
    expect(await build(model)).toMatchObject({ operation: 'created', inserted: 2 });
    expect((await rowsOf(tables, model)).map(({ id }) => id)).toEqual([0n, 1n]);
  },
);
