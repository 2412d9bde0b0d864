import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished, describe, expect, it } from 'vitest';
import { quoteText } from '../../../src/engine/quote.ts';
import type { NewTableOptions } from '../../../src/delta/operations/create-table.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openDisk, rowsOf } from '../disk.ts';

const dir = useTempDir();

/** Puts a file below the table's root, with the rows of a query. */
async function put(name: string, select: string): Promise<void> {
  const { engine } = await openDisk();
  const path = join(dir(), name);
  await mkdir(dirname(path), { recursive: true });
  await engine.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`);
}

async function created(options: NewTableOptions): Promise<DeltaTable> {
  const table = await DeltaTable.create(dir(), options);
  onTestFinished(() => table.close());
  return table;
}

describe('Parquet files that lie below the root of a table', () => {
  it('are what it begins with, what is added, and what replaces all of it', async () => {
    await put('load-1/a.parquet', `SELECT 1 AS id, 'x' AS name`);
    await put('load-2/b.parquet', `SELECT 2 AS id, 'y' AS name`);
    await put('load-3/c.parquet', `SELECT 3::BIGINT AS id, 'd' AS day`);
    const table = await created({ rows: { files: ['load-1/a.parquet'] } });
    await table.append({ files: ['load-2/b.parquet'] }, { app: { appId: 'loads', version: 2n } });
    expect(await rowsOf(table)).toEqual([
      { id: 1, name: 'x' },
      { id: 2, name: 'y' },
    ]);
    expect(await table.files({ where: `name > 'x'` })).toMatchObject([
      { uri: join(dir(), 'load-2/b.parquet'), rows: 1 },
    ]);
    const { version } = await table.overwrite({ files: ['load-3/c.parquet'] }, { overwriteSchema: true });
    expect(await rowsOf(table)).toEqual([{ id: 3n, day: 'd' }]);
    const changes = await (await table.changes({ from: version })).toArray();
    expect(changes.toSorted((a, b) => Number(a['id']) - Number(b['id']))).toMatchObject([
      ...[1, 2].map((id) => ({ id: BigInt(id), _change_type: 'delete' })),
      { id: 3n, _change_type: 'insert' },
    ]);
  });

  it('replace all of a table that is no longer partitioned as it was, and rows do, too', async () => {
    await put('a.parquet', 'SELECT 1 AS id, 2 AS n');
    const table = await created({ rows: `SELECT 1 AS id, 'x' AS part`, partitionColumns: ['part'] });
    await expect(table.overwrite('SELECT 1 AS id', { partitionColumns: [] })).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining('partitionColumns goes with overwriteSchema'),
    });
    const anew = { overwriteSchema: true } as const;
    await table.overwrite({ files: ['a.parquet'] }, { ...anew, partitionColumns: [] });
    expect(await rowsOf(table)).toEqual([{ id: 1, n: 2 }]);
    await table.overwrite('SELECT 3 AS n, 4 AS m', { ...anew, partitionColumns: ['N'] });
    expect((await table.snapshot()).metadata.partitionColumns).toEqual(['n']);
    await table.overwrite('SELECT 5 AS n, 6 AS o', anew);
    expect((await table.snapshot()).metadata.partitionColumns).toEqual(['n']);
    expect(await rowsOf(table)).toEqual([{ n: 5, o: 6 }]);
  });

  it('are added once by the number of an application, and stay where they are not', async () => {
    await put('a.parquet', 'SELECT 1 AS id');
    await put('b.parquet', 'SELECT 2 AS id');
    const app = { appId: 'loads', version: 7n };
    const table = await created({ rows: { files: ['a.parquet'] }, app });
    expect((await table.append({ files: ['b.parquet'] }, { app })).committed).toBe(false);
    expect(await table.count()).toBe(1);
    expect(await readdir(dir())).toContain('b.parquet');
  });

  it('bring columns that the table lacks, where it is told to take them', async () => {
    await put('a.parquet', 'SELECT 1 AS id');
    await put('b.parquet', `SELECT 2 AS id, 'new' AS note`);
    const table = await created({ rows: { files: ['a.parquet'] } });
    await table.append({ files: ['b.parquet'] }, { mergeSchema: true });
    expect(await rowsOf(table)).toEqual([
      { id: 1, note: null },
      { id: 2, note: 'new' },
    ]);
  });

  it.each<[string, string, string, RegExp]>([
    ['are not there', 'c.parquet', 'SELECT 1 AS id', /there is no file c\.parquet/],
    ['lie outside of it', '../a.parquet', 'SELECT 1 AS id', /there is no file \.\.\/a/],
    ['lie in its log', '_delta_log/a.parquet', 'SELECT 1 AS id', /no Parquet file that readers/],
    ['are hidden from readers', '_staging/a.parquet', 'SELECT 1 AS id', /no Parquet file that readers/],
    ['have another ending', 'a.txt', 'SELECT 1 AS id', /no Parquet file that readers/],
    ['have a column that it lacks', 'a.parquet', 'SELECT 1 AS id, 2 AS more', /no column more/],
    [
      'have a column of another type',
      'a.parquet',
      'SELECT 1::BIGINT AS id',
      /id is BIGINT in them, and INTEGER/,
    ],
    ['lie in folders that tell columns', 'id=1/a.parquet', 'SELECT 2 AS id', /tell the columns id/],
    ['break a rule of it', 'a.parquet', 'SELECT -1 AS id', /breaks a rule: the constraint positive/],
    ['are its own already', 'own.parquet', 'SELECT 1 AS id', /is a file of the table already/],
    ['are no Parquet', 'text.parquet', 'SELECT 1 AS id', /text\.parquet/],
  ])('are refused where they %s', async (what, name, select, message) => {
    await put('own.parquet', 'SELECT 1 AS id');
    const table = await created({
      rows: { files: ['own.parquet'] },
      configuration: { 'delta.constraints.positive': 'id > 0' },
    });
    const isMade = !['are not there', 'lie outside of it', 'are its own already'].includes(what);
    if (isMade) await put(name, select);
    if (name === 'text.parquet') await writeFile(join(dir(), name), 'no Parquet at all');
    await expect(table.append({ files: [name] })).rejects.toThrow(message);
    expect((await table.snapshot()).version).toBe(0);
  });

  it('are refused where a column is called otherwise in files than in the table', async () => {
    const table = await created({ rows: 'SELECT 1 AS "the id"' });
    await put('own.parquet', 'SELECT 1 AS "the id"');
    await expect(table.append({ files: ['own.parquet'] })).rejects.toThrow(/called otherwise in files/);
  });

  it('replace no part of it', async () => {
    await put('own.parquet', 'SELECT 1 AS id');
    const table = await created({ rows: 'SELECT 1 AS id' });
    const replaced = table.overwrite({ files: ['own.parquet'] }, { where: 'id = 1' });
    await expect(replaced).rejects.toMatchObject({ code: 'DELTA_QUERY' });
  });
});
