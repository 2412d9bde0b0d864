import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { deleteRows } from '../../../src/delta/operations/delete-rows.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { loadSnapshot, type Snapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows, overwriteRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openWriter, tableRows } from '../write/table.ts';

async function table(): Promise<{ writer: Writer; snapshot: Snapshot }> {
  const writer = await openWriter();
  await createTable(writer, {
    rows: 'SELECT 1 AS id, 1 AS part UNION ALL SELECT 2, 2',
    partitionColumns: ['part'],
  });
  return { writer, snapshot: await loadSnapshot(writer) };
}

it('lets blind appends follow whatever was committed before them', async () => {
  const { writer, snapshot } = await table();
  await deleteRows(writer, snapshot, { where: 'id = 1' });
  const results = await Promise.all(
    [3, 4, 5].map((id) => appendRows(writer, snapshot, `SELECT ${id} AS id, 1 AS part`)),
  );
  expect(new Set(results.map(({ version }) => version))).toEqual(new Set([2, 3, 4]));
  const rows = await tableRows(writer, await loadSnapshot(writer));
  expect(rows.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
});

it('names the winner, and leaves no file behind, where rows that were read are changed', async () => {
  const { writer, snapshot } = await table();
  await deleteRows(writer, snapshot, { where: 'id = 1' });
  const merge = new Merge(writer, async () => snapshot, 'SELECT 1 AS id, 5 AS part', { on: ['id'] });
  await expect(merge.whenMatchedUpdateAll().execute()).rejects.toMatchObject({
    code: 'DELTA_CONFLICT',
    message: expect.stringMatching(/version 1 \(DELETE\)/),
  });
  const keys: string[] = [];
  for await (const { key } of writer.storage.list('')) keys.push(key);
  expect(keys.filter((key) => key.includes('part=5') || key.startsWith('_change_data'))).toEqual([]);
});

it('lets changes of different partitions pass, and new rows elsewhere', async () => {
  const { writer, snapshot } = await table();
  await deleteRows(writer, snapshot, { where: 'part = 1' });
  await appendRows(writer, snapshot, 'SELECT 9 AS id, 3 AS part');
  const { version } = await deleteRows(writer, snapshot, { where: 'part = 2' });
  expect(version).toBe(3);
  await expect(deleteRows(writer, snapshot, { where: 'part = 3' })).resolves.toMatchObject({
    committed: false,
  });
});

it('refuses an overwrite of rows that it has not seen', async () => {
  const { writer, snapshot } = await table();
  await appendRows(writer, snapshot, 'SELECT 9 AS id, 3 AS part');
  await expect(overwriteRows(writer, snapshot, 'SELECT 0 AS id, 0 AS part')).rejects.toMatchObject({
    code: 'DELTA_CONFLICT',
    message: expect.stringMatching(/version 1 \(WRITE\)/),
  });
});

it('passes over its own version of an application that a winner has written', async () => {
  const { writer, snapshot } = await table();
  const app = { appId: 'bronze', version: 3n };
  await appendRows(writer, snapshot, 'SELECT 9 AS id, 3 AS part', { app });
  const again = await appendRows(writer, snapshot, 'SELECT 9 AS id, 3 AS part', { app });
  expect(again).toMatchObject({ committed: false, version: 1 });
  expect(await tableRows(writer, await loadSnapshot(writer))).toHaveLength(3);
});

it('refuses to create a table where there is one', async () => {
  const { writer } = await table();
  await expect(createTable(writer, { rows: 'SELECT 1 AS id' })).rejects.toMatchObject({
    code: 'DELTA_CONFLICT',
  });
});
