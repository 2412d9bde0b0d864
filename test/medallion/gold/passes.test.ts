import { beforeAll, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../src/core/log.ts';
import { HelperTables } from '../../../src/delta/read/relation.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { allDates } from '../../../src/medallion/build/cube-dates.ts';
import { emptyCubeRows } from '../../../src/medallion/build/cube-rows.ts';
import { openCube } from '../../../src/medallion/build/cube.ts';
import { computeDateByDate } from '../../../src/medallion/build/compute-dates.ts';
import { computeInPasses } from '../../../src/medallion/build/passes.ts';
import { openSources } from '../../../src/medallion/build/sources.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { createSilver, goldModel } from './gold.ts';

let tables: LayerTables;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'igarape-test-'));
  const engine = Engine.open({ memoryLimit: '500MB', spillDir: join(folder, 'spill'), threads: 2 });
  const storage = openLocalStorage(join(folder, 'lake'));
  tables = new LayerTables({ storage, engine, workDir: folder, clock: Date.now, log: silentLogger });
  await createSilver(
    tables,
    't',
    `SELECT i AS id, i % 7 AS cli, DATE '2024-01-01' + CAST(i * i % 13 AS INTEGER) AS d, i * 7919 % 5 AS prod, i * 31 % 100 AS pts FROM range(130) AS r(i)`,
  );
  await createSilver(tables, 'c', `SELECT i AS cli, 'n' || i AS name FROM range(9) AS r(i)`);
  await createSilver(tables, 'i', `SELECT j % 150 AS id, j % 4 AS prod, j AS n FROM range(300) AS r(j)`);
  return async () => {
    engine.close();
    await rm(folder, { recursive: true, force: true });
  };
});

type Way = 'in one pass' | 'but for some dates' | 'date by date';

const CASES: readonly (readonly [Way, string])[] = [
  [
    'in one pass',
    `SELECT prod, GROUPING(prod) AS g, count(*) AS n FROM silver.t WHERE d <= $dt_ref GROUP BY CUBE (prod)`,
  ],
  [
    'but for some dates',
    `SELECT prod, count(*) AS n FROM silver.t WHERE d = $dt_ref AND pts > 90 GROUP BY CUBE (prod)`,
  ],
  ['but for some dates', `SELECT count(*) AS n, sum(pts) AS s FROM silver.t WHERE d = $dt_ref AND pts > 90`],
  [
    'in one pass',
    `SELECT prod, cli, GROUPING(prod, cli) AS g, count(*) AS n FROM silver.t WHERE d <= $dt_ref GROUP BY ROLLUP (prod, cli) HAVING count(*) > 0`,
  ],
  [
    'in one pass',
    `SELECT t.prod, count(DISTINCT t.cli) AS n FROM silver.t AS t WHERE t.d > $dt_ref - INTERVAL 3 DAY GROUP BY GROUPING SETS ((t.prod), (t.prod, t.cli))`,
  ],
  [
    'in one pass',
    `WITH x AS (SELECT * FROM silver.t WHERE d >= $dt_ref - 5), y AS (SELECT cli, count(*) AS c FROM x GROUP BY cli)
    SELECT prod, GROUPING(prod) AS g, count(*) AS n, sum(c) AS s FROM x JOIN y USING (cli) LEFT JOIN silver.c USING (cli) GROUP BY GROUPING SETS ((prod), ())`,
  ],
  [
    'in one pass',
    `WITH x(a, b) AS MATERIALIZED (SELECT prod, pts FROM silver.t), y AS (SELECT a, max(b) AS m FROM x GROUP BY ALL)
    SELECT x.*, y.m, $dt_ref AS dt_ref FROM x NATURAL JOIN y`,
  ],
  [
    'in one pass',
    `SELECT prod, n, rank() OVER (ORDER BY n DESC, prod) AS r, sum(n) OVER () AS s FROM (SELECT prod, count(*) AS n FROM silver.t WHERE d = $dt_ref GROUP BY prod)`,
  ],
  [
    'in one pass',
    `SELECT prod, cli, count(*) AS n FROM silver.t GROUP BY prod, cli QUALIFY row_number() OVER (PARTITION BY prod ORDER BY cli) = 1`,
  ],
  ['in one pass', `SELECT DISTINCT prod FROM silver.t WHERE d = $dt_ref ORDER BY prod`],
  [
    'in one pass',
    `SELECT prod, 1 AS k FROM silver.t WHERE d = $dt_ref UNION SELECT cli, 2 FROM silver.t WHERE d = $dt_ref`,
  ],
  [
    'in one pass',
    `(SELECT prod FROM silver.t WHERE d = $dt_ref) EXCEPT (SELECT prod FROM silver.t WHERE d < $dt_ref)`,
  ],
  [
    'in one pass',
    `SELECT c.name, count(t.id) AS n, GROUPING(c.name) AS g FROM silver.c AS c LEFT JOIN silver.t AS t ON t.cli = c.cli AND t.d = $dt_ref GROUP BY CUBE (c.name)`,
  ],
  ['in one pass', `SELECT name FROM silver.c ANTI JOIN silver.t ON t.cli = c.cli`],
  [
    'in one pass',
    `SELECT name FROM silver.c SEMI JOIN (SELECT cli FROM silver.t WHERE d = $dt_ref) AS t USING (cli)`,
  ],
  ['in one pass', `SELECT c.name, t.id FROM silver.t RIGHT JOIN silver.c ON t.cli = c.cli`],
  [
    'in one pass',
    `SELECT a.id, b.id AS other FROM silver.t AS a, silver.t AS b WHERE a.cli = b.cli AND a.prod = b.prod AND a.id < b.id`,
  ],
  [
    'in one pass',
    `SELECT a.cli, count(*) AS n FROM silver.t AS a JOIN silver.t AS b USING (cli, prod) GROUP BY ALL`,
  ],
  [
    'in one pass',
    `SELECT silver.t.prod, sum(i.n) AS n FROM silver.t LEFT JOIN silver.i AS i ON i.id = silver.t.id WHERE silver.t.d <= $dt_ref GROUP BY 1`,
  ],
  [
    'in one pass',
    `SELECT prod, sum(CASE WHEN d = $dt_ref THEN pts ELSE 0 END) AS s, max($dt_ref) - min(d) AS days FROM silver.t GROUP BY CUBE (prod)`,
  ],
  [
    'in one pass',
    `SELECT cli, $dt_ref - DATE '2024-01-01' AS days FROM silver.c WHERE cli < extract(day FROM $dt_ref) UNION ALL SELECT id, 0 FROM silver.t`,
  ],
  [
    'in one pass',
    `SELECT prod, count(*) AS n, (SELECT count(*) FROM silver.c) AS c FROM silver.t WHERE d = $dt_ref GROUP BY prod`,
  ],
  [
    'in one pass',
    `SELECT prod, count(*) AS n FROM silver.t AS a WHERE d = $dt_ref AND EXISTS (SELECT 1 FROM silver.t AS b WHERE b.cli = a.cli AND b.d < $dt_ref) GROUP BY prod`,
  ],
  [
    'date by date',
    `WITH s AS (SELECT sum(pts) AS s FROM silver.t WHERE d = $dt_ref AND pts > 90) SELECT prod, s FROM silver.t CROSS JOIN s WHERE d = $dt_ref`,
  ],
  [
    'date by date',
    `SELECT prod, count(*) AS n FROM silver.t WHERE d = $dt_ref GROUP BY prod ORDER BY n DESC, prod LIMIT 2`,
  ],
  [
    'in one pass',
    `SELECT a.cli, b.cli AS other FROM (SELECT DISTINCT cli FROM silver.t WHERE d = $dt_ref) AS a FULL JOIN (SELECT DISTINCT cli FROM silver.t WHERE d < $dt_ref) AS b ON a.cli = b.cli`,
  ],
  ['in one pass', `SELECT DISTINCT ON (prod) prod, id FROM silver.t ORDER BY prod, id`],
  ['date by date', `SELECT count(t) AS n FROM silver.t`],
  ['date by date', `SELECT count(*) AS n FROM silver.t LIMIT 1`],
  [
    'date by date',
    `WITH RECURSIVE r AS (SELECT $dt_ref AS x UNION ALL SELECT x + 1 FROM r WHERE x < $dt_ref + 3) SELECT x, count(t.id) AS n FROM r LEFT JOIN silver.t ON t.d = x - 3 GROUP BY ALL`,
  ],
  [
    'date by date',
    `FROM (SELECT cli, prod, pts FROM silver.t WHERE d = $dt_ref) PIVOT (sum(pts) FOR prod IN (0, 1, 2) GROUP BY cli)`,
  ],
];

it.for(CASES.flatMap(([way, sql]) => [[1, way, sql] as const, [4, way, sql] as const]))(
  'with a window of %i days it is computed %s, and as date by date: %s',
  async ([days, way, sql]) => {
    const model = await goldModel('m', `-- dt_ref: t.d\n-- window: ${days} days\n${sql}\n`);
    const asked = { model, versions: new Map<string, number>(), fullRefresh: false };
    const cube = await openCube(tables, model, await openSources(tables, asked, undefined));
    const helpers = new HelperTables(tables.edge.engine);
    try {
      const compute = await allDates(cube);
      const each = await emptyCubeRows(cube, helpers);
      await computeDateByDate(cube, compute, each, helpers);
      const joint = await emptyCubeRows(cube, helpers);
      const left = await computeInPasses(cube, compute, joint, helpers, 100);
      expect(wayOf(left, compute)).toBe(way);
      await computeDateByDate(cube, left, joint, helpers);
      const differing = await tables.edge.engine.rows(
        `(FROM ${each.table} EXCEPT ALL FROM ${joint.table}) UNION ALL (FROM ${joint.table} EXCEPT ALL FROM ${each.table})`,
      );
      expect(differing).toEqual([]);
    } finally {
      await helpers.drop();
      await cube[Symbol.asyncDispose]();
    }
  },
);

function wayOf(left: readonly string[], all: readonly string[]): Way {
  if (left.length === 0) return 'in one pass';
  return left.length < all.length ? 'but for some dates' : 'date by date';
}
