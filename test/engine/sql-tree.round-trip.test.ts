import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { mapNodes, nodesIn, parseSql, printSql, type SqlNode } from '../../src/engine/sql-tree.ts';

let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
});
afterAll(() => engine.close());

async function treeOf(sql: string): Promise<SqlNode> {
  const parsed = await parseSql(engine, sql);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  return parsed.tree;
}

test.each([
  'SELECT 9007199254740993 AS a, 12345678901234567890123 AS b, 1e300 AS c, -5 AS d, 10.0 AS e, 1e1 AS f',
  `SELECT '18446744073709551615' AS a, '"10.0"' AS b, 'back\\slash "1.0"' AS c, 'é' AS d`,
  'WITH a AS (SELECT range AS n FROM range(4)), b AS (SELECT n FROM a) SELECT a.n, count(*) FROM a, b GROUP BY CUBE (a.n, b.n) ORDER BY ALL',
  'SELECT x, y FROM (VALUES (1, 2.50), (NULL, 3)) AS v(x, y) JOIN range(2) AS r(z) ON x > z ORDER BY ALL LIMIT 3',
  'SELECT a.range AS x, c.range AS y FROM range(3) AS a CROSS JOIN range(2) AS b LEFT JOIN range(2) AS c ON a.range = c.range ORDER BY ALL',
  'SELECT a.range AS x, c.range AS y FROM range(3) AS a LEFT JOIN (range(2) AS b CROSS JOIN range(2) AS c) ON a.range = c.range ORDER BY ALL',
  `SELECT DATE '2024-02-29' - INTERVAL 28 DAY AS d, CASE WHEN true THEN 1 END AS c, [1, 2][1] AS l`,
])('a statement that was parsed and printed gives the same rows: %s', async (sql) => {
  const printed = await printSql(engine, await treeOf(sql));
  expect(await engine.rows(printed)).toEqual(await engine.rows(sql));
});

test('a tree can be changed and printed', async () => {
  const tree = await treeOf('SELECT a FROM bronze.x JOIN bronze.y USING (a)');
  const changed = mapNodes(tree, (node) =>
    node['schema_name'] === 'bronze' ? { ...node, schema_name: 'other' } : node,
  );
  expect(await printSql(engine, changed)).toContain('other.x');
});

test('places are numbers where they are known, in bytes', async () => {
  const nodes = [...nodesIn(await treeOf(`SELECT 'é' FROM bronze.x, bronze.y`))];
  const places = nodes.filter((node) => node['type'] === 'BASE_TABLE').map((node) => node['query_location']);
  expect(places).toEqual([17, 27]);
  expect(nodes.find((node) => node['type'] === 'JOIN')?.['query_location']).not.toBeTypeOf('number');
});

test('what cannot be parsed is refused, with the place in characters', async () => {
  expect(await parseSql(engine, `SELECT 'é', foo( FROM a`)).toMatchObject({ isSyntax: true, position: 17 });
  expect(await parseSql(engine, 'DELETE FROM a')).toMatchObject({ kind: 'refused', isSyntax: false });
});
