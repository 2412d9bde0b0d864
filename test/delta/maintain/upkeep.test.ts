import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeCheckpoint } from '../../../src/delta/log/checkpoint-write.ts';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { deleteRows } from '../../../src/delta/operations/delete-rows.ts';
import { cleanLog } from '../../../src/delta/log/cleanup.ts';
import { optimizeTable } from '../../../src/delta/maintain/optimize.ts';
import { restoreTable } from '../../../src/delta/operations/restore.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { vacuumTable } from '../../../src/delta/maintain/vacuum.ts';
import { appendRows } from '../../../src/delta/operations/write-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import type { Storage } from '../../../src/storage/port.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openWriter, rowsBetween, tableRows } from '../write/table.ts';

const dir = useTempDir();
const DAY_MS = 86_400_000;

/** Two versions of a row each, and a third without the first row. */
async function table(storage?: Storage): Promise<Writer> {
  const writer = await openWriter(storage);
  await createTable(writer, { rows: 'SELECT 1 AS id' });
  await appendRows(writer, await loadSnapshot(writer), 'SELECT i::INTEGER AS id FROM range(2, 11) t(i)');
  await deleteRows(writer, await loadSnapshot(writer), { where: 'id IN (1, 5)' });
  return writer;
}

async function ids(writer: Writer, version?: number): Promise<unknown[]> {
  return (await tableRows(writer, await loadSnapshot(writer, version))).map(({ id }) => id);
}

it('writes a checkpoint that stands for the whole log', async () => {
  const writer = await table();
  const before = await loadSnapshot(writer);
  await writeCheckpoint(writer, before);
  await writer.storage.delete(
    [0, 1, 2].map((version) => `_delta_log/${String(version).padStart(20, '0')}.json`),
  );
  const after = await loadSnapshot(writer);
  expect(after.segment.checkpoint?.version).toBe(2);
  expect(after.metadata).toEqual(before.metadata);
  expect(after.protocol).toEqual(before.protocol);
  expect((await after.files()).map((file) => ({ ...file, dataChange: true }))).toEqual(await before.files());
  expect([...after.state.tombstones.keys()]).toEqual([...before.state.tombstones.keys()]);
  expect(await ids(writer)).toHaveLength(8);
});

it('writes a checkpoint by the interval of the table', async () => {
  const writer = await openWriter();
  await createTable(writer, { rows: 'SELECT 0 AS id', configuration: { 'delta.checkpointInterval': '3' } });
  for (let id = 1; id < 8; id += 1)
    await appendRows(writer, await loadSnapshot(writer), `SELECT ${id} AS id`);
  const snapshot = await loadSnapshot(writer);
  expect(snapshot.segment.checkpoint?.version).toBe(6);
  expect(await ids(writer)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it('puts files together and takes deleted rows out, without a change to tell', async () => {
  const writer = await table();
  const result = await optimizeTable(writer, await loadSnapshot(writer));
  expect(result.version).toBe(3);
  const snapshot = await loadSnapshot(writer);
  const files = await snapshot.files();
  expect(files).toHaveLength(1);
  expect(files[0]?.deletionVector).toBeUndefined();
  expect(await ids(writer)).toEqual(await ids(writer, 2));
  expect(await rowsBetween(writer, 3, 3)).toEqual([]);
  expect(await optimizeTable(writer, snapshot)).toMatchObject({ committed: false });
});

it('lets an append follow an optimize, and refuses an optimize of files that were changed', async () => {
  const writer = await table();
  const snapshot = await loadSnapshot(writer);
  await appendRows(writer, snapshot, 'SELECT 99 AS id');
  await optimizeTable(writer, snapshot);
  expect(await ids(writer)).toContain(99);
  await expect(optimizeTable(writer, snapshot)).rejects.toMatchObject({ code: 'DELTA_CONFLICT' });
});

it('restores an older version', async () => {
  const writer = await table();
  await restoreTable(writer, await loadSnapshot(writer), await loadSnapshot(writer, 1));
  expect(await ids(writer)).toEqual(await ids(writer, 1));
  const changes = await rowsBetween(writer, 3, 3);
  expect(changes.map(({ id, _change_type }) => [id, _change_type])).toEqual([
    [1, 'insert'],
    [5, 'insert'],
  ]);
});

it('removes no file that the table or a version within the retention needs', async () => {
  const writer = await table(openLocalStorage(dir()));
  await optimizeTable(writer, await loadSnapshot(writer));
  const old = Date.UTC(2020, 0, 1) / 1000;
  for await (const { key } of writer.storage.list('')) await utimes(join(dir(), key), old, old);
  const snapshot = await loadSnapshot(writer);
  // Whatever was removed is younger than a week.
  expect(
    (await vacuumTable(writer, snapshot)).files.filter((key) => !key.startsWith('_change_data')),
  ).toEqual([]);
  await expect(vacuumTable(writer, snapshot, { retentionMs: 0 })).rejects.toMatchObject({
    code: 'DELTA_QUERY',
  });
  const all = { retentionMs: 0, allowShortRetention: true };
  const later = { ...writer, now: () => writer.now() + DAY_MS };
  const dry = await vacuumTable(later, snapshot, { ...all, dryRun: true });
  expect(await ids(writer, 2)).toHaveLength(8);
  expect(dry.files.length).toBeGreaterThan(2);
  expect((await vacuumTable(later, snapshot, all)).files).toEqual(dry.files);
  expect(await ids(writer)).toHaveLength(8);
  await expect(ids(writer, 2)).rejects.toMatchObject({ code: 'DELTA_MISSING' });
  await expect(restoreTable(writer, snapshot, await loadSnapshot(writer, 1))).rejects.toMatchObject({
    code: 'DELTA_MISSING',
  });
});

it('cleans the log up to the last checkpoint before what is kept', async () => {
  const writer = await table(openLocalStorage(dir()));
  await writeCheckpoint(writer, await loadSnapshot(writer, 1));
  const old = Date.UTC(2020, 0, 1) / 1000;
  for (const version of [0, 1, 2]) {
    await utimes(join(dir(), `_delta_log/${String(version).padStart(20, '0')}.json`), old, old);
  }
  const gone = await cleanLog(writer.storage, await loadSnapshot(writer), writer.now());
  expect(gone).toEqual(['_delta_log/00000000000000000000.json']);
  expect(await ids(writer, 1)).toHaveLength(10);
  expect(await ids(writer)).toHaveLength(8);
});

it('tells the log of a vacuum where an application asks for it, once for each of its versions', async () => {
  const writer = await table();
  const app = { appId: 'keeper', version: 7n };
  await vacuumTable(writer, await loadSnapshot(writer), { app, dryRun: true });
  await vacuumTable(writer, await loadSnapshot(writer));
  expect((await loadSnapshot(writer)).version).toBe(2);
  for (let time = 0; time < 2; time += 1) await vacuumTable(writer, await loadSnapshot(writer), { app });
  const { version, state } = await loadSnapshot(writer);
  expect({ version, app: state.transactions.get('keeper')?.version }).toEqual({ version: 3, app: 7n });
  expect(await ids(writer)).toHaveLength(8);
});

it('leaves files whose names no path of a log is read as, and takes the others', async () => {
  const writer = await table(openLocalStorage(dir()));
  const old = Date.UTC(2020, 0, 1) / 1000;
  const names = ['a\\b.parquet', 'a\nb.parquet', 'plain.parquet'];
  for (const name of names) {
    await writeFile(join(dir(), name), 'x');
    await utimes(join(dir(), name), old, old);
  }
  for (const dryRun of [true, false])
    expect((await vacuumTable(writer, await loadSnapshot(writer), { dryRun })).files).toEqual([
      'plain.parquet',
    ]);
  expect(names.filter((name) => name !== 'plain.parquet')).toEqual(
    (await readdir(dir()))
      .filter((name) => /^(?:a|plain)/.test(name))
      .toSorted()
      .toReversed(),
  );
});
