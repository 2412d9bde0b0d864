import { describe, expect, it } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();

async function rowsOf(): Promise<unknown[]> {
  const table = await openTable(dir());
  return (await table.read()).toArray();
}

const struct = (fields: Readonly<Record<string, unknown>>): object => ({
  type: 'struct',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
});
const array = (elementType: unknown): object => ({ type: 'array', elementType, containsNull: true });

describe('the columns of the schema', () => {
  it('are null where an older file lacks them, at every depth, and what a file has beyond them is left out', async () => {
    const made = new HandMade(dir());
    await made.create({
      a: 'long',
      s: struct({ x: 'long', y: 'string' }),
      l: array(struct({ x: 'long', y: 'string' })),
      v: 'void',
    });
    const old = await made.data(
      'old.parquet',
      `SELECT 1::BIGINT AS a, {'x': 1::BIGINT} AS s, [{'x': 2::BIGINT}] AS l, 'extra' AS _change_type`,
    );
    const bare = await made.data('bare.parquet', `SELECT 2::BIGINT AS a`);
    await made.commit(1, [{ add: old }, { add: bare }]);
    const rows = await rowsOf();
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        { a: 1n, s: { x: 1n, y: null }, l: [{ x: 2n, y: null }], v: null },
        { a: 2n, s: null, l: null, v: null },
      ]),
    );
  });

  it('are cast where an older file has a narrower type', async () => {
    const made = new HandMade(dir());
    await made.create({ i: 'long', f: 'double', m: 'decimal(20,4)', t: 'timestamp_ntz', e: array('double') });
    const add = await made.data(
      'a.parquet',
      `SELECT 1::TINYINT AS i, 1.5::FLOAT AS f, 2.25::DECIMAL(5,2) AS m, DATE '2024-01-31' AS t, [3::SMALLINT] AS e`,
    );
    await made.commit(1, [{ add }]);
    expect(await rowsOf()).toEqual([{ i: 1n, f: 1.5, m: '2.2500', t: '2024-01-31T00:00:00', e: [3] }]);
  });

  it('are texts where a file does not mark their bytes as such, at every depth', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'string', s: struct({ x: 'string' }), l: array('string') });
    const old = await made.data(
      'old.parquet',
      String.raw`SELECT encode('São \x41 "1"') AS a, {'x': encode('é')} AS s, [encode('ç'), NULL] AS l`,
    );
    const marked = await made.data('new.parquet', String.raw`SELECT 'São \x41 "2"' AS a`);
    await made.commit(1, [{ add: old }, { add: marked }]);
    const table = await openTable(dir());
    const rows = [
      { a: String.raw`São \x41 "1"`, s: { x: 'é' }, l: ['ç', null] },
      { a: String.raw`São \x41 "2"`, s: null, l: null },
    ];
    const read = await (await table.read()).toArray();
    expect(read).toHaveLength(2);
    expect(read).toEqual(expect.arrayContaining(rows));
    const found = await table.read({ where: String.raw`a = 'São \x41 "1"'` });
    expect(await found.toArray()).toEqual(rows.slice(0, 1));
  });

  it('are texts and bytes as the table has it, each by its file, where it has both', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'string', b: 'binary', s: struct({ a: 'binary', b: 'string' }) });
    const files = [
      String.raw`SELECT encode('é\xFF') AS a, 'ü\xFF' AS b, {'a': '\xFF'::BLOB, 'b': 'x'} AS s`,
      String.raw`SELECT 'é\xFF' AS a, 'ü\xFF' AS b, {'a': '\xFF'::BLOB, 'b': 'x'} AS s`,
      String.raw`SELECT encode('é\xFF') AS a, encode('ü\xFF') AS b, {'a': '\xFF'::BLOB, 'b': 'x'} AS s`,
      String.raw`SELECT 'é\xFF' AS a, encode('ü\xFF') AS b, {'a': '\xFF'::BLOB, 'b': 'x'} AS s`,
    ];
    const adds: object[] = [];
    for (const [index, sql] of files.entries()) adds.push({ add: await made.data(`${index}.parquet`, sql) });
    await made.commit(1, adds);
    const b = new TextEncoder().encode(String.raw`ü\xFF`);
    const row = { a: String.raw`é\xFF`, b, s: { a: new Uint8Array([255]), b: 'x' } };
    const table = await openTable(dir());
    expect(await (await table.read()).toArray()).toEqual([row, row, row, row]);
    const where = String.raw`a = 'é\xFF' AND b = encode('ü\xFF')`;
    expect(await (await table.read({ where })).toArray()).toHaveLength(4);
    expect(await table.delete(where)).toMatchObject({ metrics: { numDeletedRows: 4 } });
  });

  it('have exact values', async () => {
    const made = new HandMade(dir());
    await made.create({
      l: 'long',
      m: 'decimal(38,0)',
      t: 'timestamp',
      b: 'binary',
      k: { type: 'map', keyType: 'string', valueType: 'long', valueContainsNull: true },
    });
    const add = await made.data(
      'a.parquet',
      `SELECT 9223372036854775807 AS l, 12345678901234567890123456789012345678::DECIMAL(38,0) AS m,
        TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' AS t, 'ab'::BLOB AS b, MAP {'x': 9007199254740993} AS k`,
    );
    await made.commit(1, [{ add }]);
    expect(await rowsOf()).toEqual([
      {
        l: 9223372036854775807n,
        m: '12345678901234567890123456789012345678',
        t: '1969-12-31T23:59:59.999999Z',
        b: new Uint8Array([97, 98]),
        k: new Map([['x', 9007199254740993n]]),
      },
    ]);
  });

  it('may have the names of what the engine adds to files, and of SQL', async () => {
    const made = new HandMade(dir());
    const names = [
      'file_index',
      'file_row_number',
      'filename',
      'file',
      'c0',
      'd',
      'select',
      'a "b" \'c\'',
      'a.b',
    ];
    await made.create(Object.fromEntries([...names.map((name) => [name, 'integer']), ['p', 'string']]), {
      partitionColumns: ['p'],
    });
    const select = names.map((name, index) => `${index} AS "${name.replaceAll('"', '""')}"`).join(', ');
    const vector = {
      storageType: 'i',
      pathOrInlineDv: '^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L',
      sizeInBytes: 44,
      cardinality: 6,
    };
    const protocol = {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['deletionVectors'],
      writerFeatures: ['deletionVectors'],
    };
    const add = await made.data('a.parquet', `SELECT ${select}`);
    await made.commit(1, [
      { protocol },
      { add: { ...add, partitionValues: { p: 'x' }, deletionVector: vector } },
    ]);
    expect(await rowsOf()).toEqual([
      { ...Object.fromEntries(names.map((name, index) => [name, index])), p: 'x' },
    ]);
  });

  it('may all be partition columns', async () => {
    const made = new HandMade(dir());
    await made.create({ p: 'integer', q: 'boolean' }, { partitionColumns: ['q', 'p'] });
    const add = await made.data('a [1] *?.parquet', `SELECT range AS other FROM range(2)`);
    await made.commit(1, [
      { add: { ...add, path: 'a%20%5B1%5D%20*%3F.parquet', partitionValues: { p: '', q: 'true' } } },
    ]);
    expect(await rowsOf()).toEqual([
      { p: null, q: true },
      { p: null, q: true },
    ]);
  });
});

describe('rows', () => {
  it('come in batches, of a table larger than one', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.commit(1, [{ add: await made.data('a.parquet', 'SELECT range AS a FROM range(10000)') }]);
    const table = await openTable(dir());
    const rows = await table.read({ where: 'a >= 10' });
    let count = 0;
    let batches = 0;
    for await (const batch of rows.batches()) {
      // Other statements may run in between.
      await table.engine.rows('SELECT 1');
      count += batch.length;
      batches += 1;
    }
    expect(count).toBe(9990);
    expect(batches).toBeGreaterThan(1);
    expect(await table.engine.rows(`SELECT max(a) AS max FROM (${rows.sql})`)).toEqual([{ max: 9999n }]);
  });

  it('of a table without files are none, with the right columns', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long', s: struct({ x: 'timestamp' }) });
    const rows = await (await openTable(dir())).read();
    expect(rows.columns).toEqual([
      { name: 'a', type: 'BIGINT' },
      { name: 's', type: 'STRUCT("x" TIMESTAMP WITH TIME ZONE)' },
    ]);
    expect(await rows.toArray()).toEqual([]);
  });
});
