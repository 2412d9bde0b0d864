import { describe, expect, it } from 'vitest';
import { readCommit } from '../../../src/delta/log/commit-read.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { NewTableOptions } from '../../../src/delta/operations/create-table.ts';
import type { StructType } from '../../../src/delta/schema/schema.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { openWriter, optionsOf } from '../write/table.ts';

const OLD = { 'delta.enableChangeDataFeed': 'false', 'delta.enableDeletionVectors': 'false' };

async function made(configuration: Readonly<Record<string, string>> = {}): Promise<DeltaTable> {
  const rows = 'SELECT i::INTEGER AS id FROM range(3) AS r(i)';
  return DeltaTable.create(openMemoryStorage(), { ...optionsOf(await openWriter()), rows, configuration });
}

describe('columns', () => {
  it('are added at the end, null, and no file is written', async () => {
    const table = await made();
    const before = await table.files();
    const result = await table.addColumns([
      { name: 'note', type: 'string' },
      { name: 'list', type: { type: 'array', elementType: 'long', containsNull: true } },
      { name: 'at', type: 'timestamp_ntz' },
    ]);
    expect(result).toMatchObject({ version: 1, committed: true });
    expect(await table.files()).toEqual(before);
    expect(await (await table.read({ where: 'id = 1' })).toArray()).toEqual([
      { id: 1, note: null, list: null, at: null },
    ]);
    // A feature comes with the type that needs it.
    expect((await table.describe()).readerFeatures).toContain('timestampNtz');
    await table.append(`SELECT 9 AS id, 'x' AS note, [1] AS list`);
    expect(await table.count({ where: `note = 'x' AND list[1] = 1` })).toBe(1);
    const operations: unknown[] = [];
    for await (const { operation } of table.history()) operations.push(operation);
    expect(operations).toEqual(['WRITE', 'ADD COLUMNS', 'CREATE TABLE AS SELECT']);
  });

  it.each([
    [{ name: 'ID', type: 'string' } as const, /column ID already/],
    [{ name: '_change_type', type: 'string' } as const, /change data feed needs/],
    [{ name: 'x', type: 'decimal(40,2)' } as const, /impossible type/],
    [{ name: 'x', type: 'long', metadata: { CURRENT_DEFAULT: '1' } } as const, /has a default/],
  ])('are refused: %o', async (column, message) => {
    const table = await made();
    await expect(table.addColumns([column])).rejects.toThrow(message);
    expect((await table.describe()).version).toBe(0);
  });
});

describe('names that no SQL can hold', () => {
  const names = ['', '\0', 'a\0b', '\ud800', 'a\udc00b'];
  const inStruct = (name: string): StructType => ({
    type: 'struct',
    fields: [{ name, type: 'long', nullable: true, metadata: {} }],
  });

  it.each(names)('come into no table: %j', async (name) => {
    const table = await made();
    const writer = await openWriter();
    const create = (options: NewTableOptions): Promise<DeltaTable> =>
      DeltaTable.create(openMemoryStorage(), { ...optionsOf(writer), ...options });
    for (const call of [
      () => table.addColumns([{ name, type: 'long' }]),
      () => table.addColumns([{ name: 's', type: inStruct(name) }]),
      () =>
        table.addColumns([
          { name: 'l', type: { type: 'array', elementType: inStruct(name), containsNull: true } },
        ]),
      () => table.append([{ id: 1, [name]: 2 }], { mergeSchema: true }),
      () => table.overwrite([{ [name]: 2 }], { overwriteSchema: true }),
      () => create({ schema: inStruct(name) }),
      () => create({ schema: inStruct(name), partitionColumns: [name] }),
      () => create({ rows: [{ [name]: 2 }] }),
      () => create({ rows: [{ s: { [name]: 2 } }] }),
    ])
      await expect(call()).rejects.toMatchObject({
        code: expect.stringMatching(/^DELTA_(QUERY|UNSUPPORTED)$/),
      });
    expect((await table.describe()).version).toBe(0);
  });
});

describe('properties', () => {
  it('are set beside the others, with the features that they take', async () => {
    const table = await made(OLD);
    await table.setProperties({ 'delta.enableDeletionVectors': 'true', owner: 'sales' });
    const { properties, readerFeatures } = await table.describe();
    expect(properties).toMatchObject({ ...OLD, 'delta.enableDeletionVectors': 'true', owner: 'sales' });
    expect(readerFeatures).toEqual(['deletionVectors']);
    expect(await table.setProperties({ owner: 'sales' })).toMatchObject({ committed: false });
  });

  it.each([
    [{ 'delta.columnMapping.mode': 'name' }, /delta.columnMapping.mode is not supported/],
    [{ 'delta.constraints.c': 'id > 0' }, /delta.constraints.c can only be set/],
  ])('are refused: %o', async (properties, message) => {
    await expect((await made()).setProperties(properties)).rejects.toThrow(message);
  });
});

describe('a constraint', () => {
  it('holds for rows that are there and that come', async () => {
    const writer = await openWriter();
    const table = await DeltaTable.create(writer.storage, {
      ...optionsOf(writer),
      rows: 'SELECT 1 AS id',
      configuration: OLD,
    });
    await table.addConstraint('Positive', 'id > 0');
    expect(await readCommit(writer.storage, 1)).toMatchObject([
      {
        commitInfo: {
          operation: 'ADD CONSTRAINT',
          operationParameters: { name: 'Positive', expr: 'id > 0' },
        },
      },
      { protocol: { minWriterVersion: 7, writerFeatures: expect.arrayContaining(['checkConstraints']) } },
      { metaData: { configuration: { 'delta.constraints.positive': 'id > 0' } } },
    ]);
    await expect(table.append('SELECT 0 AS id')).rejects.toMatchObject({ code: 'DELTA_CONSTRAINT' });
    await expect(table.append('SELECT NULL::INTEGER AS id')).rejects.toMatchObject({
      code: 'DELTA_CONSTRAINT',
    });
    await expect(table.addConstraint('positive', 'id > 1')).rejects.toThrow(/constraint positive already/);
  });

  it('is refused where a row does not meet it, or nobody can tell', async () => {
    const table = await made();
    await table.append('SELECT NULL::INTEGER AS id');
    await expect(table.addConstraint('c', 'id > 0')).rejects.toThrow(
      /2 of its rows do not meet the constraint c/,
    );
    await expect(table.addConstraint('c', 'nothing > 0')).rejects.toMatchObject({
      code: 'DELTA_UNSUPPORTED',
    });
    await expect(table.addConstraint('c', 'true) OR (true')).rejects.toMatchObject({
      code: 'DELTA_UNSUPPORTED',
    });
    expect((await table.describe()).version).toBe(1);
  });

  it('does not come beside rows that it has not seen', async () => {
    const writer = await openWriter();
    const configuration = { 'delta.isolationLevel': 'WriteSerializable' };
    const table = await DeltaTable.create(writer.storage, {
      ...optionsOf(writer),
      rows: 'SELECT 1 AS id',
      configuration,
    });
    const other = await DeltaTable.open(writer.storage, optionsOf(writer));
    // The other commits between the look at the rows and the commit.
    const rows = writer.engine.rows.bind(writer.engine);
    const seen = table.engine;
    expect(seen).toBe(writer.engine);
    let isFirst = true;
    writer.engine.rows = async (sql, values) => {
      const found = await rows(sql, values);
      if (isFirst && sql.includes('THEN false ELSE true')) {
        isFirst = false;
        await other.append('SELECT 0 AS id');
      }
      return found;
    };
    await expect(table.addConstraint('positive', 'id > 0')).rejects.toMatchObject({ code: 'DELTA_CONFLICT' });
    expect(isFirst).toBe(false);
  });
});
