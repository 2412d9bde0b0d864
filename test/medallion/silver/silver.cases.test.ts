import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import {
  bronze,
  expectFresh,
  replayedRows,
  rowsOf,
  runSilver,
  silverModel,
  silverRows,
  stepOf,
} from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

const CLIENTS = `-- key: idCliente
SELECT id AS idCliente, nome, pontos AS nrPontos FROM bronze.clientes`;

const ROWS = `SELECT * FROM (VALUES (1, 'Ana', 10), (2, 'Bia', 20), (3, 'Caio', 30)) AS v(id, nome, pontos)`;

async function feed(tables: LayerTables, from: number): Promise<string[]> {
  const delta = await tables.require({ layer: 'silver', name: 'model' });
  await using changes = await delta.changes({ from });
  return await rowsOf(tables, `SELECT * EXCLUDE (_commit_version, _commit_timestamp) FROM (${changes.sql})`);
}

describe('W16: bronze changes between the first load and the next run', () => {
  test('the first load notes the version that it read, and the next run goes on right after it', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, CLIENTS);
    await source.update({ set: { pontos: '11' }, where: 'id = 1' });
    await source.update({ set: { pontos: '12' }, where: 'id = 1' });
    await runSilver(tables, model, { at: { 'bronze.clientes': 1 } });
    expect(await silverRows(tables, model)).toContain(`{'idCliente': 1, 'nome': Ana, 'nrPontos': 11}`);
    const { transactions } = await (await tables.require(model)).describe();
    expect(transactions).toEqual({ 'igarape:bronze.clientes': 1n });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 1 });
    expect(await silverRows(tables, model)).toContain(`{'idCliente': 1, 'nome': Ana, 'nrPontos': 12}`);
  });

  test('a run that began before another one goes no version back', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, CLIENTS);
    await source.update({ set: { pontos: '11' }, where: 'id = 1' });
    await runSilver(tables, model);
    expect(await runSilver(tables, model, { at: { 'bronze.clientes': 0 } })).toMatchObject({
      operation: 'unchanged',
    });
    await expectFresh(tables, model);
  });
});

test('W18: a row that is deleted and inserted again has its new values', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'clientes', ROWS);
  const model = await silverModel(tables, CLIENTS);
  await runSilver(tables, model);
  await source.delete('id = 2');
  await source.append(`SELECT 2 AS id, 'Bea' AS nome, 21 AS pontos`);
  expect(await runSilver(tables, model)).toMatchObject({ inserted: 0, updated: 1, deleted: 0 });
  await expectFresh(tables, model);
  expect(await silverRows(tables, model)).toContain(`{'idCliente': 2, 'nome': Bea, 'nrPontos': 21}`);
});

test('W19: versions of the same millisecond count in their order', async () => {
  const tables = await open(dir(), { clock: () => 1_700_000_000_000 });
  const source = await bronze(tables, 'clientes', ROWS);
  const model = await silverModel(tables, CLIENTS);
  await runSilver(tables, model);
  for (const points of [90, 80, 70])
    await source.update({ set: { pontos: String(points) }, where: 'id = 3' });
  await source.update({ set: { pontos: '30' }, where: 'id = 3' });
  await source.update({ set: { pontos: '99' }, where: 'id = 1' });
  await source.update({ set: { pontos: '98' }, where: 'id = 1' });
  expect(await runSilver(tables, model)).toMatchObject({ inserted: 0, updated: 1, deleted: 0 });
  await expectFresh(tables, model);
});

test('W20: a row that an update moves out of the WHERE is deleted, and comes back with it', async () => {
  const tables = await open(dir());
  const source = await bronze(tables, 'clientes', ROWS);
  const model = await silverModel(tables, `${CLIENTS} WHERE pontos < 25`);
  await runSilver(tables, model);
  await source.update({ set: { pontos: '40' }, where: 'id = 1' });
  expect(await runSilver(tables, model)).toMatchObject({ inserted: 0, updated: 0, deleted: 1 });
  await source.update({ set: { pontos: '5' }, where: 'id IN (1, 3)' });
  expect(await runSilver(tables, model)).toMatchObject({ inserted: 2, updated: 0, deleted: 0 });
  await expectFresh(tables, model);
});

describe('W21: joins', () => {
  const SALES = `-- key: id
SELECT t.id, t.idCliente, c.nome FROM bronze.vendas AS t LEFT JOIN bronze.clientes AS c ON t.idCliente = c.id`;

  test.each(['LEFT JOIN', 'JOIN'])(
    'a change of the other side alone reaches the rows that it is joined to (%s)',
    async (kind) => {
      const tables = await open(dir());
      const clients = await bronze(tables, 'clientes', ROWS);
      await bronze(tables, 'vendas', `SELECT i AS id, 1 + i % 4 AS idCliente FROM range(8) AS r(i)`);
      const model = await silverModel(tables, SALES.replace('LEFT JOIN', kind));
      await runSilver(tables, model);
      await clients.update({ set: { nome: `'Ana Maria'` }, where: 'id = 1' });
      expect(await runSilver(tables, model)).toMatchObject({
        operation: 'updated',
        inserted: 0,
        updated: 2,
        deleted: 0,
      });
      await expectFresh(tables, model);
      await clients.delete('id = 1');
      await clients.append(`SELECT 4 AS id, 'Duda' AS nome, 0 AS pontos`);
      const { operation, updated, inserted, deleted } = await runSilver(tables, model);
      expect({ operation, updated, inserted, deleted }).toEqual(
        kind === 'JOIN'
          ? { operation: 'updated', updated: 0, inserted: 2, deleted: 2 }
          : { operation: 'updated', updated: 4, inserted: 0, deleted: 0 },
      );
      await expectFresh(tables, model);
      expect(await replayedRows(tables, model)).toEqual(await silverRows(tables, model));
    },
  );

  test('a model whose outer join shows no equality is rebuilt, and says so', async () => {
    const tables = await open(dir());
    const clients = await bronze(tables, 'clientes', ROWS);
    await bronze(tables, 'vendas', `SELECT i AS id, 1 + i % 4 AS idCliente FROM range(8) AS r(i)`);
    const model = await silverModel(
      tables,
      `-- key: id\nSELECT t.id, max(c.nome) AS nome\nFROM bronze.vendas AS t LEFT JOIN bronze.clientes AS c ON t.idCliente > c.id GROUP BY t.id`,
    );
    await runSilver(tables, model);
    await clients.delete('id = 3');
    expect(await stepOf(tables, model)).toEqual({
      kind: 'rebuild',
      reason: 'its SQL joins bronze.clientes by no equality of columns',
    });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt', updated: 2 });
    await expectFresh(tables, model);
    expect(await feed(tables, 1)).toHaveLength(4);
  });

  test('a join on expressions, and one that is no equality, follow changes too', async () => {
    const tables = await open(dir());
    const clients = await bronze(tables, 'clientes', ROWS);
    await bronze(tables, 'vendas', `SELECT i AS id, 1 + i % 4 AS idCliente FROM range(8) AS r(i)`);
    const model = await silverModel(
      tables,
      SALES.replace('t.idCliente = c.id', 't.idCliente + 0 = c.id AND t.id >= c.id'),
    );
    await runSilver(tables, model);
    await clients.delete('id = 3');
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated' });
    await expectFresh(tables, model);
  });

  test('a header can say by which columns tables are joined', async () => {
    const tables = await open(dir());
    const clients = await bronze(tables, 'clientes', ROWS);
    await bronze(tables, 'vendas', `SELECT i AS id, 1 + i % 4 AS idCliente FROM range(8) AS r(i)`);
    const sql = SALES.replace('t.idCliente = c.id', 't.idCliente + 0 = c.id');
    const model = await silverModel(tables, `-- join key: vendas.idCliente = clientes.id\n${sql}`);
    await runSilver(tables, model);
    await clients.update({ set: { nome: `'Bea'` }, where: 'id = 2' });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 2 });
    await expectFresh(tables, model);
  });
});

describe('W22: SQL is parsed, not searched', () => {
  test('case, keywords in functions, texts, braces and comments stay what they are', async () => {
    const tables = await open(dir());
    const source = await bronze(
      tables,
      'clientes',
      `SELECT i AS id, DATE '2024-02-28' + i::INTEGER AS dt, 'from web' AS canal FROM range(3) AS r(i)`,
    );
    const model = await silverModel(
      tables,
      `-- key: id
select ID, extract(DAY from dt) as dia, canal || ' {from bronze.clientes}' as "from" -- from bronze.vendas
from Bronze.Clientes where canal = 'from web' /* from */`,
    );
    const clients = { ...model, sources: [{ layer: 'bronze', name: 'clientes' }] as const };
    await runSilver(tables, clients);
    await source.update({ set: { dt: `DATE '2024-03-09'` }, where: 'id = 1' });
    expect(await runSilver(tables, clients)).toMatchObject({ operation: 'updated', updated: 1 });
    const rows = await (await tables.require(clients)).read({ where: 'ID = 1' });
    expect(await rows.toArray()).toEqual([{ id: 1n, dia: 9n, from: 'from web {from bronze.clientes}' }]);
  });
});

describe('W24: the key of the model, and not of its source, tells rows apart', () => {
  const BY_NAME = `-- key: nome
SELECT nome, length(nome) AS letras FROM bronze.clientes`;

  test('rows that are alike are one', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, BY_NAME);
    await source.append(`SELECT 4 AS id, 'Ana' AS nome, 1 AS pontos`);
    await runSilver(tables, model);
    expect(await silverRows(tables, model)).toHaveLength(3);
    await source.delete('id = 1');
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'unchanged', deleted: 0 });
    await source.delete('id = 4');
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', deleted: 1 });
    await expectFresh(tables, model);
  });

  test('different rows of one key hold the table, at first and later, and are shown', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, `-- key: nome\nSELECT nome, pontos FROM bronze.clientes`);
    await source.append(`SELECT 4 AS id, 'Ana' AS nome, 1 AS pontos`);
    const reason = `1 key has different rows by nome, e.g. {'nome': Ana, 'pontos': 1} and {'nome': Ana, 'pontos': 10}`;
    const none = { operation: 'held', inserted: 0, updated: 0, deleted: 0, reason };
    expect(await runSilver(tables, model)).toEqual({ ...none, version: null });
    await source.delete('id = 4');
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'created' });
    await source.append(`SELECT 4 AS id, 'Ana' AS nome, 1 AS pontos UNION ALL SELECT 5, 'Eva', 5`);
    expect(await runSilver(tables, model)).toEqual({ ...none, version: 0 });
    expect(await silverRows(tables, model)).toHaveLength(3);
    await source.delete('id = 1');
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', inserted: 1, updated: 1 });
    await expectFresh(tables, model);
  });

  test('a null in the key holds the table', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, BY_NAME);
    await runSilver(tables, model);
    await source.append(`SELECT 4 AS id, NULL::VARCHAR AS nome, 1 AS pontos`);
    expect(await runSilver(tables, model)).toMatchObject({
      operation: 'held',
      reason: `1 row has a null in the key nome, e.g. {'nome': NULL, 'letras': NULL}`,
    });
    await source.delete('id = 4');
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'unchanged' });
  });

  const TOTALS = ['ROLLUP (nome, pontos)', 'CUBE (nome, pontos)', 'GROUPING SETS ((nome), (nome, pontos))'];
  const WAYS = [
    ['by cost', 'updated'],
    ['never', 'rebuilt'],
  ] as const;
  test.each(
    TOTALS.flatMap((groups) => WAYS.map(([incremental, operation]) => ({ groups, incremental, operation }))),
  )('a null in the key is a value where $groups makes totals, $operation', async (each) => {
    const { groups, incremental, operation } = each;
    const tables = await open(dir());
    const more = `SELECT 20 + i, 'n' || i, i FROM range(20) AS r(i)`;
    const source = await bronze(
      tables,
      'clientes',
      `${ROWS} UNION ALL SELECT 9, NULL, NULL UNION ALL ${more}`,
    );
    const select = `SELECT GROUPING(nome, pontos) AS level, nome, pontos, count(*) AS n, sum(id) AS ids FROM bronze.clientes GROUP BY ${groups}`;
    const way = incremental === 'never' ? '-- incremental: never\n' : '';
    const model = await silverModel(tables, `-- key: level, nome, pontos\n${way}${select}`);
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'created' });
    await source.update({ set: { id: 'id + 100' }, where: 'nome IS NULL' });
    expect(await runSilver(tables, model)).toMatchObject({ operation, inserted: 0, deleted: 0 });
    await expectFresh(tables, model);
    await source.append(
      `SELECT 10 AS id, NULL::VARCHAR AS nome, 7 AS pontos UNION ALL SELECT 11, 'Ana', NULL`,
    );
    expect(await runSilver(tables, model)).toMatchObject({ operation, deleted: 0 });
    await expectFresh(tables, model);
    await source.delete('nome IS NULL');
    expect(await runSilver(tables, model)).toMatchObject({ operation, inserted: 0 });
    await expectFresh(tables, model);
  });
});

describe('windows by columns that are not selected', () => {
  test.each([
    'SELECT id, pontos - lag(pontos) OVER (PARTITION BY nome ORDER BY id) AS more FROM bronze.clientes',
    'SELECT id, pontos FROM bronze.clientes QUALIFY row_number() OVER (PARTITION BY nome ORDER BY pontos, id) = 1',
    'SELECT id, rank() OVER (PARTITION BY o.dono ORDER BY pontos) AS place FROM bronze.clientes JOIN bronze.donos AS o USING (nome)',
  ])('%s', async (sql) => {
    const tables = await open(dir());
    const rows = `SELECT i AS id, 'n' || i % 17 AS nome, i * 37 % 23 AS pontos FROM range(60) AS r(i)`;
    const source = await bronze(tables, 'clientes', rows);
    const owners = await bronze(
      tables,
      'donos',
      `SELECT 'n' || i AS nome, i % 9 AS dono FROM range(17) AS r(i)`,
    );
    const model = await silverModel(tables, `-- key: id\n${sql}`);
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'created' });
    const changes = [
      () => source.update({ set: { pontos: 'pontos + 5' }, where: 'id = 20' }),
      () => source.update({ set: { nome: `'n4'` }, where: 'id = 20' }),
      () => source.delete('id IN (3, 21)'),
      () => source.append(`SELECT 99 AS id, 'n3' AS nome, 2 AS pontos`),
      () => owners.update({ set: { dono: '7' }, where: `nome = 'n5'` }),
    ];
    for (const change of changes) {
      await change();
      const { operation } = await runSilver(tables, model);
      expect(operation).not.toBe('rebuilt');
      await expectFresh(tables, model);
    }
  });
});

describe('W25 and W10: what is applied is noted in the same commit', () => {
  test('a source whose changes touch no row is noted too, and not read again', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, `-- key: id\nSELECT id, nome FROM bronze.clientes`);
    await runSilver(tables, model);
    await source.update({ set: { pontos: 'pontos + 1' } });
    expect(await runSilver(tables, model)).toEqual({
      operation: 'unchanged',
      inserted: 0,
      updated: 0,
      deleted: 0,
      version: 1,
    });
    expect(await stepOf(tables, model)).toEqual({ kind: 'unchanged' });
    expect(await feed(tables, 1)).toEqual([]);
  });

  test('each source has a note of its own', async () => {
    const tables = await open(dir());
    const [clients, sales] = [
      await bronze(tables, 'clientes', ROWS),
      await bronze(tables, 'vendas', 'SELECT 7 AS id, 1 AS idCliente'),
    ];
    const model = await silverModel(
      tables,
      '-- key: id\nSELECT v.id, c.nome FROM bronze.vendas AS v JOIN bronze.clientes AS c ON v.idCliente = c.id',
    );
    await runSilver(tables, model);
    await clients.update({ set: { nome: `'x'` } });
    await sales.append('SELECT 8 AS id, 2 AS idCliente');
    await sales.append('SELECT 9 AS id, 3 AS idCliente');
    await runSilver(tables, model, { at: { 'bronze.vendas': 1 } });
    const { transactions } = await (await tables.require(model)).describe();
    expect(transactions).toEqual({ 'igarape:bronze.clientes': 1n, 'igarape:bronze.vendas': 1n });
    await expectFresh(tables, model);
  });
});

describe('W26: changes that can no longer be read', () => {
  test('a source that was vacuumed is read as a whole, and the run after that goes by changes again', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, CLIENTS);
    await runSilver(tables, model);
    await source.update({ set: { pontos: '11' }, where: 'id = 1' });
    await source.overwrite(`SELECT 1 AS id, 'Ana' AS nome, 12 AS pontos`);
    await source.vacuum({ retentionMs: 0, allowShortRetention: true });
    const report = await runSilver(tables, model);
    expect(report).toMatchObject({ operation: 'rebuilt', deleted: 2, updated: 1 });
    expect(report.reason).toMatch(/^the changes of .+ cannot be read: /);
    await expectFresh(tables, model);
    await source.update({ set: { pontos: '13' }, where: 'id = 1' });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', updated: 1 });
    await expectFresh(tables, model);
  });

  test('a source whose log was cleaned up is read as a whole', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, CLIENTS);
    await runSilver(tables, model);
    for (let points = 1; points < 12; points += 1) await source.update({ set: { pontos: String(points) } });
    const log = join(dir(), 'lake', 'bronze', 'clientes', '_delta_log');
    for (const name of await readdir(log)) if (/^0+[0-7]\.json$/.test(name)) await rm(join(log, name));
    expect(await stepOf(tables, model)).toMatchObject({
      kind: 'rebuild',
      reason: expect.stringMatching(/cannot be read/),
    });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt', updated: 3 });
    await expectFresh(tables, model);
  });

  test.each([1, 3])(
    'a source that was made anew, with %d more versions, is read as a whole',
    async (versions) => {
      const tables = await open(dir());
      const source = await bronze(tables, 'clientes', ROWS);
      const model = await silverModel(tables, CLIENTS);
      await source.update({ set: { pontos: '11' }, where: 'id = 1' });
      await source.update({ set: { pontos: '12' }, where: 'id = 1' });
      await runSilver(tables, model);
      await rm(join(dir(), 'lake', 'bronze', 'clientes'), { recursive: true });
      const later = await open(dir());
      const anew = await bronze(later, 'clientes', `SELECT 1 AS id, 'Eva' AS nome, 0 AS pontos`);
      for (let version = 1; version <= versions; version += 1)
        await anew.append(`SELECT ${version + 1} AS id, 'Edu' AS nome, 0 AS pontos`);
      expect(await runSilver(later, model)).toMatchObject({
        operation: 'rebuilt',
        reason: 'bronze.clientes is another table than before',
      });
      await expectFresh(later, model);
      await anew.update({ set: { pontos: '7' } });
      expect(await runSilver(later, model)).toMatchObject({ operation: 'updated', updated: versions + 1 });
      await expectFresh(later, model);
      expect(await runSilver(later, model)).toMatchObject({ operation: 'unchanged' });
    },
  );

  test('a source that was restored goes on by its changes', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, CLIENTS);
    await source.delete('id < 3');
    await runSilver(tables, model);
    await source.restore(0);
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', inserted: 2 });
    await expectFresh(tables, model);
  });
});

describe('W27: columns', () => {
  test("bronze's own columns are seen only where they are named", async () => {
    const tables = await open(dir());
    const rows = `SELECT *, 1 AS _igarape_run, TIMESTAMPTZ '2026-01-01' AS _cdc_timestamp FROM (${ROWS})`;
    const source = await bronze(tables, 'clientes', rows);
    const star = await silverModel(tables, '-- key: id\nSELECT * FROM bronze.clientes', 'star');
    const named = await silverModel(
      tables,
      '-- key: id\nSELECT *, _igarape_run AS r FROM bronze.clientes',
      'named',
    );
    await runSilver(tables, star);
    await runSilver(tables, named);
    await source.update({ set: { _igarape_run: '2' }, where: 'id = 1' });
    expect(await runSilver(tables, star)).toMatchObject({ operation: 'unchanged' });
    expect(await runSilver(tables, named)).toMatchObject({ operation: 'updated', updated: 1 });
    expect((await (await tables.require(star)).describe()).columns.map(({ name }) => name)).toEqual([
      'id',
      'nome',
      'pontos',
    ]);
    expect((await (await tables.require(named)).describe()).columns).toHaveLength(6);
    await expectFresh(tables, named);
  });

  test('a new column of bronze comes through *, and no other model is made anew for it', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const star = await silverModel(tables, '-- key: id\nSELECT * FROM bronze.clientes', 'star');
    const named = await silverModel(tables, CLIENTS, 'named');
    await runSilver(tables, star);
    await runSilver(tables, named);
    await source.append(`SELECT 4 AS id, 'Duda' AS nome, 40 AS pontos, 'x' AS email`, { mergeSchema: true });
    expect(await runSilver(tables, star)).toMatchObject({
      operation: 'rebuilt',
      reason: 'bronze.clientes has other columns than at version 0',
    });
    expect(await silverRows(tables, star)).toContain(`{'id': 4, 'nome': Duda, 'pontos': 40, 'email': x}`);
    expect(await runSilver(tables, named)).toMatchObject({ operation: 'updated', inserted: 1 });
    await expectFresh(tables, star);
    await expectFresh(tables, named);
  });

  test('a new column that takes the name of an expression is no silent change', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(
      tables,
      '-- key: id\nSELECT id, pontos * 2 AS dobro, dobro + 1 AS mais FROM bronze.clientes',
    );
    await runSilver(tables, model);
    await source.append(`SELECT 4 AS id, 'Duda' AS nome, 40 AS pontos, 0 AS dobro`, { mergeSchema: true });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt' });
    await expectFresh(tables, model);
  });

  test('another type of a column that is read makes the table anew', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(
      tables,
      '-- key: id\nSELECT id, pontos::VARCHAR AS pontos FROM bronze.clientes',
    );
    await runSilver(tables, model);
    await source.append(`SELECT 4 AS id, 'Duda' AS nome, 40.5::DOUBLE AS pontos`, { mergeSchema: true });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'rebuilt' });
    expect(await silverRows(tables, model)).toContain(`{'id': 1, 'pontos': 10.0}`);
    await expectFresh(tables, model);
  });

  test('a column that is gone is an error that names the file, and the table stays', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    const model = await silverModel(tables, CLIENTS);
    await runSilver(tables, model);
    await source.overwrite("SELECT id, nome FROM (VALUES (1, 'Ana')) AS v(id, nome)", {
      overwriteSchema: true,
    });
    await expect(runSilver(tables, model)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^models\/silver\/model\.sql: Binder Error: .*pontos/),
    });
    expect(await silverRows(tables, model)).toHaveLength(3);
  });

  test('a column that is gone is no silent change, where all else stays as it was', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', ROWS);
    await bronze(tables, 'pedidos', 'SELECT 10 AS pedido, 1 AS cliente');
    const joined = await silverModel(
      tables,
      '-- key: pedido\nSELECT p.pedido, c.pontos FROM bronze.pedidos AS p JOIN bronze.clientes AS c ON c.id = p.cliente',
    );
    await runSilver(tables, joined);
    await source.overwrite(`SELECT id, nome FROM (${ROWS}) AS v`, { overwriteSchema: true });
    await expect(runSilver(tables, joined)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^models\/silver\/model\.sql: Binder Error: .*pontos/),
    });
  });

  test('a value that cannot be cast is an error that names the file', async () => {
    const tables = await open(dir());
    const source = await bronze(tables, 'clientes', `SELECT 1 AS id, '2024-01-01' AS dt`);
    const model = await silverModel(tables, '-- key: id\nSELECT id, dt::DATE AS dt FROM bronze.clientes');
    await runSilver(tables, model);
    await source.append(`SELECT 2 AS id, 'bad' AS dt`);
    await expect(runSilver(tables, model)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^models\/silver\/model\.sql: Conversion Error/),
    });
    await source.update({ set: { dt: `'2024-01-02'` }, where: 'id = 2' });
    expect(await runSilver(tables, model)).toMatchObject({ operation: 'updated', inserted: 1 });
  });
});
