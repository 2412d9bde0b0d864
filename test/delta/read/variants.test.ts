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
    await expect(table.append('SELECT 7 AS id')).rejects.toMatchObject({
      code: 'DELTA_UNSUPPORTED',
      message: expect.stringContaining('column v'),
    });
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
