import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { openQuery, type OpenQuery, type QueryValue } from '../../src/lake/query/query.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const engines: Engine[] = [];

async function query(lake: Scenario, sql: string, allowFiles: readonly string[] = []): Promise<OpenQuery> {
  const workDir = join(dir(), 'query');
  await mkdir(workDir, { recursive: true });
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(workDir, 'spill') });
  engines.push(engine);
  return openQuery(engine, { sql, storage: lake.storage, workDir, allowFiles });
}

async function rowsOf(
  lake: Scenario,
  sql: string,
  allowFiles: readonly string[] = [],
): Promise<(readonly QueryValue[])[]> {
  const { rows } = await (await query(lake, sql, allowFiles)).rows(100);
  return [...rows];
}

afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
});

/** Three runs of two tables: clientes changes in each, produtos only at first. */
async function threeRuns(
  options: Parameters<typeof openScenario>[2] = {},
  written: object = {},
): Promise<Scenario> {
  const tables = [
    { name: 'clientes', pk: 'id', max_delete_ratio: 1, max_update_ratio: 1 },
    { name: 'produtos', pk: 'cod' },
  ];
  const lake = openScenario(dir(), { tables, ...written }, options);
  await lake.write('produtos.csv', 'cod,preco\np1,1.50\np2,20.25\n');
  await lake.write('clientes.csv', 'id,nome\n1,Ana\n2,Bia\n3,Caio\n');
  await lake.run();
  await lake.write('clientes.csv', 'id,nome\n1,Ana Maria\n2,Bia\n4,Davi\n');
  await lake.run();
  await lake.write('clientes.csv', 'id,nome,cidade\n1,Ana Maria,Belém\n4,Davi,\n');
  await lake.run();
  return lake;
}

describe('what a name stands for', () => {
  let lake: Scenario;
  beforeEach(async () => {
    lake = await threeRuns();
  });

  test('a table by its name is its latest state, in its own columns', async () => {
    const opened = await query(lake, 'SELECT * FROM clientes ORDER BY id');
    expect(opened.columns.map(({ name }) => name)).toEqual(['id', 'nome', 'cidade']);
    expect((await opened.rows(10)).rows).toEqual([
      [1n, 'Ana Maria', 'Belém'],
      [4n, 'Davi', null],
    ]);
  });

  test('run_N.table is the state after that run', async () => {
    expect(await rowsOf(lake, 'FROM run_0.clientes ORDER BY id')).toEqual([
      [1n, 'Ana'],
      [2n, 'Bia'],
      [3n, 'Caio'],
    ]);
    expect(await rowsOf(lake, 'FROM run_1.clientes ORDER BY id')).toEqual([
      [1n, 'Ana Maria'],
      [2n, 'Bia'],
      [4n, 'Davi'],
    ]);
    expect(await rowsOf(lake, 'SELECT a.id FROM run_2.clientes a EXCEPT SELECT id FROM clientes')).toEqual(
      [],
    );
    expect(await rowsOf(lake, 'SELECT count(*) FROM run_2.produtos')).toEqual([[2n]]);
  });

  test('cdc.table is every change with its added columns and its run, also of before a column came', async () => {
    const rows = await rowsOf(
      lake,
      'SELECT id, nome, cidade, _cdc_operation, _cdc_sequence, _run FROM cdc.clientes ORDER BY _cdc_sequence',
    );
    expect(rows).toEqual([
      [3n, 'Caio', null, 'D', 1n, 1n],
      [1n, 'Ana Maria', null, 'U', 2n, 1n],
      [4n, 'Davi', null, 'I', 3n, 1n],
      [2n, 'Bia', null, 'D', 4n, 2n],
      [1n, 'Ana Maria', 'Belém', 'U', 5n, 2n],
    ]);
  });

  test('cdc.table of a table that never changed has its columns and no row', async () => {
    const opened = await query(lake, 'SELECT * FROM cdc.produtos');
    expect(opened.columns.map(({ name }) => name)).toEqual([
      'cod',
      'preco',
      '_cdc_operation',
      '_cdc_timestamp',
      '_cdc_sequence',
      '_run',
    ]);
    expect((await opened.rows(10)).rows).toEqual([]);
  });

  test('full_load.table is what the full-load published', async () => {
    expect(await rowsOf(lake, 'SELECT * FROM full_load.clientes ORDER BY 1')).toEqual([
      [1n, 'Ana'],
      [2n, 'Bia'],
      [3n, 'Caio'],
    ]);
  });

  test('after a reload, full_load is the newest one, cdc still has every change, and earlier runs stay what they were', async () => {
    await lake.run({ reload: ['clientes'] });
    expect(await rowsOf(lake, 'SELECT count(*) FROM full_load.clientes')).toEqual([[2n]]);
    expect(await rowsOf(lake, 'SELECT count(*) FROM cdc.clientes')).toEqual([[5n]]);
    expect(await rowsOf(lake, 'SELECT count(*) FROM run_1.clientes')).toEqual([[3n]]);
  });

  test('names may be joined, sub-queried, quoted and written in any case; a WITH clause has its own', async () => {
    const sql = `WITH novos AS (SELECT id FROM "CDC"."Clientes" WHERE _cdc_operation = 'I')
      SELECT n.id, (SELECT max(preco) FROM Produtos) FROM novos n JOIN main.CLIENTES USING (id)`;
    expect(await rowsOf(lake, sql)).toEqual([[4n, 20.25]]);
  });

  test('a query without a table needs none', async () => {
    expect(await rowsOf(lake, 'SELECT 1 + 1; -- a comment')).toEqual([[2]]);
  });
});

describe('what is refused', () => {
  let lake: Scenario;
  beforeEach(async () => {
    lake = await threeRuns();
  });

  test.each([
    ['DELETE FROM clientes'],
    ['CREATE TABLE t AS SELECT 1'],
    ["COPY (SELECT 1) TO 'x.csv'"],
    ['SET threads = 1'],
    ["ATTACH 'x.db'"],
    ['INSTALL httpfs'],
    ['SELECT 1; SELECT 2'],
    ['SELECT 1; DROP TABLE clientes'],
    [''],
    ['-- nothing'],
  ])('%j is not one SELECT', async (sql) => {
    await expect(query(lake, sql)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('one SELECT'),
    });
  });

  test('an unknown table: the error lists the names', async () => {
    await expect(query(lake, 'SELECT * FROM cliente')).rejects.toMatchObject({
      code: 'USAGE',
      message: 'The lake has no table cliente.',
      hint: expect.stringContaining('clientes, produtos'),
    });
    await expect(query(lake, 'SELECT * FROM bronze.clientes')).rejects.toMatchObject({
      message: 'The lake has no table bronze.clientes.',
    });
  });

  test('a run that is not there', async () => {
    await expect(query(lake, 'SELECT * FROM run_3.clientes')).rejects.toMatchObject({
      code: 'USAGE',
      message: 'The lake has no run 3.',
      hint: expect.stringContaining('0 to 2'),
    });
  });

  test('a file by its bare name, which a typing error can be too', async () => {
    await lake.write('other.csv', 'a\n1\n');
    await expect(query(lake, `SELECT * FROM '${join(dir(), 'source', 'other.csv')}'`)).rejects.toMatchObject({
      code: 'USAGE',
    });
  });

  test('wrong SQL is told with the place and in the words of the engine', async () => {
    await expect(query(lake, 'SELEC 1')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('SELEC'),
    });
    await expect(query(lake, 'SELECT nme FROM clientes')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/"nme" not found[\s\S]*LINE 1: SELECT nme/),
    });
    const opened = await query(lake, 'SELECT CAST(nome AS INTEGER) FROM clientes');
    await expect(opened.rows(10)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('Could not convert'),
    });
  });

  test('a lake without a run has no tables', async () => {
    const empty = openScenario(join(dir(), 'empty'), { tables: [{ name: 'clientes', pk: 'id' }] });
    await expect(query(empty, 'FROM clientes')).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('igarape run'),
    });
  });
});

describe('what comes out', () => {
  test('values are exact: long integers, decimals, microseconds', async () => {
    const lake = await threeRuns();
    const [row] = await rowsOf(
      lake,
      `SELECT 9007199254740993::BIGINT, 1.10::DECIMAL(38,2), TIMESTAMP '2024-01-01 00:00:00.123456',
        TIMESTAMPTZ '2024-01-01 02:00:00+02', DATE '2024-02-29', 0.1::DOUBLE, true, NULL, 12345678901234567890::HUGEINT`,
    );
    expect(row).toEqual([
      9007199254740993n,
      '1.10',
      '2024-01-01 00:00:00.123456',
      '2024-01-01 00:00:00+00',
      '2024-02-29',
      0.1,
      true,
      null,
      12345678901234567890n,
    ]);
  });

  test('rows are capped, and it is told', async () => {
    const lake = await threeRuns();
    const opened = await query(lake, 'SELECT x FROM range(1000) t(x) ORDER BY x DESC');
    expect(await opened.rows(2)).toMatchObject({ rows: [[999n], [998n]], truncated: true });
    expect(await opened.rows(1000)).toMatchObject({ truncated: false });
  });

  test('two columns of one name both come out', async () => {
    const lake = await threeRuns();
    const opened = await query(lake, 'SELECT 1 AS a, 2 AS a');
    expect(await opened.rows(1)).toMatchObject({ rows: [[1, 2]] });
    expect(new Set(opened.columns.map(({ name }) => name)).size).toBe(2);
  });

  test.each([
    ['csv', 'id,b,d,f\n1,9007199254740993,1.10,nan\n'],
    ['jsonl', '{"id":1,"b":9007199254740993,"d":1.1,"f":"nan"}\n'],
  ] as const)('a file of %s has every row with all its digits', async (format, expected) => {
    const lake = await threeRuns();
    const opened = await query(
      lake,
      `SELECT id, 9007199254740993::BIGINT AS b, 1.10::DECIMAL(9,2) AS d, 'nan'::DOUBLE AS f FROM clientes WHERE id = 1`,
    );
    const path = join(dir(), `out.${format}`);
    expect(await opened.write(path, format)).toEqual({ rows: 1, bytes: expected.length });
    expect(await readFile(path, 'utf8')).toBe(expected);
  });

  test('a Parquet file keeps types and order', async () => {
    const lake = await threeRuns();
    const path = join(dir(), "it's.parquet");
    await (
      await query(lake, 'SELECT * FROM cdc.clientes ORDER BY _cdc_sequence DESC')
    ).write(path, 'parquet');
    const rows = await rowsOf(
      lake,
      `SELECT _cdc_sequence, _cdc_timestamp > TIMESTAMPTZ '2020-01-01' FROM read_parquet('${path.replaceAll("'", "''")}')`,
      [path],
    );
    expect(rows).toEqual([5n, 4n, 3n, 2n, 1n].map((sequence) => [sequence, true]));
  });
});

describe('lakes of other forms', () => {
  test('a lake that is not on this disk is read through files in the work folder, and only of the tables named', async () => {
    const lake = await threeRuns({ storage: openMemoryStorage() });
    expect(await rowsOf(lake, 'SELECT count(*) FROM clientes')).toEqual([[2n]]);
    expect(await rowsOf(lake, 'SELECT count(*) FROM cdc.clientes')).toEqual([[5n]]);
    expect(await rowsOf(lake, 'SELECT count(*) FROM run_1.clientes')).toEqual([[3n]]);
  });

  test('change files of a preset without time or sequence', async () => {
    const lake = await threeRuns({}, { compat: 'op' });
    expect(await rowsOf(lake, 'SELECT op, id, _run FROM cdc.clientes ORDER BY _run, op, id')).toEqual([
      ['D', 3n, 1n],
      ['I', 4n, 1n],
      ['U', 1n, 1n],
      ['D', 2n, 2n],
      ['U', 1n, 2n],
    ]);
  });

  test('change files written under two presets come under the newest names', async () => {
    const lake = await threeRuns({}, { compat: 'dms' });
    const later = openScenario(dir(), { tables: [{ name: 'clientes', pk: 'id' }] });
    await later.write('clientes.csv', 'id,nome,cidade\n1,Ana Maria,Belém\n4,Davi,Natal\n');
    await later.run();
    const rows = await rowsOf(
      lake,
      'SELECT _cdc_operation, _cdc_timestamp IS NULL, _cdc_sequence, _run FROM cdc.clientes ORDER BY 3',
    );
    expect(rows).toEqual([
      ['D', false, 1n, 1n],
      ['U', false, 2n, 1n],
      ['I', false, 3n, 1n],
      ['D', false, 4n, 2n],
      ['U', false, 5n, 2n],
      ['U', false, 6n, 3n],
    ]);
  });

  test('a source column named _run does not hide the run', async () => {
    const lake = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    await lake.write('t.csv', 'id,_run\n1,a\n');
    await lake.run();
    await lake.write('t.csv', 'id,_run\n1,b\n');
    await lake.run();
    expect(await rowsOf(lake, 'SELECT _run, __run FROM cdc.t')).toEqual([['b', 1n]]);
  });
});
