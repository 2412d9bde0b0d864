import { afterAll, beforeAll, expect, test } from 'vitest';
import { aggregateNames } from '../../src/engine/aggregates.ts';
import { Engine } from '../../src/engine/engine.ts';
import { parseSql } from '../../src/engine/sql-tree.ts';
import { cubeColumns } from '../../src/explore/cube-columns.ts';
import type { ModelHeader } from '../../src/medallion/models/model.ts';

let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '200MB', spillDir: '.cache/spill' });
});
afterAll(() => engine.close());

const HEADER: ModelHeader = {
  description: undefined,
  key: [],
  checks: [],
  joins: [],
  incremental: 'by cost',
  dateColumn: undefined,
  windowDays: 1,
  partition: 'none',
  columns: [],
  tags: [],
};

async function columnsOf(
  sql: string,
  columns: Readonly<Record<string, string>>,
  header: Partial<ModelHeader> = {},
): Promise<{ level: string | null; groups: readonly string[]; adds: Record<string, string> }> {
  const parsed = await parseSql(engine, sql);
  if (parsed.kind === 'refused') throw new Error(parsed.reason);
  const { level, groups, measures } = cubeColumns(
    { header: { ...HEADER, ...header } },
    parsed.tree,
    Object.entries({ dt_ref: 'DATE', ...columns }).map(([name, type]) => ({ name, type })),
    await aggregateNames(engine),
  );
  return {
    level,
    groups,
    adds: Object.fromEntries(measures.map(({ name, kind, adds }) => [name, `${kind}, ${adds}`])),
  };
}

const SUMS = `SELECT $dt_ref AS dt_ref, loja, count(*) AS n, CAST(sum(v) AS BIGINT) AS pontos,
  count(DISTINCT c) AS clientes, approx_count_distinct(c) AS quase, max(v) AS maior, sum(v) / count(*) AS media
  FROM silver.t WHERE d = $dt_ref GROUP BY loja`;
const COLUMNS = {
  loja: 'VARCHAR',
  n: 'BIGINT',
  pontos: 'BIGINT',
  clientes: 'BIGINT',
  quase: 'BIGINT',
  maior: 'BIGINT',
  media: 'DOUBLE',
};

test('counts and sums add up; what is counted once, and what is no sum, does not', async () => {
  const found = await columnsOf(SUMS, COLUMNS);
  expect(found.groups).toEqual(['loja']);
  expect(found.adds).toEqual({
    n: 'count, groups and dates',
    pontos: 'sum, groups and dates',
    clientes: 'distinct, nothing',
    quase: 'distinct, nothing',
    maior: 'max, nothing',
    media: 'other, nothing',
  });
});

test('dates that look back on several days have a row several times', async () => {
  const { adds } = await columnsOf(SUMS, COLUMNS, { windowDays: 28 });
  expect(adds['n']).toBe('count, groups');
});

test.each([
  [
    'groups inside',
    `WITH x AS (SELECT DISTINCT c, loja FROM silver.t) SELECT $dt_ref AS dt_ref, loja, count(*) AS n FROM x GROUP BY loja`,
  ],
  [
    'a query that takes each once',
    `SELECT $dt_ref AS dt_ref, loja, count(*) AS n FROM (SELECT c, loja FROM silver.t GROUP BY c, loja) GROUP BY loja`,
  ],
  [
    'groups left out afterwards',
    `SELECT $dt_ref AS dt_ref, loja, count(*) AS n FROM silver.t GROUP BY loja HAVING count(*) > 3`,
  ],
  [
    'the largest groups',
    `SELECT $dt_ref AS dt_ref, loja, count(*) AS n FROM silver.t GROUP BY loja ORDER BY n DESC LIMIT 3`,
  ],
  [
    'several queries',
    `SELECT $dt_ref AS dt_ref, loja, count(*) AS n FROM silver.t GROUP BY loja UNION ALL SELECT $dt_ref, c, count(*) FROM silver.t GROUP BY c`,
  ],
  [
    'rows of several levels that nothing tells apart',
    `SELECT $dt_ref AS dt_ref, loja, count(*) AS n FROM silver.t GROUP BY ROLLUP (loja)`,
  ],
])('nothing adds up with %s', async (_what, sql) => {
  const { adds } = await columnsOf(sql, { loja: 'VARCHAR', n: 'BIGINT' });
  expect(adds['n']).toMatch(/nothing$/);
});

test('the column that tells the grouping sets apart is the level, and within it counts add up', async () => {
  const sql = `SELECT $dt_ref AS dt_ref, GROUPING(loja) AS nivel, loja, count(*) AS n FROM silver.t GROUP BY ROLLUP (loja)`;
  const found = await columnsOf(
    sql,
    { nivel: 'BIGINT', loja: 'VARCHAR', n: 'BIGINT' },
    { key: ['dt_ref', 'nivel', 'loja'] },
  );
  expect(found).toEqual({ level: 'nivel', groups: ['loja'], adds: { n: 'count, groups and dates' } });
});
