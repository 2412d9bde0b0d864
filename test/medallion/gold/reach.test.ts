import { expect, test } from 'vitest';
import { openCube } from '../../../src/medallion/gold/cube.ts';
import { pathsToDates } from '../../../src/medallion/gold/reach.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { goldModel, useSilver } from './gold.ts';

let tables: LayerTables;
useSilver(
  {
    t: `SELECT 1 AS id, 1 AS cli, DATE '2024-01-01' AS dt, 1 AS pts`,
    c: `SELECT 1 AS cli, 'a' AS city, 1 AS boss`,
    i: `SELECT 1 AS item, 1 AS id, 1 AS prod`,
  },
  (opened) => {
    tables = opened;
  },
);

/** What a SELECT selects FROM, and how a row of silver.c leads to dates by it: from column to column, or not at all. */
const FORMS: readonly (readonly [string, string])[] = [
  [`silver.t AS t JOIN silver.c AS c ON c.cli = t.cli`, 'cli=t.cli'],
  [`silver.t, silver.c WHERE c.cli = t.cli`, 'cli=t.cli'],
  [`silver.t WHERE EXISTS (SELECT 1 FROM silver.c WHERE c.cli = t.cli)`, 'cli=t.cli'],
  [`silver.t WHERE NOT EXISTS (SELECT 1 FROM silver.c WHERE c.cli = t.cli)`, 'cli=t.cli'],
  [`silver.t WHERE pts > (SELECT count(*) FROM silver.c WHERE c.cli = t.cli)`, 'cli=t.cli'],
  [`silver.t WHERE cli IN (SELECT cli FROM silver.c)`, 'cli=t.cli'],
  [`silver.t JOIN silver.c USING (cli)`, 'cli=t.cli'],
  [`silver.t NATURAL JOIN silver.c`, 'cli=t.cli'],
  [`silver.t LEFT JOIN silver.c USING (cli)`, 'cli=t.cli'],
  [`silver.c RIGHT JOIN silver.t USING (cli)`, 'cli=t.cli'],
  [`silver.t SEMI JOIN silver.c USING (cli)`, 'cli=t.cli'],
  [`silver.t ANTI JOIN silver.c ON c.cli = t.cli AND c.city = 'a'`, 'cli=t.cli'],
  [`silver.c SEMI JOIN silver.t USING (cli)`, 'cli=t.cli'],
  [`silver.t JOIN silver.c ON silver.c.cli = silver.t.cli`, 'cli=t.cli'],
  [`silver.t AS t JOIN silver.c AS c ON c.cli = t.cli AND c.boss = t.pts`, 'cli=t.cli&boss=t.pts'],
  [
    `silver.t AS t JOIN silver.i AS i ON i.id = t.id LEFT JOIN silver.c AS c ON c.cli = i.prod`,
    'cli=i.prod id=t.id',
  ],
  [
    `silver.t AS t LEFT JOIN silver.c AS c ON c.cli = t.cli LEFT JOIN silver.c AS b ON b.cli = c.boss`,
    'cli=t.cli, cli=c.boss cli=t.cli',
  ],
  [
    `silver.t AS t LEFT JOIN (SELECT cli, count(*) AS n FROM silver.c GROUP BY cli) AS c ON c.cli = t.cli`,
    'cli=t.cli',
  ],
  [
    `silver.t AS t LEFT JOIN (SELECT city, cli FROM silver.c GROUP BY CUBE (city, cli)) AS c ON c.cli = t.cli`,
    'cli=t.cli',
  ],
  [`silver.t AS t LEFT JOIN (SELECT DISTINCT cli AS k FROM silver.c) AS c(q) ON c.q = t.cli`, 'cli=t.cli'],
  [
    `silver.t AS t LEFT JOIN (SELECT cli FROM silver.c UNION SELECT boss FROM silver.c) AS c ON c.cli = t.cli`,
    'cli=t.cli, boss=t.cli',
  ],
  [
    `(SELECT t.*, city FROM silver.t JOIN silver.c USING (cli) QUALIFY row_number() OVER (ORDER BY city) = 1)`,
    'cli=t.cli',
  ],
  [`silver.t, LATERAL (SELECT max(city) AS m FROM silver.c WHERE c.cli = t.cli)`, 'cli=t.cli'],

  [`silver.t, silver.c`, ''],
  [`silver.t WHERE (SELECT count(*) FROM silver.c) > 2`, ''],
  [`silver.c LEFT JOIN silver.t USING (cli)`, ''],
  [`silver.t RIGHT JOIN silver.c USING (cli)`, ''],
  [`silver.t FULL JOIN silver.c USING (cli)`, ''],
  [`silver.c ANTI JOIN silver.t USING (cli)`, ''],
  [`silver.c WHERE NOT EXISTS (SELECT 1 FROM silver.t WHERE t.cli = c.cli)`, ''],
  [`silver.c WHERE EXISTS (SELECT 1 FROM silver.t WHERE t.cli = c.cli)`, ''],
  [`silver.t WHERE cli NOT IN (SELECT cli FROM silver.c)`, ''],
  [`silver.t WHERE cli = 1 OR cli IN (SELECT cli FROM silver.c)`, ''],
  [`silver.t AS t LEFT JOIN silver.c AS c ON c.cli = t.cli OR t.pts = 1`, ''],
  [`silver.t AS t LEFT JOIN silver.c AS c ON c.cli IS NOT DISTINCT FROM t.cli`, ''],
  [`silver.t AS t LEFT JOIN silver.c AS c ON c.cli + 0 = t.cli`, ''],
  [`silver.t AS t JOIN silver.c AS c ON c.cli = t.cli WHERE t.pts > (SELECT avg(boss) FROM silver.c)`, ''],
  [
    `silver.t AS t LEFT JOIN (SELECT cli, rank() OVER (ORDER BY boss) AS r FROM silver.c) AS c ON c.cli = t.cli`,
    '',
  ],
  [`silver.t AS t LEFT JOIN (SELECT cli FROM silver.c ORDER BY boss LIMIT 1) AS c ON c.cli = t.cli`, ''],
  [
    `silver.t AS t LEFT JOIN (SELECT DISTINCT ON (city) cli FROM silver.c ORDER BY boss) AS c ON c.cli = t.cli`,
    '',
  ],
  [`silver.t AS t LEFT JOIN (SELECT max(cli) AS cli FROM silver.c) AS c ON c.cli = t.cli`, ''],
  [
    `silver.t AS t LEFT JOIN (SELECT cli FROM silver.c UNION BY NAME SELECT 1 AS cli) AS c ON c.cli = t.cli`,
    '',
  ],
  [`silver.t POSITIONAL JOIN silver.c`, ''],
];

test.for(FORMS)('FROM %s: a row of silver.c leads to dates by "%s"', async ([from, expected]) => {
  const model = goldModel('m', `-- dt_ref: t.dt\nSELECT count(*) AS n, $dt_ref AS dia FROM ${from}\n`);
  const cube = await openCube(tables, model, new Map());
  const source = cube.sources.find('silver', 'c');
  if (source === undefined) throw new Error('Every form reads silver.c.');
  const found = pathsToDates(cube, source);
  await cube[Symbol.asyncDispose]();
  const paths = found.kind === 'none' ? [] : found.paths;
  const texts = paths.map((path) =>
    path
      .map(({ to, on }) => on.map((pair) => `${pair.from}=${to.table.name}.${pair.to}`).join('&'))
      .join(' '),
  );
  expect(texts.join(', ')).toBe(expected);
});
