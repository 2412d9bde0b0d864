import { expect, test } from 'vitest';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { bronze, expectFresh, runSilver, silverModel, silverRows } from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

const ROWS = `SELECT * FROM (VALUES (1, 'Ana', 10), (2, 'Bia', 20), (3, 'Caio', 30)) AS v(id, nome, pontos)`;

function withChecks(...checks: readonly string[]): string {
  return `-- key: id\n${checks.map((check) => `-- ${check}\n`).join('')}SELECT id, nome, pontos FROM bronze.clientes`;
}

test('a broken check keeps the table as it was, says which rows, and lets the next run try again', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'clientes', ROWS);
  const model = await silverModel(
    tables,
    withChecks('check: not_null(nome)', `check: accepted_values(pontos, 10, 20, 30)`),
  );
  await runSilver(tables, model);
  await source.update({ set: { nome: 'NULL' }, where: 'id = 2' });
  expect(await runSilver(tables, model)).toEqual({
    operation: 'held',
    inserted: 0,
    updated: 0,
    deleted: 0,
    version: 0,
    reason: 'not_null(nome): 1 row, e.g. {nome: null, id: 2, pontos: 20}',
  });
  expect(await silverRows(tables, model)).toHaveLength(3);
  await source.update({ set: { nome: `'Bea'` }, where: 'id = 2' });
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 1 });
  await expectFresh(tables, model);
});

test('a table that breaks a check at first is not made', async () => {
  const tables = await open(dir());
  await bronze(tables, 'clientes', ROWS);
  const model = await silverModel(tables, withChecks('check: row_count >= 4'));
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'held', version: null });
  expect(await tables.find(model)).toBeUndefined();
});

test.each([
  ['check: row_count >= 3', `DELETE`],
  ['check: unique(pontos)', `pontos`],
  ['check: SELECT nome FROM silver.model GROUP BY nome HAVING count(*) > 1', 'nome'],
])('%s is made of all rows, those that stay included', async (check, what) => {
  const tables = await open(dir());
  const source = await bronze(tables, 'clientes', ROWS);
  const model = await silverModel(tables, withChecks(check));
  await runSilver(tables, model);
  if (what === 'DELETE') await source.delete('id = 1');
  else await source.update({ set: { nome: `'Bia'`, pontos: '20' }, where: 'id = 1' });
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'held' });
});

test('a relationship is looked at on the versions that the table is made of', async () => {
  const tables = await open(dir());
  const clients = await bronze(tables, 'clientes', ROWS);
  await bronze(tables, 'vendas', 'SELECT 7 AS id, 3 AS idCliente');
  const text = `-- key: id
-- check: relationship(idCliente, bronze.clientes.id)
SELECT v.id, v.idCliente, c.nome FROM bronze.vendas AS v LEFT JOIN bronze.clientes AS c ON v.idCliente = c.id`;
  const model = await silverModel(tables, text);
  await clients.delete('id = 3');
  expect(await runSilver(tables, model, { at: { 'bronze.clientes': 0 } })).toMatchObject({
    operation: 'created',
  });
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'held',
    reason: 'relationship(idCliente, bronze.clientes.id): 1 row, e.g. {idCliente: 3, id: 7, nome: null}',
  });
});

test('a check that only warns is told, and the rows are committed', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'clientes', ROWS);
  const model = await silverModel(tables, withChecks('check warn: not_null(nome)', 'check: not_null(id)'));
  await runSilver(tables, model);
  await source.update({ set: { nome: 'NULL' }, where: 'id = 2' });
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'updated',
    updated: 1,
    reason: 'not_null(nome): 1 row, e.g. {nome: null, id: 2, pontos: 20}',
  });
  await source.update({ set: { pontos: '0' }, where: 'id = 1' });
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'updated',
    reason: expect.stringContaining('1 row'),
  });
});
