import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();

/** A column that files know as `col-<id>`, and whose struct, list and map parts are mapped as well. */
function mapped(id: number, name: string, type: unknown): object {
  return {
    name,
    type,
    nullable: true,
    metadata: { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': `col-${id}` },
  };
}

const struct = (...fields: readonly object[]): object => ({ type: 'struct', fields });

async function mappedTable(mode: 'name' | 'id', select: string, options = ''): Promise<void> {
  const made = new HandMade(dir());
  const point = struct(mapped(3, 'x', 'long'), mapped(4, 'old y', 'string'));
  const fields = [
    mapped(1, 'key', 'long'),
    mapped(2, 'point', point),
    mapped(5, 'points', { type: 'array', elementType: struct(mapped(6, 'x', 'long')), containsNull: true }),
    mapped(7, 'by name', {
      type: 'map',
      keyType: 'string',
      valueType: struct(mapped(8, 'x', 'long')),
      valueContainsNull: true,
    }),
    mapped(9, 'part', 'date'),
  ];
  const metaData = {
    id: 'x',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify(struct(...fields)),
    partitionColumns: ['part'],
    configuration: { 'delta.columnMapping.mode': mode },
  };
  const add = await made.data('a.parquet', select, options);
  const stats = JSON.stringify({
    numRecords: 2,
    minValues: { 'col-1': 1, 'col-2': { 'col-3': 10 } },
    maxValues: { 'col-1': 2, 'col-2': { 'col-3': 10 } },
  });
  await made.commit(0, [
    { protocol: { minReaderVersion: 2, minWriterVersion: 5 } },
    { metaData },
    { add: { ...add, partitionValues: { 'col-9': '2024-01-31' }, stats } },
  ]);
}

const SELECT = `
  SELECT unnest([1, 2]) AS "col-1", {'col-3': 10, 'col-4': 'a'} AS "col-2", [{'col-6': 1}, NULL] AS "col-5",
    MAP {'k': {'col-8': 5}} AS "col-7"`;

const ROW = {
  point: { x: 10n, 'old y': 'a' },
  points: [{ x: 1n }, null],
  'by name': new Map([['k', { x: 5n }]]),
  part: '2024-01-31',
};

describe('columns that are mapped', () => {
  it('by name have their names of today, at every depth, in files, partitions, conditions and statistics', async () => {
    await mappedTable('name', SELECT);
    const table = await openTable(dir());
    const read = async (where?: string): Promise<unknown> =>
      (await table.read(where === undefined ? {} : { where })).toArray();
    expect(await read('key = 1')).toEqual([{ key: 1n, ...ROW }]);
    expect(await read(`part = '2024-01-31' AND point.x = 10`)).toHaveLength(2);
    expect(await read('point.x > 10')).toEqual([]);
    expect(await read('key = 3')).toEqual([]);
  });

  it('by id are found by their ids, whatever the file calls them', async () => {
    const select = SELECT.replace('"col-1"', '"some name"');
    await mappedTable('id', select, `, FIELD_IDS {"some name": 1, "col-2": 2, "col-5": 5, "col-7": 7}`);
    const table = await openTable(dir());
    expect(await (await table.read({ where: 'key = 1' })).toArray()).toEqual([{ key: 1n, ...ROW }]);
  });

  it('by id are not made up where a file has no ids', async () => {
    await mappedTable('id', SELECT);
    const table = await openTable(dir());
    await expect(table.read()).rejects.toMatchObject({
      code: 'DELTA_CORRUPT',
      message: expect.stringMatching(/a\.parquet: its columns have no field ids/),
    });
  });
});

it('a table in a store is read through copies of its files', async () => {
  await mappedTable('name', SELECT);
  const storage = openMemoryStorage('s3://bucket/table');
  for (const key of ['a.parquet', '_delta_log/00000000000000000000.json']) {
    await storage.putIfAbsent(key, await readFile(join(dir(), key)));
  }
  const workDir = join(dir(), 'work');
  const table = await openTable(storage, { workDir });
  expect(await (await table.read({ where: 'key = 2' })).toArray()).toEqual([{ key: 2n, ...ROW }]);
  expect(await readdir(workDir)).toContain('a.parquet');
});
