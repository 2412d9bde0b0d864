import { expect, test } from 'vitest';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { bronze, expectFresh, runSilver, silverModel, silverRows } from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

const ROWS = `SELECT i AS id, i % 3 AS k, i * 10 AS n FROM range(9) AS r(i)`;

test('a table that must follow changes stays as it is where only the whole would do, until a full refresh', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', ROWS);
  const model = await silverModel(
    tables,
    '-- key: id\n-- incremental: required\nSELECT id, n FROM bronze.a\nORDER BY n DESC LIMIT 3',
  );
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'created', inserted: 3 });
  const before = await silverRows(tables, model);
  await source.delete('id = 8');
  expect(await runSilver(tables, model)).toEqual({
    operation: 'held',
    inserted: 0,
    updated: 0,
    deleted: 0,
    version: 0,
    reason:
      'it would have to be rebuilt, for its SQL uses LIMIT (line 4), and its header says incremental: required; run --models silver.model --full-refresh makes it anew',
  });
  expect(await silverRows(tables, model)).toEqual(before);
  expect(await runSilver(tables, model, { fullRefresh: true })).toMatchObject({ operation: 'rebuilt' });
  await expectFresh(tables, model);
});

test('a table that must follow changes does so', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', ROWS);
  const model = await silverModel(
    tables,
    '-- key: k\n-- incremental: required\nWITH w AS (SELECT * FROM bronze.a) SELECT k, sum(n) AS n FROM w GROUP BY k',
  );
  await runSilver(tables, model);
  await source.delete('id = 8');
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 1 });
  await expectFresh(tables, model);
});

test('a table that must not follow changes is made as a whole, and says so', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', ROWS);
  const model = await silverModel(tables, '-- key: id\n-- incremental: never\nSELECT id, n FROM bronze.a');
  await runSilver(tables, model);
  await source.delete('id = 8');
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'rebuilt',
    deleted: 1,
    reason: 'its header says incremental: never',
  });
  await expectFresh(tables, model);
});

const SEGMENTS = `-- key: f
WITH per AS (SELECT k, count(*) AS f, sum(n) AS n FROM bronze.a GROUP BY k)
SELECT f, count(*) AS clients, sum(n) AS n FROM per GROUP BY f`;

test('groups of values that are computed are added to, and taken from', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', ROWS);
  const model = await silverModel(tables, SEGMENTS);
  await runSilver(tables, model);
  await source.delete('id = 8');
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', inserted: 1, updated: 1 });
  await expectFresh(tables, model);
  await source.append('SELECT 8 AS id, 2 AS k, 80 AS n UNION ALL SELECT 9, 0, NULL');
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', deleted: 1 });
  await expectFresh(tables, model);
});

test('a sum that may be 0 or null is not guessed', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', 'SELECT * FROM (VALUES (1, 1, 0), (2, 2, NULL)) AS v(id, k, n)');
  const model = await silverModel(tables, SEGMENTS);
  await runSilver(tables, model);
  await source.update({ set: { n: 'NULL' }, where: 'id = 1' });
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'rebuilt',
    reason: 'of a group of it the changes do not tell whether a sum is 0 or null',
  });
  await expectFresh(tables, model);
});

test('sums of floating numbers are computed of all rows', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'a', `SELECT id, k, n::DOUBLE AS n FROM (${ROWS})`);
  const model = await silverModel(tables, SEGMENTS);
  await runSilver(tables, model);
  await source.delete('id = 8');
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt' });
  await expectFresh(tables, model);
});
