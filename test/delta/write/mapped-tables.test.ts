import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { optimizeTable } from '../../../src/delta/maintain/optimize.ts';
import { restoreTable } from '../../../src/delta/operations/restore.ts';
import { allFields } from '../../../src/delta/schema/schema.ts';
import { loadSnapshot, type Snapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows, overwriteRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, rowsBetween, tableRows } from './table.ts';

const MODE = 'delta.columnMapping.mode';
const MAX_ID = 'delta.columnMapping.maxColumnId';

/** What a table's columns are called in files, and their ids, by their paths. */
function mappedNames({ schema }: Snapshot): Record<string, [unknown, unknown]> {
  return Object.fromEntries(
    allFields(schema).map(({ name, metadata }) => [
      name,
      [metadata['delta.columnMapping.physicalName'], metadata['delta.columnMapping.id']],
    ]),
  );
}

const NEW_NAME = expect.stringMatching(/^col-[\da-f-]{36}$/);

it.for([' ', ',', ';', '{', '}', '(', ')', '\n', '\t', '='])(
  'maps the columns of a new table where a name holds %j',
  async (sign) => {
    const writer = await openWriter();
    const name = `a${sign}b`;
    await createTable(writer, { rows: `SELECT 1 AS id, 2 AS "${name}"` });
    await appendRows(writer, await loadSnapshot(writer), `SELECT 3 AS id, 4 AS "${name}"`);
    const snapshot = await loadSnapshot(writer);
    expect(snapshot.mapping).toBe('name');
    expect(snapshot.configuration[MAX_ID]).toBe('2');
    expect(mappedNames(snapshot)).toEqual({ id: ['id', 1], [name]: [NEW_NAME, 2] });
    expect(await tableRows(writer, snapshot)).toEqual([
      { id: 1, [name]: 2 },
      { id: 3, [name]: 4 },
    ]);
  },
);

it('maps names inside of values, and partition columns, and no table without need', async () => {
  const writer = await openWriter();
  await createTable(writer, {
    rows: `SELECT 1 AS id, 'x' AS "a part", [{'k': 1, 'the value': 2}] AS list`,
    partitionColumns: ['a part'],
  });
  const snapshot = await loadSnapshot(writer);
  expect(mappedNames(snapshot)).toEqual({
    id: ['id', 1],
    'a part': [NEW_NAME, 2],
    list: ['list', 3],
    k: ['k', 4],
    'the value': [NEW_NAME, 5],
  });
  expect(snapshot.protocol).toMatchObject({
    minReaderVersion: 3,
    readerFeatures: ['deletionVectors', 'columnMapping'],
    writerFeatures: expect.arrayContaining(['columnMapping']),
  });
  expect(await tableRows(writer, snapshot)).toEqual([
    { id: 1, 'a part': 'x', list: [{ k: 1, 'the value': 2 }] },
  ]);
  const plain = await openWriter();
  await createTable(plain, { rows: `SELECT 1 AS "été-1.x/y"` });
  expect((await loadSnapshot(plain)).mapping).toBe('none');
});

it('keeps to the old protocol versions where mapping is all that is needed', async () => {
  const writer = await openWriter();
  const configuration = { 'delta.enableDeletionVectors': 'false', 'delta.enableChangeDataFeed': 'false' };
  await createTable(writer, { rows: `SELECT 1 AS "a b"`, configuration });
  expect((await loadSnapshot(writer)).protocol).toEqual({ minReaderVersion: 2, minWriterVersion: 5 });
});

it('begins to map when such a name comes, and its older files stay readable', async () => {
  const writer = await openWriter();
  await createTable(writer, {
    rows: `SELECT 1 AS id, 'p' AS part, {'x': 1} AS at UNION ALL SELECT 2, 'q', NULL`,
    partitionColumns: ['part'],
  });
  await new Merge(writer, () => loadSnapshot(writer), `SELECT 2 AS id, 'q' AS part, true AS "is new"`, {
    on: ['id'],
    mergeSchema: true,
  })
    .whenMatchedUpdateAll()
    .execute();
  const snapshot = await loadSnapshot(writer);
  expect(mappedNames(snapshot)).toEqual({
    id: ['id', 1],
    part: ['part', 2],
    at: ['at', 3],
    x: ['x', 4],
    'is new': [NEW_NAME, 5],
  });
  expect(snapshot.configuration).toMatchObject({ [MODE]: 'name', [MAX_ID]: '5' });
  expect(snapshot.protocol.readerFeatures).toContain('columnMapping');
  const rows = [
    { id: 1, part: 'p', at: { x: 1 }, 'is new': null },
    { id: 2, part: 'q', at: null, 'is new': true },
  ];
  expect(await tableRows(writer, snapshot)).toEqual(rows);
  // The feed, from before the columns were mapped on.
  expect(await rowsBetween(writer, 0, 1)).toHaveLength(4);
  await optimizeTable(writer, snapshot);
  expect(await tableRows(writer, await loadSnapshot(writer))).toEqual(rows);
});

it('maps no columns of a table that is told by old version numbers, whose owner did not ask for it', async () => {
  const writer = await openWriter();
  const configuration = { 'delta.enableDeletionVectors': 'false', 'delta.enableChangeDataFeed': 'false' };
  await createTable(writer, { rows: 'SELECT 1 AS id', configuration });
  await appendRows(writer, await loadSnapshot(writer), 'SELECT 2 AS id, 3 AS "a b"', { mergeSchema: true });
  const snapshot = await loadSnapshot(writer);
  expect(snapshot.mapping).toBe('none');
  expect(await tableRows(writer, snapshot)).toEqual([
    { id: 1, 'a b': null },
    { id: 2, 'a b': 3 },
  ]);
  await overwriteRows(writer, snapshot, 'SELECT 2 AS id, 3 AS "c d"', { overwriteSchema: true });
  const after = await loadSnapshot(writer);
  expect(after.mapping).toBe('name');
  expect(after.protocol).toEqual({
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['columnMapping'],
    writerFeatures: ['appendOnly', 'invariants', 'columnMapping'],
  });
});

it('keeps what columns are called in files whose names stay under another schema', async () => {
  const writer = await openWriter();
  await createTable(writer, {
    rows: `SELECT 1 AS id, 'x' AS "the name", {'a b': 1, 'c': 2} AS at, 'p' AS part`,
    partitionColumns: ['part'],
  });
  const before = await loadSnapshot(writer);
  const rows = `SELECT 'p' AS part, true AS "new one", {'c': 'text', 'a b': 5, 'd': 1} AS at, 3.5 AS "THE NAME"`;
  await overwriteRows(writer, before, rows, { overwriteSchema: true });
  const after = await loadSnapshot(writer);
  const old = mappedNames(before);
  expect(mappedNames(after)).toEqual({
    part: old['part'],
    'new one': [NEW_NAME, 7],
    at: old['at'],
    c: old['c'],
    'a b': old['a b'],
    d: [NEW_NAME, 8],
    'THE NAME': old['the name'],
  });
  expect(after.configuration[MAX_ID]).toBe('8');
  expect(await tableRows(writer, after)).toEqual([
    { part: 'p', 'new one': true, at: { c: 'text', 'a b': 5, d: 1 }, 'THE NAME': '3.5' },
  ]);
  // A column that was there once comes back as a new one.
  await overwriteRows(writer, after, `SELECT 'p' AS part, 1 AS id`, { overwriteSchema: true });
  expect(mappedNames(await loadSnapshot(writer))['id']).toEqual([NEW_NAME, 9]);
  expect(await tableRows(writer, await loadSnapshot(writer, 0))).toEqual([
    { id: 1, 'the name': 'x', at: { 'a b': 1, c: 2 }, part: 'p' },
  ]);
  await restoreTable(writer, await loadSnapshot(writer), await loadSnapshot(writer, 0));
  const restored = await loadSnapshot(writer);
  expect(mappedNames(restored)).toEqual(old);
  expect(restored.configuration[MAX_ID]).toBe('9');
});

it('takes the feature that another schema needs into the protocol', async () => {
  const writer: Writer = await openWriter();
  const configuration = { 'delta.enableDeletionVectors': 'false' };
  await createTable(writer, { rows: 'SELECT 1 AS id', configuration });
  const before = await loadSnapshot(writer);
  expect(before.protocol).toMatchObject({ minReaderVersion: 1, minWriterVersion: 7 });
  const rows = `SELECT 1 AS id, TIMESTAMP '2024-01-01 00:00:00' AS at`;
  await expect(appendRows(writer, before, rows, { mergeSchema: true })).rejects.toMatchObject({
    code: 'DELTA_UNSUPPORTED',
    message: expect.stringContaining('timestampNtz'),
  });
  await overwriteRows(writer, before, rows, { overwriteSchema: true });
  const after = await loadSnapshot(writer);
  expect(after.protocol).toEqual({
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['timestampNtz'],
    writerFeatures: ['appendOnly', 'invariants', 'changeDataFeed', 'timestampNtz'],
  });
  expect(await tableRows(writer, after)).toEqual([{ id: 1, at: '2024-01-01T00:00:00' }]);
});
