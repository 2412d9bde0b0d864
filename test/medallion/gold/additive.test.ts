import { describe, expect, it } from 'vitest';
import { HelperTables } from '../../../src/delta/read/relation.ts';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import { openSources } from '../../../src/medallion/build/sources.ts';
import { computeDates } from '../../../src/medallion/build/compute-dates.ts';
import { planOf } from '../../../src/medallion/build/decide.ts';
import { openCube } from '../../../src/medallion/build/cube.ts';
import { updateDates } from '../../../src/medallion/build/update-dates.ts';
import { fullName } from '../../../src/medallion/layer.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { goldModel, request, useSilver } from './gold.ts';

let tables: LayerTables;
useSilver(
  {
    t: `SELECT i AS id, i % 7 AS cli, DATE '2024-01-01' + CAST(i * 7 % 13 AS INTEGER) AS d, i * 7919 % 5 AS prod, i * 31 % 100 + 1 AS pts, i / 4 AS part FROM range(400) AS r(i)`,
    c: `SELECT i AS cli, 'n' || i % 3 AS name FROM range(9) AS r(i)`,
    i: `SELECT j AS item, j % 150 AS id, j % 4 AS sort FROM range(300) AS r(j)`,
  },
  (opened) => {
    tables = opened;
  },
);

async function change(name: string, id: string, rows: string): Promise<void> {
  const delta = await tables.require({ layer: 'silver', name });
  await delta
    .merge(rows, { on: [id] })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
}

const SILVER_T = `SELECT id, cli, d, prod, pts, part FROM (SELECT CAST(i AS BIGINT) AS id, CAST(i % 5 AS BIGINT) AS cli, DATE '2024-01-02' + CAST(i % 9 AS INTEGER) AS d, CAST(i % 3 AS BIGINT) AS prod, CAST(i AS BIGINT) AS pts, i / 8 AS part FROM range(0, 410, 37) AS r(i))`;
const SILVER_C = `SELECT CAST(2 AS BIGINT) AS cli, 'n0' AS name`;
const SILVER_I = `SELECT CAST(item AS BIGINT) AS item, CAST(11 AS BIGINT) AS id, CAST(9 AS BIGINT) AS sort FROM range(5, 7) AS r(item)`;

/** What an update makes of a cube after changes: the dates that it computed as a whole, and how its rows differ from the whole. */
async function updated(
  model: Model,
): Promise<{ asked: number; left: readonly string[]; differing: unknown[] }> {
  const target = await (await tables.require(model)).snapshot();
  const asked = await request(tables, model);
  const cube = await openCube(tables, model, await openSources(tables, asked, target));
  const helpers = new HelperTables(tables.edge.engine);
  try {
    await cube.rows.readChanges();
    const plan = planOf({ understood: cube.understood, target }, model, cube.rows.changed, false);
    if (plan.kind === 'whole') throw new Error(JSON.stringify(plan.reasons));
    const found = await updateDates(cube, target, plan);
    const whole = await computeDates(cube, found.compute, helpers);
    const [one, other] = [found.rows.table, whole.table];
    const differing = await tables.edge.engine.rows(
      `(FROM ${one} EXCEPT ALL FROM ${other}) UNION ALL (FROM ${other} EXCEPT ALL FROM ${one})`,
    );
    const left = found.compute.filter((date) => !found.added.has(date));
    return { asked: found.compute.length, left, differing };
  } finally {
    await helpers.drop();
    await cube[Symbol.asyncDispose]();
  }
}

const MONTHLY = `WITH x AS (SELECT t.id, t.cli, t.pts, i.sort FROM silver.t AS t LEFT JOIN silver.i AS i ON i.id = t.id
    WHERE t.d > $dt_ref - INTERVAL 5 DAY AND t.d <= $dt_ref),
  y AS (SELECT GROUPING(sort) AS level, sort, id, cli, max(pts) AS pts FROM x GROUP BY GROUPING SETS ((sort, id, cli), (id, cli)))
  SELECT $dt_ref AS dt_ref, level, sort, count(*) AS n, count(DISTINCT cli) AS clients,
    CAST(count(*) AS DOUBLE) / nullif(count(DISTINCT cli), 0) AS each, CAST(sum(pts) AS BIGINT) AS pts
  FROM y GROUP BY level, sort`;

describe('a cube of sums gives of moved rows what it gives of all', () => {
  it.each<[string, number, string]>([
    ['sums by a group', 1, `SELECT prod, count(*) AS n, sum(pts) AS s FROM silver.t GROUP BY prod`],
    [
      'sums in all grouping sets',
      3,
      `SELECT prod, cli, GROUPING(prod, cli) AS l, count(*) AS n, sum(pts) AS s FROM silver.t GROUP BY CUBE (prod, cli)`,
    ],
    ['a total', 2, `SELECT count(*) AS n, sum(pts) FILTER (WHERE pts > 50) AS s FROM silver.t`],
    [
      'a mean of sums',
      1,
      `SELECT prod, sum(pts) / count(*) AS mean, count(*) AS n, sum(pts) AS s FROM silver.t GROUP BY ALL`,
    ],
    [
      'clients counted once',
      4,
      `SELECT prod, count(DISTINCT cli) AS c, count(*) AS n FROM silver.t GROUP BY ROLLUP (prod)`,
    ],
    [
      'what is of its date alone',
      4,
      `SELECT prod, count(*) AS n, count(DISTINCT cli) AS c, sum(CASE WHEN t.d = $dt_ref THEN pts ELSE 0 END) AS s FROM silver.t AS t GROUP BY prod`,
    ],
    [
      'a joined name',
      1,
      `SELECT c.name, count(DISTINCT t.cli) AS c, count(*) AS n FROM silver.t AS t LEFT JOIN silver.c AS c ON c.cli = t.cli GROUP BY c.name`,
    ],
    [
      'groups with rows alone',
      2,
      `SELECT prod, GROUPING(prod) AS l, count(*) AS n FROM silver.t WHERE pts > 80 GROUP BY CUBE (prod) HAVING count(*) > 0`,
    ],
    ['groups on the way', 5, MONTHLY],
    [
      'groups on the way by something else than what is summed',
      3,
      `SELECT n, count(*) AS clients, sum(best) AS s FROM (SELECT cli, count(*) AS n, max(pts) AS best FROM silver.t GROUP BY cli) GROUP BY n`,
    ],
    [
      'rows told apart on the way',
      2,
      `SELECT p, count(*) AS n FROM (SELECT DISTINCT prod AS p, cli % 2 AS k FROM silver.t) GROUP BY p`,
    ],
    [
      'what is counted once in groups by something else',
      3,
      `SELECT count(*) AS n, count(DISTINCT cli) AS c FROM (SELECT prod, cli FROM silver.t GROUP BY GROUPING SETS ((prod, cli), (prod)))`,
    ],
    [
      'rows without dates',
      3,
      `SELECT name, count(*) AS n FROM silver.c LEFT JOIN silver.t USING (cli) GROUP BY name`,
    ],
    [
      'two rows of the date source',
      3,
      `SELECT a.prod, count(*) AS n FROM silver.t AS a JOIN silver.t AS b USING (cli) GROUP BY a.prod`,
    ],
    [
      'a query of the date source in an expression',
      3,
      `SELECT prod, count(*) AS n FROM silver.t WHERE pts > (SELECT avg(pts) FROM silver.t) GROUP BY prod`,
    ],
    [
      'a window on the way',
      3,
      `SELECT r, count(*) AS n FROM (SELECT rank() OVER (ORDER BY pts) AS r FROM silver.t) GROUP BY r`,
    ],
  ])('%s', async (_, days, sql) => {
    const model = await goldModel('m', `-- dt_ref: t.d\n-- window: ${days} days\n${sql}`);
    await buildGold(tables, await request(tables, model));
    await change('t', 'id', SILVER_T);
    const { asked, left, differing } = await updated(model);
    expect(differing).toEqual([]);
    expect(asked).toBeGreaterThan(8);
    expect(left).toEqual([]);
  });

  it('where other tables than that with the dates have changed, too', async () => {
    const model = await goldModel(
      'm',
      `-- dt_ref: t.d\n-- window: 5 days\nSELECT name, sort, GROUPING(name, sort) AS level, count(*) AS n, count(DISTINCT cli) AS c FROM silver.t JOIN silver.c USING (cli) LEFT JOIN silver.i USING (id) GROUP BY CUBE (name, sort)`,
    );
    await buildGold(tables, await request(tables, model));
    await change('t', 'id', SILVER_T);
    await change('c', 'cli', SILVER_C);
    await change('i', 'item', SILVER_I);
    expect(await updated(model)).toMatchObject({ left: [], differing: [] });
  });
});

describe('dates are left to be computed as a whole', () => {
  const SUMS = `-- dt_ref: t.d\nSELECT prod, count(*) AS n, sum(pts) AS s FROM silver.t GROUP BY prod`;

  it('where the table has none of them', async () => {
    const model = await goldModel('m', SUMS);
    await buildGold(tables, await request(tables, model));
    await change('t', 'id', `SELECT * REPLACE (DATE '2024-02-01' AS d) FROM (${SILVER_T}) WHERE id % 2 = 1`);
    const { left } = await updated(model);
    expect(left).toEqual(['2024-02-01']);
  });

  it('where it is not known whether a sum is 0 or null', async () => {
    await change('t', 'id', `SELECT * REPLACE (0 AS pts) FROM (${SILVER_T})`);
    const model = await goldModel('m', SUMS.replace('sum(pts)', 'sum(pts) FILTER (WHERE pts = 0)'));
    await buildGold(tables, await request(tables, model));
    await change('t', 'id', `SELECT * REPLACE (pts + 1000 AS pts) FROM (${SILVER_T})`);
    const { left, differing } = await updated(model);
    expect(left.length).toBeGreaterThan(0);
    expect(differing).toEqual([]);
  });

  it('where groups are alike', async () => {
    const model = await goldModel(
      'm',
      `-- dt_ref: t.d\nSELECT sort, count(*) AS n FROM silver.t LEFT JOIN silver.i USING (id) GROUP BY CUBE (sort)`,
    );
    await buildGold(tables, await request(tables, model));
    await change('t', 'id', SILVER_T);
    const { left, differing } = await updated(model);
    expect(left.length).toBeGreaterThan(8);
    expect(differing).toEqual([]);
  });

  it('where the table does not have what was counted', async () => {
    const model = await goldModel('m', SUMS);
    await buildGold(tables, await request(tables, model));
    const gold = await tables.require(model);
    await gold.delete(`dt_ref = DATE '2024-01-05' AND prod = 2`);
    await gold.append(
      `SELECT * FROM (VALUES (DATE '2024-01-06', CAST(0 AS BIGINT), CAST(1 AS BIGINT), CAST(1 AS DECIMAL(38, 0)))) AS r(dt_ref, prod, n, s)`,
    );
    await change('t', 'id', SILVER_T);
    const { left } = await updated(model);
    expect(left).toEqual(['2024-01-05', '2024-01-06']);
  });
});

it.each([
  ['by its number', `SELECT prod, count(*) AS n FROM silver.t GROUP BY 1`],
  ['by its name', `SELECT prod % 2 AS p, count(*) AS n FROM silver.t GROUP BY p`],
  ['by its expression', `SELECT count(*) AS n, prod % 2 AS p FROM silver.t GROUP BY prod % 2`],
  ['with and without its table', `SELECT t.prod AS p, count(*) AS n FROM silver.t GROUP BY PROD`],
])('a group that is shown is known %s', async (_, sql) => {
  expect(await isOfSums(await goldModel('m', `-- dt_ref: t.d\n${sql}`))).toBe(true);
});

/** Whether the groups of a cube are brought up to date by themselves when all of its sources change. */
async function isOfSums(model: Model): Promise<boolean> {
  const sources = await openSources(tables, await request(tables, model), undefined);
  await using cube = await openCube(tables, model, sources);
  const changed = new Set(sources.map(({ table }) => fullName(table)));
  const asked = { key: [], changed, isOneToOne: false, isExact: () => true, prefix: 'p' };
  return cube.understood.incremental.plan(asked).kind === 'sums';
}

it.each([
  ['a mean alone', `SELECT prod, count(*) AS n, avg(pts) AS a FROM silver.t GROUP BY prod`],
  ['no count of rows', `SELECT prod, sum(pts) AS s FROM silver.t GROUP BY prod`],
  ['HAVING', `SELECT prod, count(*) AS n FROM silver.t GROUP BY prod HAVING count(*) > 1`],
  ['a LIMIT', `SELECT prod, count(*) AS n FROM silver.t GROUP BY prod LIMIT 3`],
  ['a UNION', `SELECT prod, count(*) AS n FROM silver.t GROUP BY prod UNION ALL SELECT 1, 2`],
  ['a window', `SELECT prod, count(*) AS n, rank() OVER (ORDER BY prod) AS r FROM silver.t GROUP BY prod`],
  ['rows that are not grouped', `SELECT prod, pts FROM silver.t`],
  ['a name of a measure', `SELECT prod, count(*) AS n, n + 1 AS m FROM silver.t GROUP BY prod`],
  [
    'two things counted once',
    `SELECT count(*) AS n, count(DISTINCT cli) AS c, count(DISTINCT prod) AS p FROM silver.t`,
  ],
  ['what is counted once, computed', `SELECT count(*) AS n, count(DISTINCT cli % 2) AS c FROM silver.t`],
  ['a total on the way', `SELECT s, count(*) AS n FROM (SELECT sum(pts) AS s FROM silver.t) GROUP BY s`],
  ['a group that is not shown', `SELECT prod, count(*) AS n FROM silver.t GROUP BY prod, cli`],
  ['no group that is shown', `SELECT count(*) AS n FROM silver.t GROUP BY prod`],
  ['a group that is shown computed', `SELECT prod % 2 AS p, count(*) AS n FROM silver.t GROUP BY prod`],
  [
    'an item that is called as a column',
    `SELECT prod % 2 AS prod, count(*) AS n FROM silver.t GROUP BY prod`,
  ],
  [
    'grouping sets that nothing tells apart',
    `SELECT prod, cli, count(*) AS n FROM silver.t GROUP BY GROUPING SETS ((prod), (cli))`,
  ],
  [
    'grouping sets that are told apart in part',
    `SELECT prod, cli, GROUPING(prod) AS l, count(*) AS n FROM silver.t GROUP BY CUBE (prod, cli)`,
  ],
  [
    'one grouping set twice',
    `SELECT prod, GROUPING(prod) AS l, count(*) AS n FROM silver.t GROUP BY GROUPING SETS ((prod), (prod))`,
  ],
])('%s makes a cube that is no cube of sums', async (_, sql) => {
  expect(await isOfSums(await goldModel('m', `-- dt_ref: t.d\n${sql}`))).toBe(false);
});

it('a table need not be there as it was: what it was follows from what it is, and its changes', async () => {
  const model = await goldModel(
    'm',
    `-- dt_ref: t.d\nSELECT name, count(*) AS n FROM silver.t LEFT JOIN silver.c USING (cli) GROUP BY name`,
  );
  await buildGold(tables, await request(tables, model));
  const clients = await tables.require({ layer: 'silver', name: 'c' });
  await change('c', 'cli', SILVER_C);
  await clients.optimize();
  const { storage } = tables.edge;
  const now = new Set((await (await clients.snapshot()).files()).map(({ path }) => `silver/c/${path}`));
  const gone: string[] = [];
  for await (const { key } of storage.list('silver/c/'))
    if (/^silver\/c\/[^/_]+\.parquet$/.test(key) && !now.has(key)) gone.push(key);
  await storage.delete(gone);
  expect(gone).not.toEqual([]);
  expect(await updated(model)).toMatchObject({ left: [], differing: [] });
});
