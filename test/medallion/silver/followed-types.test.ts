import { expect, test } from 'vitest';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { bronze, expectFresh, runSilver, silverModel } from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

const SALES = `SELECT * FROM (VALUES (1, 1, 10.5, 'a'), (2, 1, 3.0, 'b'), (3, 2, 7.0, NULL)) AS v(id, c, valor, cat)`;
const CLIENTS = `SELECT * FROM (VALUES (1, 'Ana', 'SP', {'id': 9}), (2, 'Bia', NULL, {'id': 9})) AS c(id, nome, uf, s)`;

test.each([
  [
    'names of one side',
    `SELECT 'v' AS o, id, cat FROM bronze.v UNION ALL BY NAME SELECT id, 'c' AS o, uf FROM bronze.c`,
  ],
  [
    'nulls of one side',
    `SELECT 'v' AS o, id, NULL AS n FROM bronze.v UNION ALL SELECT 'c', id, nome FROM bronze.c`,
  ],
  ['numbers', `SELECT 'v' AS o, id, valor AS n FROM bronze.v UNION ALL SELECT 'c', id, id FROM bronze.c`],
  [
    'a number and a text',
    `SELECT 'v' AS o, id, valor AS n FROM bronze.v UNION ALL SELECT 'c', id, nome FROM bronze.c`,
  ],
  [
    'integers',
    `SELECT 'v' AS o, CAST(id AS TINYINT) AS id FROM bronze.v UNION ALL SELECT 'c', CAST(id AS BIGINT) FROM bronze.c`,
  ],
  [
    'a union in FROM',
    `SELECT o, id, n FROM (SELECT 'v' AS o, id, valor AS n FROM bronze.v UNION ALL SELECT 'c', id, NULL FROM bronze.c)`,
  ],
])('a UNION whose sides have other types, %s, follows the changes of either side', async (_, sql) => {
  const tables = await open(dir());
  const [sales, clients] = [await bronze(tables, 'v', SALES), await bronze(tables, 'c', CLIENTS)];
  const model = await silverModel(tables, `-- key: o, id\n-- incremental: required\n${sql}`);
  await runSilver(tables, model);
  await sales.append(`SELECT 5 AS id, 1 AS c, 0.5 AS valor, 'new' AS cat`);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', inserted: 1 });
  await expectFresh(tables, model);
  await clients.delete('id = 2');
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', deleted: 1 });
  await expectFresh(tables, model);
});

test.each([
  ['itself', 'bronze.v AS v'],
  ['through a query', '(SELECT c, valor FROM bronze.v) AS v'],
  [
    'through queries',
    '(SELECT k AS c, valor FROM (SELECT c AS k, valor FROM bronze.v WHERE valor > 0)) AS v',
  ],
  ['through WITH', 'sold AS v'],
])('a table around is meant where a column, %s, is called as it is and has no fields', async (_, from) => {
  const tables = await open(dir());
  const [sales, clients] = [await bronze(tables, 'v', SALES), await bronze(tables, 'c', CLIENTS)];
  const model = await silverModel(
    tables,
    `-- key: id\n-- incremental: required\nWITH sold AS (SELECT c, valor FROM bronze.v)
      SELECT id, nome, (SELECT max(valor) FROM ${from} WHERE v.c = c.id) AS most FROM bronze.c AS c`,
  );
  await runSilver(tables, model);
  await sales.append(`SELECT 5 AS id, 2 AS c, 20.5 AS valor, 'new' AS cat`);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 1 });
  await expectFresh(tables, model);
  await clients.update({ set: { nome: `'Bea'` }, where: 'id = 2' });
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 1 });
  await expectFresh(tables, model);
});

test('a field is meant where a column is called as a table around and has it', async () => {
  const tables = await open(dir());
  const [sales, clients] = [await bronze(tables, 'v', SALES), await bronze(tables, 'c', CLIENTS)];
  const model = await silverModel(
    tables,
    `-- key: id\nSELECT id, (SELECT count(*) FROM bronze.c AS c WHERE s.id > valor) AS n FROM bronze.v AS s`,
  );
  await runSilver(tables, model);
  await clients.update({ set: { s: `{'id': 100}` }, where: 'id = 1' });
  expect((await runSilver(tables, model)).operation).not.toBe('held');
  await expectFresh(tables, model);
  await sales.update({ set: { valor: '1' }, where: 'id = 1' });
  await runSilver(tables, model);
  await expectFresh(tables, model);
});
