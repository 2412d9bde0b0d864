import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/medallion/incremental/plan.ts';
import { readColumns } from '../../../src/medallion/incremental/read-columns.ts';
import { Tables } from './tables.ts';

let tables: Tables;
beforeAll(async () => {
  tables = await Tables.open({
    a: 'id INTEGER, ref INTEGER, x INTEGER, day VARCHAR, l INTEGER[]',
    b: 'id INTEGER, ref INTEGER, y INTEGER',
    c: 'code INTEGER, name VARCHAR',
  });
});
afterAll(() => tables.engine.close());

async function planOf(sql: string, key: readonly string[], changed: readonly string[]): Promise<Plan> {
  const incremental = await tables.incremental(sql);
  const names = new Set(changed.map((name) => `src.${name}`));
  return incremental.plan({
    key,
    changed: names,
    isOneToOne: false,
    isExact: () => true,
    prefix: tables.prefix(),
  });
}

describe('a table follows the changes of its sources', () => {
  test.each([
    ['SELECT id AS k, x FROM src.a', ['k']],
    ['SELECT *, id AS k FROM src.a', ['k']],
    ['SELECT upper(day) AS k, count(*) AS n FROM src.a GROUP BY 1', ['k']],
    ['SELECT coalesce(ref, 0) AS k, sum(x) AS n FROM src.a GROUP BY ALL HAVING sum(x) > 1 ORDER BY 2', ['k']],
    ["SELECT ref AS k, string_agg(day, ',' ORDER BY id) AS days FROM src.a GROUP BY ref", ['k']],
    ['SELECT ref AS k, list(x ORDER BY x) AS xs FROM src.a GROUP BY ref', ['k']],
    ['SELECT ref AS k, array_agg(DISTINCT x ORDER BY x DESC) AS xs FROM src.a GROUP BY ref', ['k']],
    ['SELECT ref AS k, list_reverse_sort(list(x)) AS xs FROM src.a GROUP BY ref', ['k']],
    ['SELECT a.id AS k, y FROM src.a JOIN src.b ON x = y', ['k']],
    ['SELECT a.id AS k FROM src.a LEFT JOIN src.b USING (ref)', ['k']],
    ['SELECT a.id AS k FROM src.a, src.b WHERE a.ref = b.id AND a.x > b.y', ['k']],
    ['SELECT p.id AS k, q.x FROM src.a AS p JOIN src.a AS q ON p.ref = q.id', ['k']],
    ['SELECT id + 1 AS n, n * 2 AS k FROM src.a', ['k']],
    ['SELECT src.a.id AS k FROM src.a LEFT JOIN (src.b JOIN src.c ON y = code) ON a.ref = b.ref', ['k']],
    ['SELECT DISTINCT id AS k FROM src.a', ['k']],
    ['SELECT id AS k, sum(x) OVER (PARTITION BY id ORDER BY x) AS n FROM src.a', ['k']],
    ['SELECT id AS k FROM src.a QUALIFY row_number() OVER (PARTITION BY id ORDER BY x) = 1', ['k']],
    ['SELECT id AS k FROM src.a WHERE x = (SELECT max(y) FROM src.b)', ['k']],
    ['SELECT id AS k FROM src.a WHERE EXISTS (FROM src.b WHERE b.id = a.id)', ['k']],
    ['SELECT id AS k FROM src.a WHERE x NOT IN (SELECT y FROM src.b)', ['k']],
    ['SELECT id AS k FROM src.a WHERE NOT EXISTS (FROM src.b WHERE b.ref = a.ref AND b.y > a.x)', ['k']],
    ['SELECT id AS k, (SELECT sum(y * x) FROM src.b WHERE b.ref = a.ref) AS n FROM src.a', ['k']],
    ['SELECT id AS k FROM (SELECT * FROM src.a)', ['k']],
    ['WITH w AS (FROM src.a) SELECT id AS k FROM w', ['k']],
    ['SELECT id AS k FROM src.a UNION ALL SELECT id FROM src.b', ['k']],
    ['SELECT id AS k FROM src.a EXCEPT SELECT id FROM src.b', ['k']],
    ['SELECT id AS k, x FROM src.a UNION BY NAME SELECT y, id AS K FROM src.b', ['k']],
    ['SELECT id AS k FROM src.a WHERE (ref, x) IN (SELECT ref, y FROM src.b)', ['k']],
    ['SELECT id AS k FROM src.a RIGHT JOIN src.b USING (id)', ['k']],
    ['SELECT id AS k FROM src.a FULL JOIN src.b USING (id)', ['k']],
    ['SELECT id AS k FROM src.a ANTI JOIN src.b USING (id)', ['k']],
    ['SELECT id AS k FROM src.a NATURAL JOIN src.b', ['k']],
    ['SELECT a.id AS k FROM src.a ASOF JOIN src.b ON a.id = b.id AND a.x >= b.y', ['k']],
    ['SELECT a.id AS k FROM src.a JOIN src.b ON a.x > b.y', ['k']],
    ['SELECT a.id AS k FROM src.a JOIN src.c ON lower(day) = name', ['k']],
    ['SELECT a.id AS k, i FROM src.a, range(3) AS r(i)', ['k', 'i']],
    ['SELECT id AS k FROM src.a AS t(id, b)', ['k']],
    ['SELECT id AS k, unnest([x]) AS e FROM src.a', ['k', 'e']],
    ['SELECT id AS k, list_transform(l, v -> v + x) AS doubled FROM src.a', ['k']],
    ['SELECT ref AS k, day, count(*) AS n FROM src.a GROUP BY GROUPING SETS ((ref), (ref, day))', ['k']],
    ['SELECT coalesce(b.id, 0) AS k FROM src.a LEFT JOIN src.b USING (ref)', ['k']],
    ['SELECT a.id + b.id AS k FROM src.a JOIN src.b USING (ref)', ['k']],
    ['SELECT ref, max(id) AS k FROM src.a GROUP BY ref', ['k']],
  ])('%s', async (sql, key) => {
    expect(await planOf(sql, key, ['a', 'b', 'c'])).toMatchObject({ kind: 'replace' });
  });
});

describe('rows that windows see together with others are followed by their keys', () => {
  test.each([
    'SELECT id AS k, lag(x) OVER (PARTITION BY ref ORDER BY id) AS before FROM src.a',
    'SELECT id AS k FROM src.a QUALIFY row_number() OVER (PARTITION BY ref ORDER BY x, id) = 1',
    'SELECT k FROM (SELECT id AS k, rank() OVER (PARTITION BY ref ORDER BY x) AS r FROM src.a) WHERE r < 3',
    'SELECT a.id AS k, rank() OVER (PARTITION BY b.ref ORDER BY x) AS r FROM src.a JOIN src.b ON x = y',
    'SELECT DISTINCT ON (ref) id + x AS k FROM src.a ORDER BY ref, x, id',
  ])('%s', async (sql) => {
    const asked = { key: ['k'], isExact: () => true, prefix: tables.prefix() };
    const changed = new Set(['src.a', 'src.b']);
    const incremental = await tables.incremental(sql);
    expect(incremental.plan({ ...asked, changed, isOneToOne: true })).toMatchObject({ kind: 'follow' });
    // Where two rows of one key count as one, they do not follow from certain rows.
    expect(incremental.plan({ ...asked, changed, isOneToOne: false })).toMatchObject({ kind: 'whole' });
  });

  test.each([
    'SELECT min(id) AS k, count(*) AS n FROM src.a GROUP BY ref',
    'SELECT id AS k, ntile(4) OVER (ORDER BY x, id) AS quarter FROM src.a',
    'SELECT id AS k, rank() OVER (PARTITION BY n ORDER BY id) AS r FROM (SELECT max(id) AS id, count(*) AS n FROM src.a GROUP BY ref)',
  ])('but for %s', async (sql) => {
    const changed = new Set(['src.a']);
    const asked = { key: ['k'], changed, isOneToOne: true, isExact: () => true, prefix: tables.prefix() };
    expect((await tables.incremental(sql)).plan(asked)).toMatchObject({ kind: 'whole' });
  });
});

describe('a table is made as a whole', () => {
  test.each([
    [
      'SELECT id AS k FROM src.a LIMIT 3',
      ['takes the first rows of no order (LIMIT or DISTINCT ON without ORDER BY)', 'uses LIMIT'],
    ],
    ['SELECT id AS k FROM src.a ORDER BY 1 LIMIT 10%', ['uses LIMIT']],
    ['SELECT id AS k FROM src.a ORDER BY 1 OFFSET 2', ['uses LIMIT']],
    ['SELECT id AS k, sum(x) OVER () AS n FROM src.a', ['has a window over all rows (without PARTITION BY)']],
    [
      'WITH RECURSIVE r AS (SELECT 1 AS k UNION ALL SELECT k + 1 FROM r WHERE k < 9) SELECT k FROM r',
      ['is recursive'],
    ],
    ['SELECT id AS k FROM src.a TABLESAMPLE 10%', ['draws a sample']],
    [
      'SELECT id AS k FROM src.a UNION BY NAME SELECT COLUMNS(*) FROM src.b',
      ['uses UNION BY NAME over columns that are not known'],
    ],
    ['FROM src.a PIVOT (sum(x) FOR day IN (1, 2))', ['uses PIVOT']],
    ['SELECT a.id AS k FROM src.a LEFT JOIN src.b ON a.x > b.y', ['joins src.b by no equality of columns']],
    [
      'SELECT ref AS k, first(day) AS d FROM src.a GROUP BY ref',
      ['calls first(), whose result depends on the order of rows'],
    ],
    [
      'SELECT ref AS k, row_number() OVER (PARTITION BY ref) AS d FROM src.a',
      ['calls row_number(), whose result depends on the order of rows'],
    ],
    ['SELECT ref AS k, max(x) AS n FROM src.a GROUP BY CUBE (ref)', ['has totals over all rows']],
    ['SELECT max(id) AS k FROM src.a', ['aggregates all rows to one']],
    ['SELECT id AS k FROM src.a POSITIONAL JOIN src.b', ['has a positional join']],
    ['SELECT id AS k FROM src.a AS t JOIN src.b AS t ON true', ['calls two tables alike']],
  ])('%s', async (sql, reasons) => {
    const plan = await planOf(sql, ['k'], ['a', 'b', 'c']);
    expect(plan.kind === 'whole' ? plan.reasons.map(({ text }) => text) : plan).toEqual(
      reasons.map((reason) => `its SQL ${reason}`),
    );
  });

  test('for all reasons at once, each with its place', async () => {
    const sql = `SELECT ref AS k, list(x) AS xs
FROM (SELECT ref, x, ntile(4) OVER (ORDER BY x, id) AS quarter,
  rank() OVER (ORDER BY x) AS place FROM src.a)
GROUP BY ref
UNION ALL
SELECT y, [] FROM (FROM src.b ORDER BY y LIMIT 3)`;
    const plan = await planOf(sql, ['k'], ['a', 'b']);
    const lines =
      plan.kind === 'whole'
        ? plan.reasons.map(({ text, offset = 0 }) => `${text} ${sql.slice(0, offset).split('\n').length}`)
        : [];
    expect(lines).toEqual([
      'its SQL calls list(), whose result depends on the order of rows 1',
      'its SQL has a window over all rows (without PARTITION BY) 2',
      'its SQL has a window over all rows (without PARTITION BY) 3',
      'its SQL uses LIMIT 6',
    ]);
  });

  test('but only where the rows that belong together are those that have changed', async () => {
    const sql = `SELECT a.id AS k, q.quarter FROM src.a JOIN (SELECT id, ntile(4) OVER (ORDER BY y, id) AS quarter FROM src.b) AS q USING (id)`;
    expect(await planOf(sql, ['k'], ['a'])).toMatchObject({ kind: 'replace' });
    expect(await planOf(sql, ['k'], ['a', 'b'])).toMatchObject({ kind: 'whole' });
    expect(await planOf(sql, ['k'], ['c'])).toEqual({ kind: 'unchanged' });
  });
});

test('only columns that are named are read, and all where a star is', async () => {
  const read = async (sql: string): Promise<readonly string[]> =>
    readColumns((await tables.incremental(sql)).query, 'src.b', ['id', 'ref', 'y']);
  expect(await read('SELECT id AS k FROM src.b WHERE y > 1')).toEqual(['id', 'y']);
  expect(await read('SELECT b AS row, id AS k FROM src.b')).toEqual(['id', 'ref', 'y']);
  expect(await read('SELECT *, id AS k FROM src.b')).toEqual(['id', 'ref', 'y']);
  expect(await read('WITH w AS (SELECT ref FROM src.b) SELECT * FROM w')).toEqual(['ref']);
  expect(await read('SELECT x FROM src.a JOIN src.b USING (ref)')).toEqual(['ref']);
  expect(await read('SELECT count(*) AS n FROM src.b')).toEqual(['id']);
});

test('what loses its partner in a full join is touched, though it has not changed itself', async () => {
  const sql = `SELECT coalesce(a.day, 'none') AS k, count(*) AS n, avg(b.y) AS y FROM src.a FULL JOIN src.b ON b.ref = a.id GROUP BY coalesce(a.day, 'none')`;
  await tables.change([
    `INSERT INTO igarape_now."src.a" (id, day) VALUES (1, 'x')`,
    `INSERT INTO igarape_now."src.b" VALUES (1, 1, 5), (2, 2, 7)`,
  ]);
  await tables.engine.run(`CREATE TABLE target AS ${sql}`);
  const changed = await tables.change([`DELETE FROM igarape_now."src.a"`]);
  const incremental = await tables.incremental(sql);
  const asked = { key: ['k'], changed, isOneToOne: false, isExact: () => true };
  const plan = incremental.plan({ ...asked, prefix: tables.prefix() });
  const next = plan.kind === 'replace' ? await tables.applied(plan, 'target', ['k']) : undefined;
  expect(next === undefined ? plan : await tables.difference(next, sql)).toBe(0);
});

describe('what a query in an expression gives may be another for rows that have not changed', () => {
  test.each([
    {
      of: 'a null among the values of NOT IN',
      sql: 'SELECT id AS k FROM src.a WHERE x NOT IN (SELECT y FROM src.b)',
      change: 'INSERT INTO igarape_now."src.b" VALUES (9, 9, NULL)',
    },
    {
      of: 'the first value of NOT IN',
      sql: 'SELECT id AS k FROM src.a WHERE x NOT IN (SELECT y FROM src.b WHERE id = 9)',
      change: 'INSERT INTO igarape_now."src.b" VALUES (9, 9, 1)',
    },
    {
      of: 'a value of all rows',
      sql: 'SELECT id AS k, x * 10 > (SELECT max(y) FROM src.b) AS is_above FROM src.a',
      change: 'INSERT INTO igarape_now."src.b" VALUES (9, 9, 100)',
    },
    {
      of: 'whether there are any rows',
      sql: 'SELECT id AS k FROM src.a WHERE EXISTS (SELECT 1 FROM src.b WHERE id = 9)',
      change: 'INSERT INTO igarape_now."src.b" VALUES (9, 9, 1)',
    },
  ])('$of', async ({ sql, change }) => {
    const { engine } = tables;
    await tables.change([
      'DELETE FROM igarape_now."src.a"',
      'DELETE FROM igarape_now."src.b"',
      `INSERT INTO igarape_now."src.a" VALUES (1, 1, 1, 'x', NULL), (2, 2, 2, 'y', NULL), (3, 3, NULL, 'z', NULL)`,
      'INSERT INTO igarape_now."src.b" VALUES (1, 1, 7)',
    ]);
    await engine.run(`CREATE OR REPLACE TABLE target AS ${sql}`);
    const incremental = await tables.incremental(sql);
    const changed = await tables.change([change]);
    const asked = { key: ['k'], changed, isOneToOne: false, isExact: (): boolean => true };
    const plan = incremental.plan({ ...asked, prefix: tables.prefix() });
    if (plan.kind === 'whole') throw new Error(JSON.stringify(plan.reasons));
    expect(await tables.difference('FROM target', sql)).toBeGreaterThan(0);
    expect(await tables.difference((await tables.applied(plan, 'target', ['k'])) ?? '', sql)).toBe(0);
    await tables.drop(plan);
  });
});

test('no step multiplies rows that only WHERE joins', async () => {
  const equalities = ['a.ref = b.id', 'b.y = c.code', 'a.x = c.code', 'a.x + b.y = c.code'];
  const drawn = fc.record({
    from: fc.shuffledSubarray(['src.a', 'src.b', 'src.c'], { minLength: 3 }),
    // All are joined, by one way or another.
    where: fc.constantFrom([0, 1], [0, 2], [1, 2], [0, 3], [0, 1, 2, 3]),
    changed: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
  });
  await tables.change([
    'INSERT INTO igarape_now."src.a" SELECT r, r, r, r, [r] FROM range(10) AS t(r)',
    'INSERT INTO igarape_now."src.b" SELECT r, r, r FROM range(10) AS t(r)',
    'INSERT INTO igarape_now."src.c" SELECT r, r FROM range(10) AS t(r)',
  ]);
  await fc.assert(
    fc.asyncProperty(drawn, async ({ from, where, changed }) => {
      const on = where.map((index) => equalities[index]).join(' AND ');
      const plan = await planOf(
        `SELECT a.id AS k, c.name FROM ${from.join(', ')} WHERE ${on}`,
        ['k'],
        changed,
      );
      if (plan.kind !== 'replace') throw new Error(plan.kind);
      for (const { name, query } of plan.steps) {
        const sql = await tables.print(query);
        const [row] = await tables.engine.rows(`EXPLAIN ${sql}`);
        expect(String(row?.['explain_value']).includes('CROSS_PRODUCT') ? sql : '').toBe('');
        await tables.engine.run(`CREATE TABLE ${name} AS ${sql}`);
      }
      await tables.drop(plan);
    }),
    { numRuns: 40 },
  );
});
