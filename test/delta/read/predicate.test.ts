import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkExpressions, expressionSql, parsePredicate } from '../../../src/delta/read/predicate.ts';
import { Engine } from '../../../src/engine/engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
});
afterAll(() => engine.close());

test.each([
  'id = 1',
  'id = 1 OR (name IS NULL AND points > 1e9)',
  '(id = 1) OR (id = 2)',
  `name = 'a) OR (b' -- it ends so`,
  'id IN (1, 2) /* two */',
  'list_contains([1, 2], id)',
])('a condition on columns is taken: %s', async (where) => {
  expect(await parsePredicate(engine, where)).toHaveProperty('class');
});

test.each(['1e400', '-1e400', '1e9', '-0.0e0', '1e400::FLOAT', `'"value":Infinity'`, '1.5e-324'])(
  'a constant means the same after a condition was taken apart, also one that JSON has no number for: %s',
  async (constant) => {
    const condition = await expressionSql(engine, await parsePredicate(engine, `v = ${constant}`));
    const [row] = await engine.rows(`SELECT ${condition} AS same FROM (SELECT ${constant} AS v)`);
    expect(row).toMatchObject({ same: true });
  },
);

test.each([
  'id = 1) OR (1=1',
  'true) UNION (SELECT 1',
  'true ORDER BY 1',
  'true; SELECT 2',
  'true, false',
  '',
  'id IN (SELECT 1 FROM other)',
  `id IN (SELECT size FROM read_blob('/etc/passwd'))`,
  `(SELECT count(*) FROM enable_profiling(save_location = '/tmp/x')) = 0`,
  `EXISTS (FROM '/etc/passwd')`,
  `getenv('HOME') = '/root'`,
  'sleep_ms(100000) IS NULL',
])('what is more or less than one condition on columns is refused: %s', async (where) => {
  await expect(parsePredicate(engine, where)).rejects.toMatchObject({ code: 'DELTA_QUERY' });
});

test('values and conditions of clauses are single expressions, whatever they read, or are refused as what they are', async () => {
  await checkExpressions(
    engine,
    ['source.a > (SELECT max(b) FROM other)'],
    ["'a;b -- c'", '(SELECT 1 FROM other)'],
  );
  await expect(checkExpressions(engine, ['true) THEN 0 WHEN (true'], [])).rejects.toMatchObject({
    code: 'DELTA_QUERY',
    message: expect.stringMatching(/^The condition true\) THEN 0 WHEN \(true cannot be used: /),
  });
  for (const value of ["'a', id = 5", "'x';", '1) AS a, (2', '1 AS b', '', 'a FROM t'])
    await expect(checkExpressions(engine, [], [value])).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining(`The value ${value} cannot be set: `),
    });
});
