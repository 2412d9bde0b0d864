import { describe, expect, test } from 'vitest';
import { attemptName, ledgerKey, snapshotKey, stagedKey } from '../../src/lake/layout.ts';
import { finishRun, passAbandoned } from '../../src/lake/recover.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/port.ts';
import { entryOf, fileOf } from './entries.ts';

const KEY = 'cdc/t_20250101_000000.parquet';
const STAGED = stagedKey(attemptName(3, 'mine'), KEY);
const ENTRY = entryOf(3, fileOf(KEY, STAGED, 4), [snapshotKey('t', attemptName(3, 'mine'))]);

async function storeOf(keys: readonly string[], body = 'file'): Promise<Storage> {
  const storage = openMemoryStorage();
  for (const key of keys) await storage.putIfAbsent(key, Buffer.from(body));
  return storage;
}

async function keysOf(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('')) keys.push(key);
  return keys;
}

describe('what a committed entry leaves to do', () => {
  test('is to show what is staged, and to drop the rest of its attempts and older ones', async () => {
    const live = snapshotKey('t', attemptName(3, 'mine'));
    const storage = await storeOf([
      STAGED,
      live,
      stagedKey(attemptName(3, 'loser'), KEY),
      stagedKey(attemptName(2, 'older'), KEY),
      snapshotKey('t', attemptName(2, 'older')),
      snapshotKey('gone', attemptName(1, 'older')),
    ]);
    await finishRun(storage, ENTRY);
    expect(await keysOf(storage)).toEqual([live, KEY]);
    await finishRun(storage, ENTRY);
    expect(await keysOf(storage)).toEqual([live, KEY]);
  });

  test('leaves a run alone that may still be committed, until none of its number can be', async () => {
    const next = [stagedKey(attemptName(4, 'alive'), KEY), snapshotKey('t', attemptName(4, 'alive'))];
    const storage = await storeOf([KEY, ...next]);
    await finishRun(storage, ENTRY);
    expect(await keysOf(storage)).toEqual(expect.arrayContaining(next));
    const own = { attempt: 'own', writer: 'igarape test', committedAt: '2025-01-02T00:00:00.000Z' };
    const [left = 0] = await finishRun(storage, ENTRY);
    expect(await passAbandoned(storage, ENTRY, [left], left, own)).toBe(ENTRY);
    expect(await keysOf(storage)).toEqual(expect.arrayContaining(next));
    const passed = await passAbandoned(storage, ENTRY, [left], left + 1, own);
    expect(passed).toMatchObject({ run: 4, attempt: 'own', source: ENTRY.source, report: {} });
    expect(await keysOf(storage)).toEqual([ledgerKey(4), KEY]);
  });

  test('leaves alone what is not of its making', async () => {
    const foreign = ['_igarape/staging/notes.txt', 'cdc/other.parquet', 'read me'];
    const storage = await storeOf([KEY, ...foreign]);
    await finishRun(storage, ENTRY);
    expect(await keysOf(storage)).toEqual(expect.arrayContaining(foreign));
  });

  test('does not replace a visible file, and says so where it is another one', async () => {
    const storage = await storeOf([KEY], 'foreign bytes');
    await storage.putIfAbsent(STAGED, Buffer.from('file'));
    await expect(finishRun(storage, ENTRY)).rejects.toMatchObject({ code: 'LAKE_CORRUPT' });
    expect(Buffer.from((await storage.read(KEY)) ?? '').toString()).toBe('foreign bytes');
    expect(await storage.stat(STAGED)).toBeDefined();
  });

  test('is an error where a file is neither staged nor visible', async () => {
    const storage = await storeOf([]);
    await expect(finishRun(storage, ENTRY)).rejects.toThrow(/a committed file of t, is gone/);
  });
});
