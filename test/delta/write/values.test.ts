import { describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';
import { openWriter, optionsOf } from './table.ts';

const dir = useTempDir();

async function create(rows: string, partitionColumns: readonly string[] = []): Promise<DeltaTable> {
  const writer = await openWriter();
  return DeltaTable.create(writer.storage, { ...optionsOf(writer), rows, partitionColumns });
}

async function valuesOf(table: DeltaTable): Promise<unknown> {
  return (await table.read()).toArray();
}

describe('rows are a query', () => {
  it.each([
    'SELECT 1 AS a;',
    'SELECT 1 AS a -- the end',
    'SELECT 1 AS a; -- the end',
    'SELECT 1 AS a /* ; */ ; ;\n-- one\n/* two */ ',
    'FROM (VALUES (1)) AS v(a);',
    `SELECT length(';')::INTEGER AS a`,
    `SELECT 1 AS a WHERE '; -- x' <> $$;$$ AND '''' = ''''`,
  ])('which may end as it would in a file: %s', async (sql) => {
    const table = await create(sql);
    await table.append(sql);
    await table
      .merge(sql, { on: ['a'] })
      .whenMatchedDelete()
      .execute();
    await table.overwrite(sql, { where: 'a = 1' });
    await table.overwrite(sql);
    expect(await valuesOf(table)).toEqual([{ a: 1 }]);
  });

  it.each([
    'i::INTEGER + 2147483647',
    `error('boom')`,
    `(i || 'x')::INTEGER`,
    `json_extract(repeat('{', i::INTEGER), '$.a')`,
    `make_date(2024, 12 + i::INTEGER, 1)`,
    'sqrt(-i)',
    `decode(unhex(repeat('FF', i::INTEGER)))`,
    'MAP([i, 1], [1, 2])',
  ])('which may fail at a row, and are at fault then, whoever runs them: %s', async (value) => {
    const rows = `SELECT i::INTEGER AS a, CAST((${value}) AS VARCHAR) AS v FROM range(1, 3) r(i)`;
    const table = await create(`SELECT 0 AS a, 'x' AS v`);
    for (const write of [
      () => create(rows),
      () => table.append(rows),
      () => table.overwrite(rows),
      () => table.overwrite(rows, { where: 'a > 0' }),
      () =>
        table
          .merge(rows, { on: ['a'] })
          .whenNotMatchedInsertAll()
          .execute(),
    ])
      await expect(write()).rejects.toMatchObject({
        code: 'DELTA_QUERY',
        message: expect.stringMatching(/^The rows cannot be written: .{4}/),
      });
    expect(await valuesOf(table)).toEqual([{ a: 0, v: 'x' }]);
  });

  it.each(['SELECT 1 AS a; SELECT 2 AS a', `SELECT '; --`, ';', ''])('and one only: %s', async (sql) => {
    await expect(create(sql)).rejects.toMatchObject({ code: 'DELTA_QUERY' });
  });

  it.each([`SELECT ROW(1, 2) AS v`, `SELECT [ROW(1)] AS v`, `SELECT {'s': ROW(1, 'x')} AS v`])(
    'whose members have names: %s',
    async (sql) => {
      await expect(create(sql)).rejects.toMatchObject({
        code: 'DELTA_QUERY',
        message: expect.stringContaining('column v'),
      });
    },
  );
});

describe('days and times beyond the years 1 to 9999', () => {
  it.each([
    `'infinity'::DATE`,
    `'-infinity'::TIMESTAMP`,
    `'infinity'::TIMESTAMPTZ`,
    `DATE '10000-01-01'`,
    `DATE '0044-03-15 (BC)'`,
    `TIMESTAMP '0001-12-31 (BC) 10:00:00'`,
    `[DATE '2024-01-01', 'infinity']`,
    `{'x': [{'y': TIMESTAMP '294000-01-01'}]}`,
    `MAP {DATE '20000-01-01': 1}`,
    `MAP {1: 'infinity'::DATE}`,
  ])('are refused, and nothing is left behind: %s', async (value) => {
    const error = { code: 'DELTA_QUERY', message: expect.stringContaining('column v') };
    await expect(create(`SELECT 1 AS id, ${value} AS v`)).rejects.toMatchObject(error);
    const table = await create(`SELECT 0 AS id, ${value} AS v WHERE false`);
    const rows = `SELECT range AS id, CASE WHEN range = 50 THEN ${value} END AS v FROM range(100)`;
    await expect(table.append(rows)).rejects.toMatchObject(error);
    expect(await valuesOf(table)).toEqual([]);
  });

  it('partition no table, and the first and the last day are taken', async () => {
    await expect(create(`SELECT 1 AS id, 'infinity'::DATE AS v`, ['v'])).rejects.toMatchObject({
      code: 'DELTA_QUERY',
    });
    const table = await create(
      `SELECT DATE '0001-01-01' AS d, TIMESTAMP '9999-12-31 23:59:59.999999' AS t, DATE '9999-12-31' AS p`,
      ['p'],
    );
    expect(await valuesOf(table)).toEqual([
      { d: '0001-01-01', t: '9999-12-31T23:59:59.999999', p: '9999-12-31' },
    ]);
  });
});

it('a column that holds nothing but nulls is appended to from its own rows, and takes nothing else', async () => {
  const made = new HandMade(dir());
  await made.create({ a: 'integer', v: 'void' });
  const table = await openTable(dir());
  await table.append('SELECT 1 AS a');
  await table.append((await table.read()).sql);
  expect(await valuesOf(table)).toEqual([
    { a: 1, v: null },
    { a: 1, v: null },
  ]);
  await expect(table.append('SELECT 2 AS a, 7 AS v')).rejects.toMatchObject({ code: 'DELTA_CONSTRAINT' });
});

it('partitions have values of any length', async () => {
  const texts = ['x'.repeat(300), 'é'.repeat(200), '長い'.repeat(30), 'São', "'".repeat(70)];
  const rows = texts
    .map((text, id) => `SELECT ${id} AS id, '${text.replaceAll("'", "''")}' AS p`)
    .join(' UNION ALL ');
  const table = await create(rows, ['p']);
  await table.update({ set: { id: 'id + 1' } });
  const found = (await (await table.read()).toArray()).toSorted(
    (left, right) => Number(left['id']) - Number(right['id']),
  );
  expect(found).toEqual(texts.map((p, id) => ({ id: id + 1, p })));
});

it('rows are counted as they are read, from the log or not', async () => {
  const table = await create(`SELECT range AS id, 'p' || range % 3 AS p FROM range(100)`, ['p']);
  await table.delete('id < 10');
  for (const where of [undefined, `p = 'p1'`, 'id % 2 = 0', `p = 'p1' AND id > 50`, 'false']) {
    const some = where === undefined ? {} : { where };
    expect(await table.count(some), where).toBe((await (await table.read(some)).toArray()).length);
  }
  expect(await table.count({ at: 0 })).toBe(100);
  const made = new HandMade(dir());
  await made.create({ a: 'long' });
  const add = await made.data('a.parquet', 'SELECT range AS a FROM range(7)');
  await made.commit(1, [{ add: { ...add, stats: '{"minValues":{"numRecords":3}}' } }]);
  expect(await (await openTable(dir())).count()).toBe(7);
});

it('a limit takes no more files than it needs', async () => {
  const made = new HandMade(dir());
  await made.create({ a: 'long' });
  const stats = JSON.stringify({ numRecords: 7 });
  const adds: object[] = [];
  for (const name of ['a', 'b']) {
    const add = await made.data(`${name}.parquet`, 'SELECT range AS a FROM range(7)');
    adds.push({ add: { ...add, stats } });
  }
  // Whoever opened it would notice.
  const gone = { path: 'gone.parquet', partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
  await made.commit(1, [...adds, { add: { ...gone, stats } }]);
  const table = await openTable(dir());
  expect(await (await table.read({ limit: 14 })).toArray()).toHaveLength(14);
  expect(await (await table.read({ limit: 0 })).toArray()).toEqual([]);
  await expect(table.read({ limit: 15 })).rejects.toMatchObject({ code: 'DELTA_MISSING' });
  const some = await table.read({ at: 0 });
  expect(await some.first(3)).toEqual([]);
});
