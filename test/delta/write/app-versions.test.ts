import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { deleteRows } from '../../../src/delta/operations/delete-rows.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { replaceWhere } from '../../../src/delta/operations/replace-where.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { updateRows } from '../../../src/delta/operations/update-rows.ts';
import { appendRows, overwriteRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, tableRows } from './table.ts';

const app = [
  { appId: 'model', version: 3n },
  { appId: 'ledger', version: 12n },
];

async function table(): Promise<Writer> {
  const writer = await openWriter();
  await createTable(writer, { rows: 'SELECT 1 AS id', app: { appId: 'first', version: 1n } });
  return writer;
}

async function versions(writer: Writer): Promise<Record<string, bigint>> {
  const { state } = await loadSnapshot(writer);
  return Object.fromEntries([...state.transactions].map(([appId, { version }]) => [appId, version]));
}

it.for([
  {
    what: 'an append',
    write: async (writer: Writer) =>
      appendRows(writer, await loadSnapshot(writer), 'SELECT 2 AS id', { app }),
  },
  {
    what: 'an overwrite',
    write: async (writer: Writer) =>
      overwriteRows(writer, await loadSnapshot(writer), 'SELECT 2 AS id', { app }),
  },
  {
    what: 'an overwrite of some rows',
    write: async (writer: Writer) =>
      replaceWhere(writer, await loadSnapshot(writer), 'SELECT 1 AS id', { where: 'id = 1', app }),
  },
  {
    what: 'an overwrite of no rows',
    write: async (writer: Writer) =>
      replaceWhere(writer, await loadSnapshot(writer), 'SELECT 7 AS id WHERE false', {
        where: 'id = 7',
        app,
      }),
  },
  {
    what: 'a delete',
    write: async (writer: Writer) => deleteRows(writer, await loadSnapshot(writer), { where: 'id = 1', app }),
  },
  {
    what: 'an update',
    write: async (writer: Writer) =>
      updateRows(writer, await loadSnapshot(writer), { set: { id: '5' }, app }),
  },
  { what: 'a merge', write: async (writer: Writer) => merge(writer, 'SELECT 2 AS id') },
  { what: 'a merge that changes no row', write: async (writer: Writer) => merge(writer, 'SELECT 1 AS id') },
  { what: 'a merge of no row', write: async (writer: Writer) => merge(writer, 'SELECT 1 AS id WHERE false') },
])('notes every application of $what, once', async ({ write }) => {
  const writer = await table();
  expect(await write(writer)).toMatchObject({ committed: true, version: 1 });
  expect(await versions(writer)).toEqual({ first: 1n, model: 3n, ledger: 12n });
  expect(await write(writer)).toMatchObject({ committed: false, version: 1 });
});

async function merge(writer: Writer, source: string): Promise<{ version: number }> {
  return new Merge(writer, () => loadSnapshot(writer), source, { on: ['id'], app })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
}

it('writes where one application is behind, and takes no version back', async () => {
  const writer = await table();
  await appendRows(writer, await loadSnapshot(writer), 'SELECT 2 AS id', {
    app: { appId: 'model', version: 4n },
  });
  const both = await appendRows(writer, await loadSnapshot(writer), 'SELECT 3 AS id', { app });
  expect(both.committed).toBe(true);
  expect(await versions(writer)).toEqual({ first: 1n, model: 4n, ledger: 12n });
});

it('passes over its versions only where winners have written all of them', async () => {
  const writer = await table();
  const snapshot = await loadSnapshot(writer);
  const [model] = app;
  await appendRows(writer, snapshot, 'SELECT 2 AS id', { app: model ?? [] });
  await expect(appendRows(writer, snapshot, 'SELECT 2 AS id', { app })).rejects.toMatchObject({
    code: 'DELTA_CONFLICT',
    message: expect.stringContaining('the same application'),
  });
  await appendRows(writer, await loadSnapshot(writer), 'SELECT 3 AS id', { app });
  expect(await appendRows(writer, await loadSnapshot(writer, 1), 'SELECT 3 AS id', { app })).toMatchObject({
    committed: false,
    version: 2,
  });
  expect(await tableRows(writer, await loadSnapshot(writer))).toHaveLength(3);
});

it('begins with several, and refuses one application twice', async () => {
  const writer = await openWriter();
  await createTable(writer, { rows: 'SELECT 1 AS id', app });
  expect(await versions(writer)).toEqual({ model: 3n, ledger: 12n });
  const twice = [...app, { appId: 'model', version: 9n }];
  await expect(
    appendRows(writer, await loadSnapshot(writer), 'SELECT 3 AS id', { app: twice }),
  ).rejects.toMatchObject({ code: 'DELTA_QUERY', message: expect.stringContaining('model') });
});

it('takes a version back only where it is reset', async () => {
  const writer = await table();
  await appendRows(writer, await loadSnapshot(writer), 'SELECT 2 AS id', { app });
  const earlier = { appId: 'model', version: 1n };
  const again = await appendRows(writer, await loadSnapshot(writer), 'SELECT 3 AS id', { app: earlier });
  expect(again.committed).toBe(false);
  const reset = { app: { ...earlier, isReset: true } };
  await appendRows(writer, await loadSnapshot(writer), 'SELECT 3 AS id', reset);
  expect(await versions(writer)).toMatchObject({ model: 1n });
  expect((await appendRows(writer, await loadSnapshot(writer), 'SELECT 3 AS id', reset)).committed).toBe(
    false,
  );
});
