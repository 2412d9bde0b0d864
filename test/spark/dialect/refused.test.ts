import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '../../../src/engine/engine.ts';
import { renderSpark } from '../../../src/spark/dialect/render.ts';

let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '200MB', spillDir: 'unused', threads: 1 });
  await engine.run(
    'CREATE TABLE t (i INTEGER, b BIGINT, d DOUBLE, f FLOAT, x VARCHAR, e DATE, s TIMESTAMP, l INTEGER[], m MAP(INTEGER, VARCHAR), h TIME)',
  );
});
afterAll(() => engine.close());

async function refused(sql: string): Promise<readonly string[]> {
  const rendered = await renderSpark(engine, sql, (_, name) => name);
  return rendered.kind === 'rendered'
    ? [rendered.sql]
    : rendered.refusals.map(({ what, offset }) => `${what} at ${sql.slice(offset, (offset ?? 0) + 8)}`);
}

test('every SELECT of a chain is printed', async () => {
  for (const words of ['UNION ALL', 'UNION', 'EXCEPT', 'EXCEPT ALL', 'INTERSECT', 'INTERSECT ALL']) {
    const chain = [1, 2, 3, 4, 5].map((number) => `SELECT i + ${number} FROM t`).join(` ${words} `);
    const [sql = ''] = await refused(chain);
    for (const number of [1, 2, 3, 4, 5]) expect(sql, words).toContain(`+ ${number})`);
  }
});

test.each([
  ['CAST(d AS VARCHAR)', 'CAST(DOUBLE AS VARCHAR) at CAST(d A'],
  ['substring(x, 0, 2)', 'substring(VARCHAR, BIGINT, BIGINT) at substrin'],
  ['substring(x, i)', 'substring(VARCHAR, BIGINT) at substrin'],
  ['left(x, -1)', 'left(VARCHAR, BIGINT) at left(x, '],
  ["x ILIKE 'a%'", "~~*(VARCHAR, VARCHAR) at ILIKE 'a"],
  ["regexp_replace(x, 'a', 'b')", 'regexp_replace(VARCHAR, VARCHAR, VARCHAR) at regexp_r'],
  ['round(1.5 * i, -1)', 'round(DECIMAL(12,1), INTEGER) at round(1.'],
  ['CAST(CAST(b AS DECIMAL(38, 24)) AS DOUBLE)', 'CAST(DECIMAL(38,24) AS DOUBLE) at CAST(CAS'],
  ['ln(d)', 'ln(DOUBLE) at ln(d) AS'],
  ['x || chr(0)', 'a constant of the type VARCHAR at SELECT x'],
  ['string_agg(x, chr(0) ORDER BY x)', 'string_agg(VARCHAR) with ORDER BY at string_a'],
  ["string_agg(x, 'a' || chr(0) ORDER BY x)", 'string_agg(VARCHAR) with ORDER BY at string_a'],
  ['f + f', '+(FLOAT, FLOAT) at + f AS v'],
  ['l = [1]', '=(INTEGER[], INTEGER[]) at = [1] AS'],
  ["strftime(e, '%A')", 'strftime(DATE, VARCHAR) at strftime'],
  ['to_days(i)', 'the type INTERVAL at to_days('],
])('%s is refused by its name, at its place', async (expression, what) => {
  const [first] = await refused(`SELECT ${expression} AS v FROM t`);
  expect(first).toBe(what);
});

test.each([
  ['SELECT i, first(x) AS v FROM t GROUP BY i', 'first(VARCHAR) at first(x)'],
  ['SELECT i, list(x ORDER BY b) AS v FROM t GROUP BY i', 'list(VARCHAR) with ORDER BY at list(x O'],
  ["SELECT string_agg(x, ',') AS v FROM t", 'string_agg(VARCHAR) at string_a'],
  ['SELECT i, count(*) AS v FROM t GROUP BY i, l', 'GROUP BY INTEGER[] at SELECT i'],
  ['SELECT row_number() OVER () AS v FROM t', 'row_number() OVER (…) without ORDER BY at row_numb'],
  ['SELECT i FROM t LIMIT 3', 'LIMIT without ORDER BY at 3'],
  ['SELECT i FROM t ORDER BY i LIMIT 10%', 'LIMIT of other than a number at 10%'],
  ['SELECT DISTINCT ON (i) i, x FROM t', 'DISTINCT ON without ORDER BY at i) i, x '],
  [
    'SELECT i FROM t WHERE (i, b) IN (SELECT i, b FROM t)',
    'ANY, ALL or IN of several columns over a query at IN (SELE',
  ],
  ['SELECT a.i FROM t AS a ASOF JOIN t AS b ON a.e >= b.e', 'ASOF JOIN at ASOF JOI'],
  ['SELECT t.i, u.v FROM t, unnest(t.l) AS u(v)', 'LATERAL over a list at unnest(t'],
  ['SELECT m FROM t', 'the type MAP at SELECT m'],
  ['SELECT h FROM t', 'the type TIME at SELECT h'],
  [
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r',
    'WITH RECURSIVE at 1 AS n U',
  ],
])('%s is refused by its name, at its place', async (sql, what) => {
  const [first] = await refused(sql);
  expect(first).toBe(what);
});
