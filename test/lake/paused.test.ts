import { expect, test } from 'vitest';
import { openLocalStorage } from '../../src/storage/local.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage, type WriteListeners } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const HOUR_MS = 60 * 60 * 1000;
const TABLES = [
  { name: 'a', pk: 'id' },
  { name: 'b', pk: 'id' },
];

/** The lake as a process sees it whose clock is ahead by so many hours. */
function open(hours: () => number = () => 0, listeners: WriteListeners = {}): Scenario {
  const { config } = openScenario(dir(), { tables: TABLES });
  const storage = wrapStorage(openLocalStorage(config.lake.uri), listeners);
  const clock = (): number => Date.now() + hours() * HOUR_MS;
  return openScenario(dir(), { tables: TABLES }, { storage, edge: { clock } });
}

async function firstRun(): Promise<void> {
  const first = open();
  for (const table of TABLES) await first.write(`${table.name}.csv`, 'id,v\n1,x\n2,y\n');
  await first.run();
  await first.write('a.csv', 'id,v\n1,x\n2,z\n');
}

test('a run that is paused for a day before its commit publishes nothing, and the next one goes on', async () => {
  await firstRun();
  let cleaned: number | null | undefined;
  const paused = open(undefined, {
    before: async ({ keys }) => {
      if (cleaned !== undefined || !keys.some((key) => key.startsWith('_igarape/ledger/'))) return;
      // It finds nothing to record of its own table, and the files of a run that looks dead.
      cleaned = (await open(() => 25).run({ tables: ['b'] })).report.run;
    },
  });
  await expect(paused.run()).rejects.toMatchObject({ code: 'CONFLICT', exitCode: 6 });
  expect(cleaned).toBeNull();
  const { report, exitCode } = await open().run();
  const updated = report.tables['a']?.updated;
  expect({ exitCode, run: report.run, updated }).toEqual({ exitCode: 0, run: 2, updated: 1 });
  expect(await open().verify()).toMatchObject({ ok: true, runs: 3 });
});

test('a run of some hours looks once more at what it has staged, and fails where something has removed it', async () => {
  await firstRun();
  let hours = 0;
  const robbed = open(() => hours, {
    after: async ({ call, keys }) => {
      if (call !== 'upload' || !keys.some((key) => key.startsWith('_igarape/staging/'))) return;
      hours = 2;
      await open().storage.delete(keys);
    },
  });
  await expect(robbed.run()).rejects.toMatchObject({ code: 'LAKE_NOT_FOUND', retryable: true });
  expect((await open().run()).report.tables['a']).toMatchObject({ operation: 'cdc', updated: 1 });
  expect(await open().verify()).toMatchObject({ ok: true, runs: 2 });
});
