import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ledgerKey } from '../../src/lake/layout.ts';
import { decodeEntry, encodeEntry } from '../../src/lake/ledger-entry.ts';
import { commitEntry, readLedger, readLedgerBackwards, readNewestEntry } from '../../src/lake/ledger.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/port.ts';
import { entryOf, fileOf } from './entries.ts';

async function ledgerOf(runs: readonly number[]): Promise<Storage> {
  const storage = openMemoryStorage();
  for (const run of runs) expect(await commitEntry(storage, entryOf(run, null))).toBe(true);
  return storage;
}

async function runsBackwards(storage: Storage): Promise<number[]> {
  const runs: number[] = [];
  for await (const { run } of readLedgerBackwards(storage)) runs.push(run);
  return runs;
}

describe('a ledger', () => {
  test('without runs has no newest entry', async () => {
    const storage = await ledgerOf([]);
    expect(await readNewestEntry(storage)).toBeUndefined();
    expect(await readLedger(storage)).toEqual([]);
    expect(await runsBackwards(storage)).toEqual([]);
  });

  test('is read in the order of its runs, both ways', async () => {
    const runs = Array.from({ length: 21 }, (_, run) => run);
    const storage = await ledgerOf(runs);
    expect((await readLedger(storage)).map(({ run }) => run)).toEqual(runs);
    expect(await runsBackwards(storage)).toEqual(runs.toReversed());
    expect((await readNewestEntry(storage))?.run).toBe(20);
  });

  test('takes a run once', async () => {
    const storage = await ledgerOf([0]);
    const other = { ...entryOf(0, null), attempt: 'another' };
    expect(await commitEntry(storage, other)).toBe(false);
    expect((await readNewestEntry(storage))?.attempt).toBe('attempt-0');
  });

  test('passes over what is no entry', async () => {
    const storage = await ledgerOf([0, 1]);
    await storage.putIfAbsent('_igarape/ledger/zzz.json', Buffer.from('{}'));
    expect((await readNewestEntry(storage))?.run).toBe(1);
    expect(await readLedger(storage)).toHaveLength(2);
  });

  test.each([[[1]], [[0, 2]], [[0, 1, 2, 4]]])('of the runs %j only is corrupt', async (runs) => {
    const storage = await ledgerOf(runs);
    await expect(readLedger(storage)).rejects.toMatchObject({ code: 'LAKE_CORRUPT' });
    await expect(runsBackwards(storage)).rejects.toMatchObject({ code: 'LAKE_CORRUPT' });
  });
});

describe('an entry', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(), (run, key, sizeBytes) => {
        const entry = entryOf(run, fileOf(key, `staged/${key}`, sizeBytes));
        expect(decodeEntry(encodeEntry(entry), ledgerKey(run))).toEqual(entry);
      }),
    );
  });

  test.each([
    ['no UTF-8', Buffer.from([0xff, 0xfe])],
    ['no JSON', Buffer.from('{')],
    ['another type', Buffer.from('[]')],
    [
      'an impossible type of a column',
      Buffer.from(JSON.stringify(entryOf(0, null)).replace('bigint', 'varchar')),
    ],
    ['no part of a base', Buffer.from(JSON.stringify(entryOf(0, null, [])))],
  ])('that holds %s is corrupt, and named', (_what, bytes) => {
    expect(() => decodeEntry(bytes, 'lake/entry')).toThrow(/^The ledger entry lake\/entry cannot be read/);
  });

  test('of a newer format says who wrote it', () => {
    const newer = Buffer.from(JSON.stringify({ format: 2, writer: 'igarape 9', anything: 'else' }));
    expect(() => decodeEntry(newer, 'lake/entry')).toThrow(
      'lake/entry was written by a newer igarape (igarape 9).',
    );
  });
});
