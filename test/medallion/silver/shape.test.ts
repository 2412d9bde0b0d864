import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import { parseSql } from '../../../src/engine/sql-tree.ts';
import { parseHeader } from '../../../src/medallion/models/header.ts';
import { aggregateFunctions } from '../../../src/engine/aggregates.ts';
import { classify, type Incremental, type Whole } from '../../../src/medallion/silver/shape.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
});
afterAll(() => engine.close());

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  a: ['id', 'ref', 'x', 'day', '_igarape_run', '_cdc_timestamp'],
  b: ['id', 'ref', 'y'],
  c: ['code', 'name'],
};

async function shapeOf(sql: string, header = '-- key: k'): Promise<Incremental | Whole> {
  const text = `${header}\n${sql}`;
  const parsed = await parseSql(engine, text);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  const tables = ['a', 'b', 'c'].map((name) => ({ layer: 'bronze' as const, name }));
  return classify({
    tree: parsed.tree,
    header: parseHeader(text, 'silver', tables).header,
    columnsOf: ({ table }) => COLUMNS[table.toLowerCase()] ?? [],
    aggregates: await aggregateFunctions(engine),
  });
}

test.each([
  'SELECT id AS k, x FROM bronze.a',
  'SELECT *, id AS k FROM bronze.a',
  'SELECT upper(day) AS k, count(*) AS n FROM bronze.a GROUP BY 1',
  'SELECT coalesce(ref, 0) AS k, sum(x) AS n FROM bronze.a GROUP BY ALL HAVING sum(x) > 1 ORDER BY 2',
  "SELECT ref AS k, string_agg(day, ',' ORDER BY id) AS days FROM bronze.a GROUP BY ref",
  'SELECT a.id AS k, y FROM bronze.a JOIN bronze.b ON x = y',
  'SELECT a.id AS k FROM bronze.a LEFT JOIN bronze.b USING (ref)',
  'SELECT a.id AS k FROM bronze.a, bronze.b WHERE a.ref = b.id AND a.x > b.y',
  'SELECT p.id AS k, q.x FROM bronze.a AS p JOIN bronze.a AS q ON p.ref = q.id',
  'SELECT id + 1 AS n, n * 2 AS k FROM bronze.a',
  'SELECT bronze.a.id AS k FROM bronze.a LEFT JOIN (bronze.b JOIN bronze.c ON y = code) ON a.ref = b.ref',
])('%s goes by changes', async (sql) => {
  expect(await shapeOf(sql)).toMatchObject({ kind: 'incremental' });
});

test.each([
  ['SELECT DISTINCT id AS k FROM bronze.a', 'its SQL uses DISTINCT'],
  ['SELECT id AS k FROM bronze.a LIMIT 3', 'its SQL uses LIMIT'],
  ['SELECT id AS k FROM bronze.a ORDER BY 1 LIMIT 10%', 'its SQL uses LIMIT'],
  ['SELECT id AS k FROM bronze.a OFFSET 2', 'its SQL uses LIMIT'],
  ['SELECT id AS k, sum(x) OVER () AS n FROM bronze.a', 'its SQL has a window function'],
  ['SELECT id AS k FROM bronze.a QUALIFY row_number() OVER () = 1', 'its SQL uses QUALIFY'],
  ['SELECT id AS k FROM bronze.a WHERE x = (SELECT max(y) FROM bronze.b)', 'its SQL has a subquery'],
  ['SELECT id AS k FROM bronze.a WHERE EXISTS (FROM bronze.b WHERE b.id = a.id)', 'its SQL has a subquery'],
  ['SELECT id AS k FROM (SELECT * FROM bronze.a)', 'its SQL has a subquery'],
  ['WITH w AS (FROM bronze.a) SELECT id AS k FROM w', 'its SQL uses WITH'],
  ['SELECT id AS k FROM bronze.a UNION ALL SELECT id FROM bronze.b', 'its SQL combines queries'],
  ['SELECT id AS k FROM bronze.a TABLESAMPLE 10%', 'its SQL draws a sample'],
  ['SELECT id AS k FROM bronze.a RIGHT JOIN bronze.b USING (id)', 'its SQL uses a RIGHT JOIN'],
  ['SELECT id AS k FROM bronze.a FULL JOIN bronze.b USING (id)', 'its SQL uses a FULL JOIN'],
  ['SELECT id AS k FROM bronze.a ANTI JOIN bronze.b USING (id)', 'its SQL uses an ANTI JOIN'],
  ['SELECT id AS k FROM bronze.a NATURAL JOIN bronze.b', 'its SQL uses a NATURAL JOIN'],
  ['SELECT a.id AS k FROM bronze.a ASOF JOIN bronze.b ON a.x >= b.y', 'its SQL uses an ASOF JOIN'],
  [
    'SELECT a.id AS k FROM bronze.a JOIN bronze.b ON a.x > b.y',
    'its SQL joins bronze.b by no equality of columns',
  ],
  [
    'SELECT a.id AS k FROM bronze.a JOIN bronze.c ON lower(day) = name',
    'its SQL joins bronze.c by no equality of columns',
  ],
  ['SELECT a.id AS k FROM bronze.a, range(3) AS r(i)', 'its SQL has a function as a table'],
  ['SELECT id AS k FROM bronze.a AS t(id, b)', 'its SQL renames columns in FROM'],
  [
    'SELECT a.id AS k FROM bronze.a JOIN silver.a ON bronze.a.id = silver.a.id',
    'its SQL gives two tables the same name',
  ],
  [
    'SELECT ref AS k, first(day) AS d FROM bronze.a GROUP BY ref',
    'its SQL calls first(), whose result depends on the order of rows',
  ],
  [
    'SELECT ref AS k, string_agg(day) AS d FROM bronze.a GROUP BY ref',
    'its SQL calls string_agg(), whose result depends on the order of rows',
  ],
  ['SELECT ref AS k, count(*) AS n FROM bronze.a GROUP BY CUBE (ref)', 'its SQL uses grouping sets'],
  ['SELECT max(id) AS k FROM bronze.a', 'its SQL aggregates all rows to one'],
  ['SELECT id AS k, unnest([x]) AS e FROM bronze.a', 'its SQL calls unnest(), which makes rows'],
  ['SELECT ref, max(id) AS k FROM bronze.a GROUP BY ref', 'its key column k is an aggregate'],
  ['SELECT id FROM bronze.a', 'where its key column k comes from is not certain'],
  ['SELECT 1 AS k, x FROM bronze.a', 'its key comes from no table'],
  [
    'SELECT coalesce(b.id, 0) AS k FROM bronze.a LEFT JOIN bronze.b USING (ref)',
    'no column of its key comes from one table that stands in every row',
  ],
  [
    'SELECT a.id + b.id AS k FROM bronze.a JOIN bronze.b USING (ref)',
    'no column of its key comes from one table that stands in every row',
  ],
])('%s is made as a whole, for %s', async (sql, reason) => {
  expect(await shapeOf(sql)).toEqual({ kind: 'rebuild', reason });
});

test('only columns that are named are read, and all where a star is', async () => {
  expect(await shapeOf('SELECT id AS k FROM bronze.a WHERE x > 1')).toMatchObject({ columns: [['id', 'x']] });
  expect(await shapeOf('SELECT a AS row, id AS k FROM bronze.a')).toMatchObject({
    columns: [['id', 'ref', 'x', 'day']],
  });
  expect(await shapeOf('SELECT *, id AS k FROM bronze.a')).toMatchObject({
    columns: [['id', 'ref', 'x', 'day']],
  });
  expect(await shapeOf('SELECT *, id AS k FROM bronze.a WHERE _igarape_run > 0')).toMatchObject({
    columns: [['id', 'ref', 'x', 'day', '_igarape_run', '_cdc_timestamp']],
  });
});
