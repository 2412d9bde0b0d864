import { expect, test } from 'vitest';
import type { Model } from '../../../src/medallion/models/model.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import {
  bronze,
  expectFresh,
  replayedRows,
  runSilver,
  silverModel,
  silverRows,
  stepOf,
} from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

test('a table is made at first, then updated by what has changed, then left as it is', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'c', `SELECT i AS id, 'n' || i AS nome FROM range(5) AS r(i)`);
  const model = await silverModel(
    tables,
    `-- key: idCliente\nSELECT id AS idCliente, upper(nome) AS nome FROM bronze.c`,
  );
  expect(await stepOf(tables, model)).toEqual({ kind: 'create' });
  expect(await runSilver(tables, model)).toEqual({
    operation: 'created',
    inserted: 5,
    updated: 0,
    deleted: 0,
    version: 0,
  });
  await expectFresh(tables, model);
  await source.update({ set: { nome: `'x'` }, where: 'id = 2' });
  await source.delete('id = 3');
  await source.append(`SELECT 9 AS id, 'neu' AS nome`);
  expect(await stepOf(tables, model)).toEqual({
    kind: 'update',
    sources: [{ table: 'bronze.c', from: 0, to: 3 }],
    cost: { changed: 4, reads: 0, whole: 5 },
  });
  expect(await runSilver(tables, model)).toEqual({
    operation: 'updated',
    cost: { changed: 4, reads: 0, whole: 5 },
    inserted: 1,
    updated: 1,
    deleted: 1,
    version: 1,
  });
  await expectFresh(tables, model);
  expect(await runSilver(tables, model)).toEqual({
    operation: 'unchanged',
    inserted: 0,
    updated: 0,
    deleted: 0,
    version: 1,
  });
  expect(await replayedRows(tables, model)).toEqual(await silverRows(tables, model));
});

test('a model that has changed makes the table anew, and its change feed tells only what is other', async () => {
  const tables = await open(dir());
  await bronze(tables, 'c', `SELECT i AS id, 'n' || i AS nome FROM range(5) AS r(i)`);
  const first = await silverModel(tables, `-- key: id\nSELECT id, nome FROM bronze.c`);
  await runSilver(tables, first);
  const second = await silverModel(
    tables,
    `-- key: id\nSELECT id, if(id = 2, 'two', nome) AS nome FROM bronze.c WHERE id > 0`,
  );
  expect(await stepOf(tables, second)).toEqual({ kind: 'rebuild', reason: 'its model has changed' });
  expect(await runSilver(tables, second)).toEqual({
    operation: 'rebuilt',
    inserted: 0,
    updated: 1,
    deleted: 1,
    version: 1,
    reason: 'its model has changed',
  });
  await expectFresh(tables, second);
  expect(await replayedRows(tables, second)).toEqual(await silverRows(tables, second));
  expect(await runSilver(tables, second)).toMatchObject({ operation: 'unchanged' });
});

test('a full refresh makes the table anew, although nothing has changed', async () => {
  const tables = await open(dir());
  await bronze(tables, 'c', `SELECT i AS id FROM range(5) AS r(i)`);
  const model = await silverModel(tables, `-- key: id\nSELECT id FROM bronze.c`);
  await runSilver(tables, model);
  await (await tables.require(model)).delete('id = 3');
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'unchanged' });
  expect(await runSilver(tables, model, { fullRefresh: true })).toMatchObject({
    operation: 'rebuilt',
    inserted: 1,
    reason: 'a full refresh was asked for',
  });
  await expectFresh(tables, model);
});

test('silver that reads silver follows it', async () => {
  const tables = await open(dir());
  const source = await bronze(
    tables,
    'c',
    `SELECT i AS id, i % 2 AS grupo, i AS pontos FROM range(6) AS r(i)`,
  );
  const rows = await silverModel(
    tables,
    `-- key: id\nSELECT id, grupo, pontos * 10 AS pontos FROM bronze.c`,
    'linhas',
  );
  const sums = await silverModel(
    tables,
    `-- key: grupo\nSELECT grupo, sum(pontos) AS total, avg(pontos) AS media FROM silver.linhas GROUP BY grupo`,
    'somas',
  );
  for (const model of [rows, sums]) await runSilver(tables, model);
  await source.update({ set: { grupo: '2' }, where: 'id = 3' });
  expect(await runSilver(tables, rows)).toMatchObject({ operation: 'updated', updated: 1 });
  expect(await runSilver(tables, sums)).toMatchObject({ operation: 'updated', inserted: 1, updated: 1 });
  await source.delete('grupo = 1');
  for (const model of [rows, sums]) await runSilver(tables, model);
  expect(await silverRows(tables, sums)).toHaveLength(2);
  await expectFresh(tables, sums);
});

test('two runs at once make one commit', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'c', `SELECT i AS id FROM range(5) AS r(i)`);
  const model = await silverModel(tables, `-- key: id\nSELECT id FROM bronze.c`);
  await runSilver(tables, model);
  await source.append('SELECT 7 AS id');
  const others = await open(dir());
  const outcomes = await Promise.allSettled([runSilver(tables, model), runSilver(others, model)]);
  const done = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [outcome.value.operation] : [],
  );
  const refused: unknown[] = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  );
  expect(done).toContain('updated');
  expect(done.filter((operation) => operation === 'updated')).toHaveLength(1);
  for (const reason of refused) expect(reason).toMatchObject({ code: 'DELTA_CONFLICT' });
  expect((await (await others.require(model)).snapshot()).version).toBe(1);
  await expectFresh(others, model);
});

test('a key that only the rows of the WHERE can have is followed by changes, too', async () => {
  const tables = await open(dir());
  const source = await bronze(
    tables,
    'c',
    `SELECT * FROM (VALUES ('1', 10), ('x', 20), ('3', 30)) AS v(code, n)`,
  );
  const model = await silverModel(
    tables,
    `-- key: k\nSELECT code::INT AS k, n FROM bronze.c WHERE try_cast(code AS INT) IS NOT NULL`,
  );
  await runSilver(tables, model);
  await source.update({ set: { n: 'n + 1' } });
  await source.update({ set: { code: `'y'` }, where: `code = '3'` });
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 1, deleted: 1 });
  await expectFresh(tables, model);
});

test('changes that cannot be computed without the WHERE are left to the whole', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'c', `SELECT * FROM (VALUES (1, '7'), (2, 'x')) AS v(id, ref)`);
  await bronze(tables, 'd', `SELECT 7 AS id, 'sete' AS nome`);
  const model = await silverModel(
    tables,
    `-- key: id\nSELECT c.id, d.nome FROM bronze.c JOIN bronze.d ON c.ref = d.id WHERE c.ref <> 'x'`,
  );
  await runSilver(tables, model);
  await source.append(`SELECT 3 AS id, '7' AS ref UNION ALL SELECT 4, 'x'`);
  const report = await runSilver(tables, model);
  expect(['updated', 'rebuilt']).toContain(report.operation);
  await expectFresh(tables, model);
});

test.each([
  ["SELECT id, TIME '10:00' AS hora FROM bronze.c", 'hora'],
  ['SELECT n AS m FROM bronze.c', "its key column id is none of its SELECT's"],
  ['SELECT id, nada FROM bronze.c', 'Referenced column "nada" not found'],
])("%s is an error that names the model's file", async (sql, what) => {
  const tables = await open(dir());
  await bronze(tables, 'c', `SELECT 1 AS id, 2 AS n`);
  const model = await silverModel(tables, `-- key: id\n${sql}`);
  await expect(runSilver(tables, model)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(new RegExp(`^models/silver/model.sql: .*${what}`)),
  });
});

test('a key that comes while another row of the source has it is told, although the changes alone do not', async () => {
  const tables = await open(dir());
  const source = await bronze(
    tables,
    'c',
    `SELECT * FROM (VALUES (1, 'a', 10), (2, 'b', 20)) AS v(id, code, n)`,
  );
  const model = await silverModel(tables, `-- key: code\nSELECT code, n FROM bronze.c`);
  await runSilver(tables, model);
  await source.append(`SELECT 3 AS id, 'b' AS code, 20 AS n`);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'unchanged', version: 1 });
  await source.delete('id = 2');
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'unchanged', version: 2 });
  await source.append(`SELECT 4 AS id, 'b' AS code, 21 AS n`);
  expect(await runSilver(tables, model)).toMatchObject({
    operation: 'held',
    reason: `1 key has different rows by code, e.g. {'code': b, 'n': 20} and {'code': b, 'n': 21}`,
  });
  await source.delete('id = 3');
  await source.append(`SELECT 5 AS id, 'c' AS code, 30 AS n`);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', inserted: 1, updated: 1 });
  await expectFresh(tables, model);
});

test.each([
  ['* EXCLUDE (_cdc_timestamp)', ['id', '_igarape_run']],
  ['* EXCLUDE _igarape_run', ['id', '_cdc_timestamp']],
  ['c.* EXCLUDE (c._igarape_run, c._cdc_timestamp)', ['id']],
  ['* RENAME (_cdc_timestamp AS since)', ['id', '_igarape_run', 'since']],
  ['* REPLACE (0 AS _igarape_run)', ['id', '_igarape_run', '_cdc_timestamp']],
])('a star that says what to do with a column that bronze adds has it: %s', async (list, expected) => {
  const tables = await open(dir());
  await bronze(tables, 'c', `SELECT 1 AS id, 7 AS _igarape_run, TIMESTAMPTZ '2024-01-01' AS _cdc_timestamp`);
  const model = await silverModel(tables, `-- key: id\nSELECT ${list} FROM bronze.c`);
  expect(await runSilver(tables, model)).toMatchObject({ operation: 'created', inserted: 1 });
  const { fields } = (await (await tables.require(model)).snapshot()).schema;
  expect(fields.map(({ name }) => name)).toEqual(expected);
  await expectFresh(tables, model);
});

test('a star over a silver table gives all its columns, whatever they are called; over bronze not those that bronze adds', async () => {
  const tables = await open(dir());
  await bronze(tables, 'c', `SELECT 1 AS id, 7 AS _igarape_run, TIMESTAMPTZ '2024-01-01' AS _cdc_timestamp`);
  const named = await silverModel(tables, `-- key: id\nSELECT id, _cdc_timestamp FROM bronze.c`, 'a');
  const star = await silverModel(tables, `-- key: id\nSELECT * FROM silver.a`, 'b');
  const own = await silverModel(tables, `-- key: id\nSELECT * FROM bronze.c`, 'd');
  for (const model of [named, star, own]) await runSilver(tables, model);
  const columns = async (model: Model): Promise<string[]> =>
    (await (await tables.require(model)).snapshot()).schema.fields.map(({ name }) => name);
  expect(await columns(star)).toEqual(['id', '_cdc_timestamp']);
  expect(await columns(own)).toEqual(['id']);
  await (
    await tables.require({ layer: 'bronze', name: 'c' })
  ).append(`SELECT 2 AS id, 8 AS _igarape_run, TIMESTAMPTZ '2024-01-02' AS _cdc_timestamp`);
  for (const model of [named, star, own]) {
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', inserted: 1 });
    await expectFresh(tables, model);
  }
});
