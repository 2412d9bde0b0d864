import {
  Dictionary,
  Field,
  Int32,
  LargeUtf8,
  Schema,
  tableFromArrays,
  tableToIPC,
  Table,
  Utf8,
  Utf8View,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { Writer } from '../../../src/delta/files/disk.ts';
import type { DeltaType } from '../../../src/delta/schema/schema.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { RowSource } from '../../../src/delta/write/given-rows.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { openWriter, optionsOf } from './table.ts';

async function made(writer: Writer, rows: RowSource): Promise<DeltaTable> {
  return DeltaTable.create(openMemoryStorage(), { ...optionsOf(writer), rows });
}

async function ofType(writer: Writer, type: DeltaType): Promise<DeltaTable> {
  const schema = { type: 'struct', fields: [{ name: 'v', type, nullable: true, metadata: {} }] } as const;
  return DeltaTable.create(openMemoryStorage(), { ...optionsOf(writer), schema });
}

async function typesOf(table: DeltaTable): Promise<Record<string, string>> {
  const { columns } = await table.describe();
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

async function sortedRows(table: DeltaTable): Promise<unknown[]> {
  return table.engine.rows(`SELECT * FROM (${(await table.read()).sql}) ORDER BY ALL`);
}

describe('SQL that is no query', () => {
  const texts = {
    empty: ['', ' ', ';', '-- nothing', '/* nothing */ ;'],
    'not at its end': [
      'SELECT 1 AS',
      'FROM',
      'SELECT 1 AS id WHERE',
      'SELECT 1 AS id UNION ALL',
      'SELECT (1',
    ],
    'out of brackets that nobody opened': [
      'SELECT 1 AS id)',
      'SELECT 1 AS id) UNION ALL (SELECT 2',
      'SELECT 1 AS id) AS t, (SELECT 2 AS b',
    ],
  };
  const told = { empty: 'it is empty', 'not at its end': 'at end of input' };

  it.each(Object.entries(texts))('%s is refused as it was given', async (kind, queries) => {
    const writer = await openWriter();
    const table = await made(writer, 'SELECT 1 AS id');
    const reason = kind in told ? told[kind as keyof typeof told] : 'at or near ")"';
    for (const query of queries)
      for (const call of [
        async () => made(writer, query),
        async () => table.append(query),
        async () => table.overwrite(query),
        async () =>
          table
            .merge(query, { on: ['id'] })
            .whenMatchedDelete()
            .execute(),
      ])
        await expect(call(), query).rejects.toMatchObject({
          code: 'DELTA_QUERY',
          message: expect.stringMatching(/^The rows to be written are no query: /),
        });
    for (const query of queries) await expect(table.append(query), query).rejects.toThrow(reason);
    expect(await sortedRows(table)).toEqual([{ id: 1 }]);
  });
});

describe('objects without a schema', () => {
  it('give their columns natural types', async () => {
    const table = await made(await openWriter(), [
      {
        number: 1,
        fraction: 0.5,
        big: 2n ** 63n - 1n,
        bigger: 2n ** 64n,
        flag: true,
        text: 'x',
        at: new Date('2024-01-31T12:00:00.123Z'),
        bytes: Buffer.from('é'),
        list: [1, 2.5],
        vector: Float32Array.of(0.5),
        map: new Map([['k', 1]]),
        object: { a: { b: 'x' } },
        nothing: null,
        missing: undefined,
      },
    ]);
    expect(await typesOf(table)).toEqual({
      number: 'BIGINT',
      fraction: 'DOUBLE',
      big: 'BIGINT',
      bigger: 'DECIMAL(38, 0)',
      flag: 'BOOLEAN',
      text: 'VARCHAR',
      at: 'TIMESTAMP WITH TIME ZONE',
      bytes: 'BLOB',
      list: 'DOUBLE[]',
      vector: 'DOUBLE[]',
      map: 'MAP(VARCHAR, BIGINT)',
      object: 'STRUCT("a" STRUCT("b" VARCHAR))',
      nothing: 'VARCHAR',
      missing: 'VARCHAR',
    });
    expect(await (await table.read()).toArray()).toMatchObject([
      {
        big: 2n ** 63n - 1n,
        bigger: '18446744073709551616',
        at: '2024-01-31T12:00:00.123000Z',
        bytes: Uint8Array.of(0xc3, 0xa9),
      },
    ]);
  });

  it('go on with wider types, more columns and more members, however many they are', async () => {
    const count = 40_000;
    async function* rows(): AsyncGenerator<object> {
      for (let id = 0; id < count; id += 1) {
        if (id < 20_000) yield { id, v: id, s: { a: id } };
        else yield { id, v: id + 0.5, s: { b: 'x', a: id }, late: true };
      }
    }
    const table = await made(await openWriter(), rows());
    expect(await typesOf(table)).toEqual({
      id: 'BIGINT',
      v: 'DOUBLE',
      s: 'STRUCT("a" BIGINT, "b" VARCHAR)',
      late: 'BOOLEAN',
    });
    const { sql } = await table.read();
    expect(
      await table.engine.rows(
        `SELECT count(DISTINCT id)::INT AS rows, sum(s.a)::BIGINT AS a, sum(v) AS v, count(late)::INT AS late, count(s.b)::INT AS b FROM (${sql})`,
      ),
    ).toEqual([{ rows: count, a: 799_980_000n, v: 799_990_000, late: 20_000, b: 20_000 }]);
  });

  it.each<[string, RowSource, RegExp]>([
    ['texts among numbers', [{ v: 1 }, { v: 'x' }], /column v holds both long and string/],
    ['integers that a double does not hold', [{ v: 0.5 }, { v: 2n ** 53n + 1n }], /column v holds both/],
    ['other integers among them', [{ v: [2n ** 53n + 1n, 0.5] }], /column v.element holds both/],
    ['too many digits', [{ v: 10n ** 38n }], /more than 38 digits/],
    ['a Date that is none', [{ v: new Date(NaN) }], /column v holds an invalid Date/],
    [
      'a Date that no other reader knows',
      [{ v: new Date('+010000-01-01') }],
      /column v holds the Date \+010000/,
    ],
    ['half of a pair of surrogates', [{ v: '\u{D800}' }], /not Unicode/],
    ['an instance of a class', [{ v: { w: new URL('file:///x') } }], /column v.w holds a URL/],
    ['functions', [{ v: () => 1 }], /column v holds a function/],
    ['an object without members', [{ v: {} }], /without members/],
    ['rows that are lists', [[1, 2]], /the row \[1,2\] is no object/],
    ['two names that are one', [{ v: 1, V: 2 }], /two columns of the rows are called V/],
    ['a column without a name', [{ '': 1 }], /a column has no name/],
    ['no rows', [], /there are no columns/],
    ['a table of Arrow itself', tableFromArrays({ v: [1] }), /tableToIPC/],
    ['bytes that are no Arrow', Buffer.from('id;name\n1;Ana\n'), /Arrow/],
    ['no bytes', new Uint8Array(), /no Arrow stream or file/],
    [
      'Arrow with a column without a name',
      tableToIPC(new Table(new Schema([Reflect.construct(Field, [null, new Int32(), true])])), 'stream'),
      /a column has no name/,
    ],
  ])('refuse %s', async (_, rows, message) => {
    await expect(made(await openWriter(), rows)).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringMatching(message),
    });
  });
});

describe('objects for a table', () => {
  it.each<[DeltaType, readonly unknown[]]>([
    ['date', ['2024-02-29', new Date('2024-02-29')]],
    [
      'timestamp',
      [new Date('2024-02-29T12:00:00Z'), '2024-02-29 09:00:00-03:00', '2024-02-29T12:00:00.000Z'],
    ],
    ['decimal(10,2)', ['1.50', 1.5]],
    ['decimal(4,2)', [10, 10n, '10']],
    ['decimal(20,18)', [1e-7, '0.0000001']],
    ['long', [7, 7n, '7']],
    ['byte', [-128, -128n]],
    ['double', [2, 2n]],
    ['integer', [0, -0]],
    [{ type: 'array', elementType: 'integer', containsNull: true }, [[0], [-0]]],
    [
      { type: 'map', keyType: 'string', valueType: 'long', valueContainsNull: true },
      [new Map([['a', 1]]), { a: 1 }],
    ],
  ])('go into %s as they mean it', async (type, values) => {
    const table = await ofType(await openWriter(), type);
    await table.append(values.map((v) => ({ v })));
    const found = await (await table.read()).toArray();
    expect(found).toHaveLength(values.length);
    expect(
      new Set(
        found.map((row) =>
          JSON.stringify(row, (_, some: unknown) =>
            typeof some === 'bigint' ? String(some) : some instanceof Map ? [...some] : some,
          ),
        ),
      ).size,
    ).toBe(1);
  });

  it.each<[DeltaType, unknown]>([
    ['date', '2024-02-30'],
    ['date', new Date('2024-02-29T12:00:00Z')],
    ['timestamp_ntz', new Date('2024-02-29T12:00:00Z')],
    ['timestamp_ntz', '2024-02-29T12:00:00Z'],
    ['timestamp', '2024-02-29T25:00:00Z'],
    ['decimal(10,2)', '1.259'],
    ['decimal(4,2)', 100],
    ['decimal(10,2)', 1.259],
    ['integer', 1.5],
    ['byte', 128],
    ['integer', 2 ** 31],
    ['long', 2n ** 63n],
    ['long', '1.0'],
    ['double', 2n ** 53n + 1n],
    ['double', '0.5'],
    ['float', 1e39],
    ['float', 1e-50],
    [
      { type: 'map', keyType: 'long', valueType: 'long', valueContainsNull: true },
      new Map<unknown, number>([
        [1, 1],
        [1n, 2],
      ]),
    ],
    [{ type: 'map', keyType: 'long', valueType: 'long', valueContainsNull: true }, new Map([[null, 1]])],
    [
      { type: 'struct', fields: [{ name: 'a', type: 'long', nullable: true, metadata: {} }] },
      { a: 1, A: 2 },
    ],
    ['string', 7],
    ['boolean', 'true'],
    ['binary', 'YQ=='],
  ])('are refused where %s does not hold %s', async (type, v) => {
    const table = await ofType(await openWriter(), type);
    await expect(table.append([{ v }])).rejects.toMatchObject({ code: 'DELTA_QUERY' });
    expect(await table.count()).toBe(0);
  });

  it('are none, where there are none', async () => {
    const table = await ofType(await openWriter(), 'long');
    await table.append([]);
    expect(await table.count()).toBe(0);
  });

  it('are merged by keys of its type, and bring columns where that is meant', async () => {
    const writer = await openWriter();
    const table = await made(writer, `SELECT 1::SMALLINT AS id, 'a' AS v`);
    const result = await table
      .merge(
        [
          { id: 1, v: 'b', more: 0.5 },
          { id: 2, v: 'c', more: null },
        ],
        { on: ['id'], mergeSchema: true },
      )
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .execute();
    expect(result.clauseRows).toEqual([1, 1]);
    expect(await sortedRows(table)).toEqual([
      { id: 1, v: 'b', more: 0.5 },
      { id: 2, v: 'c', more: null },
    ]);
    await table.append([{ id: 70_000, s: { a: 1 } }], { mergeSchema: true });
    await table.append([{ id: 1, s: { b: 'x' } }], { mergeSchema: true });
    expect(await typesOf(table)).toMatchObject({ id: 'BIGINT', s: 'STRUCT("a" BIGINT, "b" VARCHAR)' });
    await table.overwrite([{ other: 'x' }], { overwriteSchema: true });
    expect(await sortedRows(table)).toEqual([{ other: 'x' }]);
  });

  it('tell their source where they are not taken to their end', async () => {
    const table = await ofType(await openWriter(), 'long');
    let isTold = false;
    function* rows(): Generator<object> {
      try {
        yield { v: 1 };
        yield { v: {} };
        for (;;) yield { v: 2 };
      } finally {
        isTold = true;
      }
    }
    await expect(table.append(rows())).rejects.toMatchObject({ code: 'DELTA_QUERY' });
    expect(isTold).toBe(true);
    expect(await table.engine.rows('SELECT table_name FROM duckdb_tables()')).toEqual([]);
    const broken = async function* (): AsyncGenerator<object> {
      yield { v: 1 };
      throw new Error('the source failed');
    };
    await expect(table.append(broken())).rejects.toThrow('the source failed');
    expect(await table.count()).toBe(0);
  });
});

it('Arrow comes as a file, too, and with types of its own', async () => {
  const rows = tableFromArrays({ name: ['Ana', null, 'Ana'], n: Uint32Array.of(1, 2, 4_000_000_000) });
  for (const format of ['stream', 'file'] as const) {
    const table = await made(await openWriter(), tableToIPC(rows, format));
    expect(await typesOf(table)).toEqual({ name: 'VARCHAR', n: 'BIGINT' });
    expect(await sortedRows(table)).toEqual([
      { name: 'Ana', n: 1n },
      { name: 'Ana', n: 4_000_000_000n },
      { name: null, n: 2n },
    ]);
  }
});

it.each([
  ['Utf8', new Utf8()],
  ['LargeUtf8', new LargeUtf8()],
  ['Utf8View', new Utf8View()],
  ['a dictionary', new Dictionary(new Utf8(), new Int32())],
])('texts of Arrow keep a byte order mark that they begin with: %s', async (_, type) => {
  const given = [
    '\u{FEFF}a',
    '\u{FEFF}',
    'a long text that begins with none',
    '',
    '\u{FEFF}\u{FEFF}b \u{FEFF} longer',
  ];
  const rows = new Table({ name: vectorFromArray(given, type) });
  const table = await made(await openWriter(), tableToIPC(rows, 'stream'));
  expect(await sortedRows(table)).toEqual(given.toSorted().map((name) => ({ name })));
});
