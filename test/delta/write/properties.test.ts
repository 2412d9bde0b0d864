import { expect, it } from 'vitest';
import type { Protocol } from '../../../src/delta/protocol/actions.ts';
import { readCommit } from '../../../src/delta/log/commit-read.ts';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { setProperties } from '../../../src/delta/operations/alter-table.ts';
import { deleteRows } from '../../../src/delta/operations/delete-rows.ts';
import { replaceWhere } from '../../../src/delta/operations/replace-where.ts';
import { loadSnapshot, type Snapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows, overwriteRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, rowsBetween, tableRows } from './table.ts';

async function table(configuration: Readonly<Record<string, string>> = {}): Promise<Writer> {
  const writer = await openWriter();
  await createTable(writer, {
    rows: 'SELECT 1 AS id UNION ALL SELECT 2',
    configuration: { owner: 'sales', ...configuration },
  });
  return writer;
}

const configuration = { 'igarape.model': 'SELECT 1', owner: 'finance' };

it.for([
  {
    what: 'an overwrite',
    write: (writer: Writer, before: Snapshot) =>
      overwriteRows(writer, before, 'SELECT 3 AS id', { configuration }),
  },
  {
    what: 'an overwrite of the schema',
    write: (writer: Writer, before: Snapshot) =>
      overwriteRows(writer, before, `SELECT 3 AS id, 'x' AS name`, { configuration, overwriteSchema: true }),
  },
  {
    what: 'an overwrite of some rows',
    write: (writer: Writer, before: Snapshot) =>
      replaceWhere(writer, before, 'SELECT 3 AS id', { where: 'id > 1', configuration }),
  },
  {
    what: 'an append',
    write: (writer: Writer, before: Snapshot) =>
      appendRows(writer, before, 'SELECT 3 AS id', { configuration }),
  },
])('sets properties in the commit of $what, and keeps the others', async ({ write }) => {
  const writer = await table();
  const before = await loadSnapshot(writer);
  expect(await write(writer, before)).toMatchObject({ version: 1, committed: true });
  const after = await loadSnapshot(writer);
  expect(after.configuration).toEqual({ ...before.configuration, ...configuration });
  expect(after.metadata.id).toBe(before.metadata.id);
  expect((await tableRows(writer, after)).map(({ id }) => id)).toContain(3);
});

it('makes no new metadata of properties that are as they were', async () => {
  const writer = await table();
  const before = await loadSnapshot(writer);
  await overwriteRows(writer, before, 'SELECT 3 AS id', { configuration: { owner: 'sales' } });
  const actions = (await readCommit(writer.storage, 1)) ?? [];
  expect(actions.flatMap((action) => Object.keys(action)).toSorted()).toEqual([
    'add',
    'commitInfo',
    'remove',
  ]);
});

it('commits properties alone, where no row changes', async () => {
  const writer = await table();
  const before = await loadSnapshot(writer);
  const none = await replaceWhere(writer, before, 'SELECT 9 AS id WHERE false', {
    where: 'id = 9',
    configuration,
  });
  expect(none.committed).toBe(true);
  expect((await loadSnapshot(writer)).configuration).toMatchObject(configuration);
});

it('takes the features that properties need into the protocol of the same commit', async () => {
  const writer = await table({
    'delta.enableDeletionVectors': 'false',
    'delta.enableChangeDataFeed': 'false',
  });
  const before = await loadSnapshot(writer);
  expect(before.protocol).toEqual({ minReaderVersion: 1, minWriterVersion: 2 });
  await overwriteRows(writer, before, 'SELECT 3 AS id UNION ALL SELECT 4', {
    configuration: { 'delta.enableDeletionVectors': 'true', 'delta.enableChangeDataFeed': 'true' },
  });
  const after = await loadSnapshot(writer);
  expect(after.protocol).toEqual({
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ['deletionVectors'],
    writerFeatures: ['appendOnly', 'invariants', 'deletionVectors', 'changeDataFeed'],
  } satisfies Protocol);
  const { metrics } = await deleteRows(writer, after, { where: 'id = 3' });
  expect(metrics).toMatchObject({ numDeletionVectorsAdded: 1 });
  expect(await rowsBetween(writer, 2, 2)).toMatchObject([{ id: 3, _change_type: 'delete' }]);
});

it('refuses properties that a new table is refused, and constraints that it cannot answer for', async () => {
  const writer = await table();
  const before = await loadSnapshot(writer);
  const constraint = { 'delta.constraints.small': 'id < 3' };
  for (const [asked, code] of [
    [{ 'delta.enableRowTracking': 'true' }, 'DELTA_UNSUPPORTED'],
    [{ 'delta.columnMapping.mode': 'name' }, 'DELTA_UNSUPPORTED'],
    [constraint, 'DELTA_CONSTRAINT'],
  ] as const) {
    await expect(
      overwriteRows(writer, before, 'SELECT 3 AS id', { configuration: asked }),
    ).rejects.toMatchObject({ code });
  }
  await expect(
    replaceWhere(writer, before, 'SELECT 2 AS id', { where: 'id = 2', configuration: constraint }),
  ).rejects.toMatchObject({ code: 'DELTA_UNSUPPORTED', message: expect.stringContaining('small') });
  expect((await loadSnapshot(writer)).version).toBe(0);
  await overwriteRows(writer, before, 'SELECT 2 AS id', { configuration: constraint });
  const { protocol } = await loadSnapshot(writer);
  expect(protocol.writerFeatures).toContain('checkConstraints');
});

it.for([
  ['delta.appendOnly', 'maybe', 'TRUE'],
  ['delta.checkpointInterval', '0', '25'],
  ['delta.checkpointInterval', 'often', '1'],
  ['delta.checkpointPolicy', 'v3', 'v2'],
  ['delta.dataSkippingNumIndexedCols', '-2', '-1'],
  ['delta.deletedFileRetentionDuration', '7', 'interval 7 days'],
  ['delta.logRetentionDuration', 'interval 1 month', 'interval 30 days'],
  ['delta.isolationLevel', 'Snapshot', 'WriteSerializable'],
  ['delta.parquet.compression.codec', 'brotli', 'zstd'],
  ['delta.targetFileSize', 'large', '64mb'],
  ['delta.enableChangeDataFeed', '', 'False'],
] as const)(
  'takes no value for %s that would shut the table to others, as %s',
  async ([name, wrong, right]) => {
    const writer = await table();
    const before = await loadSnapshot(writer);
    const refused = { code: 'DELTA_QUERY', message: expect.stringContaining(name) };
    await expect(setProperties(writer, before, { [name]: wrong })).rejects.toMatchObject(refused);
    await expect(
      createTable(await openWriter(), { rows: 'SELECT 1 AS id', configuration: { [name]: wrong } }),
    ).rejects.toMatchObject(refused);
    expect((await loadSnapshot(writer)).version).toBe(0);
    await setProperties(writer, before, { [name]: right });
    expect((await loadSnapshot(writer)).configuration).toMatchObject({ [name]: right });
  },
);

it('takes switches in any case, as others may have set them', async () => {
  const writer = await table({ 'delta.enableChangeDataFeed': 'True', 'delta.enableDeletionVectors': 'TRUE' });
  const { metrics } = await deleteRows(writer, await loadSnapshot(writer), { where: 'id = 1' });
  expect(metrics).toMatchObject({ numDeletionVectorsAdded: 1 });
  expect(await rowsBetween(writer, 1, 1)).toMatchObject([{ id: 1, _change_type: 'delete' }]);
  await setProperties(writer, await loadSnapshot(writer), { 'delta.appendOnly': 'True' });
  const locked = await loadSnapshot(writer);
  await expect(deleteRows(writer, locked, { where: 'id = 2' })).rejects.toMatchObject({
    code: 'DELTA_CONSTRAINT',
  });
});
