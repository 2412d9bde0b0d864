import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();

const FEATURES = ['deletionVectors', 'variantType', 'variantType-preview', 'variantShredding-preview'];
const protocol = {
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: FEATURES,
  writerFeatures: FEATURES,
};
const struct = (fields: Readonly<Record<string, unknown>>): object => ({
  type: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
});

/** `{"key": 7}` in the two parts that a Parquet file has of it. */
const PARTS = String.raw`{'value': '\x02\x01\x00\x00\x02\x0C\x07'::BLOB, 'metadata': '\x01\x01\x00\x03key'::BLOB}`;
const NONE = 'NULL::STRUCT("value" BLOB, metadata BLOB)';

const SCALAR = fc.constantFrom(
  '7',
  '-1.5',
  "'text'",
  'true',
  'NULL',
  "DATE '2024-01-31'",
  '12345678901::BIGINT',
);
const NESTED = fc.oneof(
  SCALAR,
  SCALAR.map((value) => `[${value}, ${value}]`),
  fc.tuple(SCALAR, SCALAR).map(([a, b]) => `{'a': ${a}, 'b': ${b}}`),
  fc.tuple(SCALAR, SCALAR).map(([a, c]) => `{'a': {'c': ${c}}, 'd': [{'a': ${a}}]}`),
);
const VALUE = NESTED.map((value) => `${value}::VARIANT`);
const SHREDDINGS = [
  'BIGINT',
  'VARCHAR',
  'INTEGER[]',
  'STRUCT(a INTEGER, b VARCHAR)',
  'STRUCT(a STRUCT(c DOUBLE), d STRUCT(a VARCHAR)[])',
];

/** Takes the marks of variants out of a file's footer: a field that the engine writes in front of where an element ends. */
async function unmark(path: string): Promise<void> {
  const bytes = await readFile(path);
  const length = bytes.readUInt32LE(bytes.length - 8);
  const start = bytes.length - 8 - length;
  const mark = Buffer.from([0x5c, 0x0c, 0x20, 0x13, 1, 0, 0]);
  const at = bytes.indexOf(mark, start);
  if (at < 0) throw new Error('The engine has written no variant.');
  const end = Buffer.from(bytes.subarray(bytes.length - 8));
  end.writeUInt32LE(length - mark.length, 0);
  await writeFile(path, [bytes.subarray(0, at), bytes.subarray(at + mark.length, bytes.length - 8), end]);
}

describe('variants', () => {
  it('that no column has keep nobody from reading and writing', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'integer' }, { protocol });
    const table = await openTable(dir());
    await table.append('SELECT unnest([1, 2, 3])::INTEGER AS a');
    await table.delete('a = 2');
    expect(await (await table.read()).toArray()).toEqual([{ a: 1 }, { a: 3 }]);
  });

  it('are read, at every depth, whether files mark them or not', async () => {
    const made = new HandMade(dir());
    await made.create(
      {
        id: 'long',
        v: 'variant',
        s: struct({ v: 'variant', t: 'string' }),
        l: { type: 'array', elementType: 'variant', containsNull: true },
        m: { type: 'map', keyType: 'string', valueType: 'variant', valueContainsNull: true },
      },
      { protocol, configuration: { 'delta.enableDeletionVectors': 'true' } },
    );
    const unmarked = await made.data(
      'unmarked.parquet',
      `SELECT 1 AS id, ${PARTS} AS v, {'v': ${PARTS}, 't': 'x'} AS s, [${PARTS}, ${NONE}] AS l, MAP {'k': ${PARTS}} AS m UNION ALL SELECT 2, ${NONE}, NULL, NULL, NULL`,
    );
    const marked = await made.data(
      'marked.parquet',
      `SELECT 3 AS id, {'key': 7, 'metadata': 'x', 'value': [1.5, NULL]}::VARIANT AS v UNION ALL SELECT 4, 'text'::VARIANT UNION ALL SELECT 5, NULL`,
    );
    const shredded = await made.data(
      'shredded.parquet',
      `SELECT 6 AS id, {'key': 7, 'b': 'x'}::VARIANT AS v`,
      `, SHREDDING {v: 'STRUCT("key" INTEGER, b VARCHAR)'}`,
    );
    await made.commit(1, [{ add: unmarked }, { add: marked }, { add: shredded }]);
    const table = await openTable(dir());
    const rows = await table.read();
    const none = { s: null, l: null, m: null };
    const found = (await rows.toArray()).toSorted((left, right) => Number(left['id']) - Number(right['id']));
    expect(found).toEqual([
      {
        id: 1n,
        v: { key: 7 },
        s: { v: { key: 7 }, t: 'x' },
        l: [{ key: 7 }, null],
        m: new Map([['k', { key: 7 }]]),
      },
      { id: 2n, v: null, ...none },
      { id: 3n, v: { key: 7, metadata: 'x', value: ['1.5', null] }, ...none },
      { id: 4n, v: 'text', ...none },
      { id: 5n, v: null, ...none },
      { id: 6n, v: { key: 7, b: 'x' }, ...none },
    ]);
    const some = await table.read({ where: 'v.key::INTEGER = 7', columns: ['id'] });
    expect(await table.engine.rows(`SELECT id FROM (${some.sql}) ORDER BY id`)).toEqual([
      { id: 1n },
      { id: 3n },
      { id: 6n },
    ]);
    await table.delete('id = 3');
    expect(await (await table.read({ columns: ['id'] })).toArray()).toHaveLength(5);
  });

  it('that are shredded are read from files that do not mark them, as from files that do', async () => {
    let tables = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(VALUE, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...SHREDDINGS),
        async (values, shredding) => {
          const folder = join(dir(), String((tables += 1)));
          const made = new HandMade(folder);
          await made.create({ id: 'long', v: 'variant' }, { protocol });
          const rows = values.map((json, id) => `SELECT ${id} AS id, ${json} AS v`).join(' UNION ALL ');
          const options = `, SHREDDING {v: '${shredding}'}`;
          const marked = await made.data('marked.parquet', rows, options);
          const other = await made.data(
            'unmarked.parquet',
            `SELECT id + 100 AS id, v FROM (${rows})`,
            options,
          );
          await unmark(join(folder, 'unmarked.parquet'));
          await made.commit(1, [{ add: marked }, { add: other }]);
          const table = await openTable(folder);
          await using read = await table.read();
          const found = await read.toArray();
          const of = (from: bigint): unknown =>
            found
              .filter(({ id }) => typeof id === 'bigint' && id >= from && id < from + 100n)
              .toSorted((left, right) => Number(left['id']) - Number(right['id']))
              .map(({ v }) => v);
          expect(of(100n)).toEqual(of(0n));
          expect(found).toHaveLength(2 * values.length);
          await using some = await table.read({ where: 'v.a::VARCHAR IS NOT NULL' });
          expect((await some.toArray()).length % 2).toBe(0);
        },
      ),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 8) },
    );
  });

  it('are JSON where rows are written as text', async () => {
    const made = new HandMade(dir());
    await made.create({ v: 'variant' }, { protocol });
    await made.commit(1, [{ add: await made.data('a.parquet', `SELECT ${PARTS} AS v`) }]);
    const table = await openTable(dir());
    const rows = await table.read();
    await rows.writeTo(`${dir()}/rows.jsonl`, 'jsonl');
    expect(await table.engine.rows(`SELECT content FROM read_text('${dir()}/rows.jsonl')`)).toEqual([
      { content: '{"v":{"key":7}}\n' },
    ]);
  });
});
