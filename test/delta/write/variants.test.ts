import { expect, it } from 'vitest';
import type { DeltaType } from '../../../src/delta/schema/schema.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { PlainRow } from '../../../src/engine/plain.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import type { Storage } from '../../../src/storage/port.ts';
import { openWriter, optionsOf } from './table.ts';

async function sorted(table: DeltaTable): Promise<PlainRow[]> {
  const rows = await (await table.read()).toArray();
  return rows.toSorted((left, right) => Number(left['id']) - Number(right['id']));
}

/** The rows of a table's first file, as they lie there. */
async function firstFile(table: DeltaTable, storage: Storage, workDir: string): Promise<string> {
  const [file] = await (await table.snapshot()).files();
  return storage.localFile(decodeURIComponent(file?.path ?? ''), `${workDir}/file.parquet`);
}

it('rows with variants are written in two parts that every reader knows, and read as they were', async () => {
  const writer = await openWriter();
  const storage = openMemoryStorage();
  const table = await DeltaTable.create(storage, {
    ...optionsOf(writer),
    rows: `SELECT 1 AS id, {'a': 1, 'b': [1.5::DOUBLE::VARIANT, 'x'::VARIANT, NULL]}::VARIANT AS v, [7::VARIANT, NULL] AS l, {'in': 'x'::VARIANT} AS s, MAP {'k': true::VARIANT} AS m
      UNION ALL SELECT 2, NULL, NULL, NULL, NULL UNION ALL SELECT 3, DATE '2024-01-31'::VARIANT, [], {'in': NULL}, MAP {'k': NULL}`,
  });
  const { readerFeatures, writerFeatures } = await table.describe();
  expect(readerFeatures).toContain('variantType');
  expect(writerFeatures).toContain('variantType');
  const path = await firstFile(table, storage, writer.workDir);
  expect(
    await writer.engine.rows(
      `SELECT DISTINCT typeof(v) AS type, v IS NULL AS none FROM '${path}' ORDER BY none`,
    ),
  ).toEqual([
    { type: 'STRUCT(metadata BLOB, "value" BLOB)', none: false },
    { type: 'STRUCT(metadata BLOB, "value" BLOB)', none: true },
  ]);
  expect(await sorted(table)).toEqual([
    { id: 1, v: { a: 1, b: [1.5, 'x', null] }, l: [7, null], s: { in: 'x' }, m: new Map([['k', true]]) },
    { id: 2, v: null, l: null, s: null, m: null },
    { id: 3, v: '2024-01-31', l: [], s: { in: null }, m: new Map([['k', null]]) },
  ]);
  const found = await table.read({ where: 'v.a::INTEGER = 1', columns: ['id'] });
  expect(await found.toArray()).toEqual([{ id: 1 }]);
});

it.each([true, false])(
  'they are changed, merged, put together and told as changes (vectors: %s)',
  async (vectors) => {
    const writer = await openWriter();
    const table = await DeltaTable.create(openMemoryStorage(), {
      ...optionsOf(writer),
      rows: `SELECT i AS id, {'n': i}::VARIANT AS v FROM range(4) AS r(i)`,
      configuration: { 'delta.enableDeletionVectors': String(vectors) },
    });
    await table.append([
      { id: 4, v: { list: [1, 'x', { deep: null }], big: 2n ** 60n } },
      { id: 5, v: 'text' },
      { id: 6 },
    ]);
    await table.update({ set: { v: `{'new': id}` }, where: 'id = 0' });
    // What stays as it was is no change.
    expect(await table.update({ set: { v: 'v' } })).toMatchObject({ committed: false });
    await table
      .merge(
        [
          { id: 1, v: ['merged'] },
          { id: 7, v: 1.5 },
        ],
        { on: ['id'], mergeSchema: true },
      )
      .whenMatchedUpdateAll()
      .whenNotMatchedInsertAll()
      .execute();
    await table.delete('id = 2');
    await table.optimize();
    expect(await sorted(table)).toEqual([
      { id: 0n, v: { new: 0n } },
      { id: 1n, v: ['merged'] },
      { id: 3n, v: { n: 3n } },
      { id: 4n, v: { list: [1n, 'x', { deep: null }], big: 2n ** 60n } },
      { id: 5n, v: 'text' },
      { id: 6n, v: null },
      { id: 7n, v: 1.5 },
    ]);
    const changes = await (await table.changes({ from: 2, to: 2 })).toArray();
    expect(new Map(changes.map(({ _change_type, v }) => [_change_type, v]))).toEqual(
      new Map([
        ['update_postimage', { new: 0n }],
        ['update_preimage', { n: 0n }],
      ]),
    );
  },
);

it.each<[DeltaType, string]>([['variant', `{'a': 1}::VARIANT`]])(
  '%s partitions no table',
  async (_, value) => {
    const writer = await openWriter();
    await expect(
      DeltaTable.create(openMemoryStorage(), {
        ...optionsOf(writer),
        rows: `SELECT 1 AS id, ${value} AS v`,
        partitionColumns: ['v'],
      }),
    ).rejects.toMatchObject({ code: 'DELTA_QUERY' });
  },
);

it('what no variant of Parquet holds is refused, and so is what JSON cannot say', async () => {
  const table = await DeltaTable.create(openMemoryStorage(), {
    ...optionsOf(await openWriter()),
    rows: `SELECT 1::VARIANT AS v`,
  });
  await expect(table.append(`SELECT INTERVAL 1 DAY::VARIANT AS v`)).rejects.toThrow(/VARIANT/);
  await expect(table.append([{ v: { at: new Uint8Array() } }])).rejects.toMatchObject({
    code: 'DELTA_QUERY',
  });
  await expect(table.append([{ v: NaN }])).rejects.toMatchObject({ code: 'DELTA_QUERY' });
  expect(await table.count()).toBe(1);
});

it('a number does not become a variant where columns are merged', async () => {
  const table = await DeltaTable.create(openMemoryStorage(), {
    ...optionsOf(await openWriter()),
    rows: `SELECT 1 AS v`,
  });
  await expect(table.append(`SELECT 1::VARIANT AS v`, { mergeSchema: true })).rejects.toMatchObject({
    code: 'DELTA_QUERY',
  });
});
