import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import type { Write, WriteListeners } from '../../support/wrapped-storage.ts';
import { type Change, ForeignLake, TABLE } from './foreign-lake.ts';
import { applyInProcess } from './foreign-process.ts';

const dir = useTempDir();

function change(op: string | null, id: number | null, v: string | null, ts: number | null): Change {
  return { op, id, v, ts };
}

/** A lake that has taken a file, with others to take: an update, a delete, a late change, an insert, an odd row. */
async function prepared(folder: string): Promise<ForeignLake> {
  const lake = await ForeignLake.open(folder);
  await lake.writeChanges('1.parquet', [
    change('I', 1, 'a', 10),
    change('I', 2, 'b', 10),
    change('I', 3, 'c', 10),
  ]);
  await lake.run();
  await lake.writeChanges('2.parquet', [change('U', 1, 'A', 20), change('D', 2, 'b', 20)]);
  await lake.writeChanges('3.parquet', [
    change('U', 3, 'late', 5),
    change('I', 4, 'd', 20),
    change('?', 5, 'odd', 20),
  ]);
  return lake;
}

const AFTER = [
  { id: 1n, v: 'A' },
  { id: 3n, v: 'c' },
  { id: 4n, v: 'd' },
];
const FEED = ['delete 2 b', 'insert 4 d', 'update_postimage 1 A', 'update_preimage 1 a'];

async function expectFinished(lake: ForeignLake, what: string): Promise<void> {
  expect([what, await lake.rows()]).toEqual([what, AFTER]);
  expect([what, await lake.feed(1)]).toEqual([what, FEED]);
  expect([what, (await lake.quarantine(1)).map(({ v }) => v)]).toEqual([what, ['odd']]);
}

/** What a killed run has left lying about goes with the next batch. */
async function expectTidy(lake: ForeignLake): Promise<void> {
  await lake.writeChanges('9.parquet', [change('U', 1, 'A', 99)]);
  await lake.run();
  expect(await lake.keys(`_igarape/bronze/${TABLE}/staged/`)).toEqual([]);
}

test('a run that fails before or after any of its writes is finished by the next one, with one set of changes', async () => {
  const writes: string[] = [];
  const whole = await prepared(join(dir(), 'whole'));
  await whole.run({ listeners: { before: ({ keys }) => void writes.push(keys.join(' ')) } });
  await expectFinished(whole, 'undisturbed');
  expect(writes.length).toBeGreaterThan(5);
  for (let write = 1; write <= writes.length; write += 1) {
    for (const moment of ['before', 'after'] as const) {
      const what = `failed ${moment} write ${write}, ${writes[write - 1]}`;
      const lake = await prepared(join(dir(), `${write}-${moment}`));
      const seen: Write[] = [];
      const fail = (now: string, one: Write): void => {
        if (now === 'before') seen.push(one);
        if (now === moment && seen[write - 1] === one) throw new Error('injected');
      };
      const listeners: WriteListeners = {
        before: (one) => fail('before', one),
        after: (one) => fail('after', one),
      };
      await expect(lake.run({ listeners }), what).rejects.toThrow('injected');
      await lake.run();
      await expectFinished(lake, what);
      expect(await lake.run()).toMatchObject({ operation: 'unchanged', inserted: 0, updated: 0, deleted: 0 });
      await expectTidy(lake);
    }
  }
}, 300_000);

test('a run that is killed at any of its writes is finished by the next one', async () => {
  const original = await prepared(join(dir(), 'original'));
  const copy = async (name: string): Promise<string> => {
    const folder = join(dir(), name);
    for (const part of ['lake', 'cdc'])
      await cp(join(original.folder, part), join(folder, part), {
        recursive: true,
        preserveTimestamps: true,
      });
    return folder;
  };
  let write = 1;
  for (; ; write += 1) {
    const folder = await copy(`kill-${write}`);
    const signal = await applyInProcess({ folder, write });
    if (signal === null) break;
    expect(signal).toBe('SIGKILL');
    const lake = await ForeignLake.open(folder);
    await lake.run();
    await expectFinished(lake, `killed before write ${write}`);
    await expectTidy(lake);
  }
  expect(write).toBeGreaterThan(5);
}, 300_000);

test('a killed run is finished from what it staged, although its files are gone or others by then', async () => {
  const lake = await prepared(dir());
  const die = ({ keys }: { readonly keys: readonly string[] }): void => {
    if (keys.some((key) => key.startsWith(`_igarape/bronze/${TABLE}/keys/`))) throw new Error('injected');
  };
  await expect(lake.run({ listeners: { before: die } })).rejects.toThrow('injected');
  await lake.remove('2.parquet');
  await lake.writeChanges('3.parquet', [change('U', 1, 'older than what was read', 15)]);
  await lake.run();
  await expectFinished(lake, 'files are gone');
});

test('of two runs at once one takes the files in, and the other stops loudly and changes nothing', async () => {
  const lake = await prepared(dir());
  const other: { report?: unknown } = {};
  const overtake = async ({ keys }: { readonly keys: readonly string[] }): Promise<void> => {
    if (other.report !== undefined || !keys.some((key) => key.includes('/batches/'))) return;
    other.report = 'begun';
    other.report = await lake.run();
  };
  await expect(lake.run({ listeners: { before: overtake } })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(other.report).toMatchObject({ operation: 'updated', inserted: 1, updated: 1, deleted: 1 });
  await lake.run();
  await expectFinished(lake, 'after both');
});

test('a run that is overtaken after its commit leaves what the other has finished', async () => {
  const lake = await prepared(dir());
  let isOvertaken = false;
  const overtake = async ({ keys }: { readonly keys: readonly string[] }): Promise<void> => {
    if (isOvertaken || !keys.some((key) => key.startsWith(`bronze/${TABLE}/_delta_log/`))) return;
    isOvertaken = true;
    await lake.run();
  };
  await lake.run({ listeners: { before: overtake } });
  expect(isOvertaken).toBe(true);
  await expectFinished(lake, 'after both');
});
