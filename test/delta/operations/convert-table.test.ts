import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { onTestFinished, describe, expect, it } from 'vitest';
import { quoteText } from '../../../src/engine/quote.ts';
import { hiveFolder } from '../../../src/delta/files/hive-path.ts';
import type { ConvertOptions } from '../../../src/delta/operations/convert-table.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import type { Storage } from '../../../src/storage/port.ts';
import { useTempDir } from '../../support/tmp.ts';
import { wrapStorage } from '../../support/wrapped-storage.ts';
import { openDisk, rowsOf } from '../disk.ts';

const dir = useTempDir();

/** Files by name, each the rows of a query. */
async function folder(files: Readonly<Record<string, string>>, options = ''): Promise<void> {
  const { engine } = await openDisk();
  for (const [name, select] of Object.entries(files)) {
    const path = join(dir(), name);
    await mkdir(dirname(path), { recursive: true });
    await engine.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet${options})`);
  }
}

async function converted(options?: ConvertOptions): Promise<DeltaTable> {
  const table = await DeltaTable.convertToDelta(dir(), options);
  onTestFinished(() => table.close());
  return table;
}

describe('a folder of Parquet files becomes a table', () => {
  it('by one download of each file', async () => {
    await folder({ 'a.parquet': 'SELECT 1 AS id', 'in/b.parquet': 'SELECT 2 AS id' });
    const local = openLocalStorage(dir());
    const downloads: string[] = [];
    const storage: Storage = {
      ...wrapStorage(local, {}),
      localFile: (key, path) => {
        downloads.push(key);
        return local.localFile(key, path);
      },
    };
    await using table = await DeltaTable.convertToDelta(storage);
    expect(await table.count()).toBe(2);
    expect(downloads.toSorted()).toEqual(['a.parquet', 'in/b.parquet']);
  });

  it('of these very files, with bounds, and is written to', async () => {
    await folder({
      'a.parquet': `SELECT 1 AS id, 'x' AS name, 0.5::DOUBLE AS f, {'d': DATE '2024-01-31'} AS s, TIMESTAMPTZ '2024-01-31 12:00:00.123456Z' AS at`,
      'in/b.parquet': `SELECT 2 AS id, 'y' AS name, 'NaN'::DOUBLE AS f, [1, 2] AS more UNION ALL SELECT 3, NULL, 1.5, NULL`,
      '_hidden/c.parquet': 'SELECT 9 AS id',
      '.d.parquet': 'SELECT 9 AS id',
    });
    await writeFile(join(dir(), '_SUCCESS'), '');
    await writeFile(join(dir(), 'empty.parquet'), '');
    const table = await converted({ name: 'converted' });
    const none = { s: null, at: null, more: null };
    expect(await rowsOf(table)).toMatchObject([
      { id: 1, name: 'x', f: 0.5, more: null },
      { id: 2, name: 'y', f: NaN, ...none, more: [1, 2] },
      { id: 3, name: null, f: 1.5, ...none },
    ]);
    const snapshot = await table.snapshot();
    expect((await snapshot.files()).map(({ path, stats }) => [path, JSON.parse(stats ?? '')])).toEqual([
      [
        'a.parquet',
        {
          numRecords: 1,
          minValues: { id: 1, name: 'x', f: 0.5, s: { d: '2024-01-31' }, at: '2024-01-31T12:00:00.123456Z' },
          maxValues: { id: 1, name: 'x', f: 0.5, s: { d: '2024-01-31' }, at: '2024-01-31T12:00:00.123456Z' },
          nullCount: { id: 0, name: 0, f: 0, s: { d: 0 }, at: 0, more: 1 },
          tightBounds: true,
        },
      ],
      [
        'in/b.parquet',
        {
          numRecords: 2,
          minValues: { id: 2, name: 'y' },
          maxValues: { id: 3, name: 'y' },
          nullCount: { id: 0, name: 1, f: 0, s: { d: 2 }, at: 2, more: 1 },
          tightBounds: true,
        },
      ],
    ]);
    expect(await table.files({ where: 'id > 1' })).toHaveLength(1);
    await table.delete('id = 3');
    await table.append(`SELECT 4 AS id, 'z' AS name`);
    expect(await table.count()).toBe(3);
    expect(await (await table.changes({ from: 1 })).toArray()).toHaveLength(2);
    await expect(DeltaTable.convertToDelta(dir())).rejects.toMatchObject({ code: 'DELTA_CONFLICT' });
  });

  it('with the columns that its folders tell, whatever their values', async () => {
    const { engine } = await openDisk();
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
      fc.constantFrom('São Paulo', 'a/b', 'a=b', '100%', '%41', 'x:y', '..', null),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(value, fc.integer()), { minLength: 1, maxLength: 3, selector: String }),
        async (parts) => {
          const root = join(dir(), String(Math.random()));
          for (const [index, [city, n]] of parts.entries()) {
            const path = join(root, hiveFolder(['city', 'n'], { city, n: String(n) }), `${index}.parquet`);
            await mkdir(dirname(path), { recursive: true });
            await engine.run(`COPY (SELECT ${index} AS id) TO ${quoteText(path)} (FORMAT parquet)`);
          }
          const table = await DeltaTable.convertToDelta(root, {
            engine,
            partitionSchema: { city: 'string', n: 'integer' },
          });
          const { sql } = await table.read();
          expect(await engine.rows(`SELECT * FROM (${sql}) ORDER BY id`)).toEqual(
            parts.map(([city, n], id) => ({ id, city, n })),
          );
          await table.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  it('whose values of folders are written as the log has them', async () => {
    await folder({
      'day=2024-01-31/at=2024-01-31 10%3A20%3A30/n=007/a.parquet': 'SELECT 1 AS id',
      'day=__HIVE_DEFAULT_PARTITION__/at=__HIVE_DEFAULT_PARTITION__/n=8/a.parquet': 'SELECT 2 AS id',
    });
    const table = await converted({ partitionSchema: { day: 'date', at: 'timestamp', n: 'integer' } });
    expect((await table.files()).map(({ partitionValues, rows }) => ({ ...partitionValues, rows }))).toEqual([
      { day: '2024-01-31', at: '2024-01-31T10:20:30.000000Z', n: '7', rows: 1 },
      { day: null, at: null, n: '8', rows: 1 },
    ]);
    expect(await table.count({ where: 'n = 7' })).toBe(1);
  });

  it('with columns of any name', async () => {
    await folder({ 'a.parquet': 'SELECT 1 AS "the id", 2 AS b' });
    const table = await converted();
    expect(await rowsOf(table)).toEqual([{ 'the id': 1, b: 2 }]);
    expect((await table.describe()).properties['delta.columnMapping.mode']).toBe('name');
    await table.append('SELECT 3 AS "the id", 4 AS b');
    expect(await table.count({ where: '"the id" > 2' })).toBe(1);
  });

  it.each<[string, Readonly<Record<string, string>>, ConvertOptions, RegExp]>([
    ['is empty', {}, {}, /no Parquet file/],
    [
      'has a column in two types',
      { 'a.parquet': 'SELECT 1 AS v', 'b.parquet': `SELECT 1::BIGINT AS v` },
      {},
      /b.parquet has the column v in another type/,
    ],
    [
      'has names that differ in their case',
      { 'a.parquet': 'SELECT 1 AS v', 'b.parquet': `SELECT 1 AS V` },
      {},
      /column V, and other files v/,
    ],
    [
      'has folders that nobody told of',
      { 'd=1/a.parquet': 'SELECT 1 AS v' },
      {},
      /folders of d=1\/a.parquet tell the columns d/,
    ],
    [
      'has other folders',
      { 'd=1/a.parquet': 'SELECT 1 AS v', 'a.parquet': 'SELECT 1 AS v' },
      { partitionSchema: { d: 'integer' } },
      /folders of a.parquet tell no columns/,
    ],
    [
      'has values of another type',
      { 'd=x/a.parquet': 'SELECT 1 AS v' },
      { partitionSchema: { d: 'integer' } },
      /partition value/,
    ],
    ['has types that Delta lacks', { 'a.parquet': `SELECT TIME '12:00:00' AS v` }, {}, /type TIME/],
  ])('but not where it %s', async (_, files, options, message) => {
    await folder(files);
    await expect(DeltaTable.convertToDelta(dir(), options)).rejects.toThrow(message);
    expect(await readdir(dir())).not.toContain('_delta_log');
  });
});

it.each(['a\\b.parquet', 'city=a\\b/c.parquet', 'a\tb.parquet'])(
  'a folder with the file %j, which no log can name, is refused',
  async (name) => {
    await folder({ 'z.parquet': 'SELECT 1 AS id', [name]: 'SELECT 2 AS id' });
    await expect(converted()).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining(JSON.stringify(name)),
    });
  },
);
