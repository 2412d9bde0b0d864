import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ledgerKey } from '../../src/lake/layout.ts';
import type { RunRequest } from '../../src/pipeline/context.ts';
import { CycleMemory } from '../../src/pipeline/cycle-memory.ts';
import type { RunReport } from '../../src/pipeline/report.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import type { Storage } from '../../src/storage/port.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { CONFIG, MODELS, shopFiles, writeModels } from './shop.ts';

const dir = useTempDir();
const DAY_MS = 86_400_000;

/** A store that notes what it is asked, as `read bronze/clients/_delta_log/…`. */
function noted(storage: Storage, calls: string[]): Storage {
  const note = (call: string, key: string): void => void calls.push(`${call} ${key}`);
  return {
    uri: storage.uri,
    read: async (key) => (note('read', key), storage.read(key)),
    stat: async (key) => (note('stat', key), storage.stat(key)),
    list: (prefix, startAfter) => (note('list', prefix), storage.list(prefix, startAfter)),
    foldersIn: async (folder) => (note('foldersIn', folder), storage.foldersIn(folder)),
    localFile: async (key, path) => (note('localFile', key), storage.localFile(key, path)),
    putIfAbsent: async (key, body) => (note('putIfAbsent', key), storage.putIfAbsent(key, body)),
    upload: async (path, key, onBytes) => (note('upload', key), storage.upload(path, key, onBytes)),
    copy: async (from, to) => (note('copy', to), storage.copy(from, to)),
    delete: async (keys) => {
      for (const key of keys) note('delete', key);
      return storage.delete(keys);
    },
  };
}

interface Cycles {
  readonly scenario: Scenario;
  readonly publish: (state: number) => Promise<void>;
  /** A cycle of the one process, and what it asked of the store. */
  readonly cycle: (
    request?: Partial<RunRequest>,
  ) => Promise<{ readonly report: RunReport; readonly calls: readonly string[] }>;
}

async function openCycles(config: object = {}): Promise<Cycles> {
  const calls: string[] = [];
  const storage = noted(openLocalStorage(join(dir(), 'lake')), calls);
  let clockMs = Date.UTC(2025, 0, 1);
  const edge = { clock: () => clockMs };
  const scenario = openScenario(dir(), { ...CONFIG, ...config }, { storage, edge });
  const memory = new CycleMemory();
  await writeModels(dir());
  return {
    scenario,
    publish: async (state) => {
      for (const [name, text] of Object.entries(shopFiles(state))) await scenario.write(name, text);
    },
    cycle: async (request = {}) => {
      calls.length = 0;
      clockMs += DAY_MS;
      const { report } = await scenario.run({ ...request, memory });
      return { report, calls: [...calls] };
    },
  };
}

function worked({ layers = {} }: RunReport): string[] {
  return Object.entries(layers).flatMap(([name, { operation }]) => (operation === 'unchanged' ? [] : [name]));
}

const ofLayers = (call: string): boolean => /^\w+ (?:bronze|silver|gold)\//.test(call);

/** What the raw lake is asked by a cycle that finds nothing; whatever was published last has its file looked at. */
function expectIdle(calls: readonly string[], run: number): void {
  const rest = calls.filter((call) => !/^stat (?:cdc|full-load)\//.test(call));
  expect(rest).toEqual([
    'list _igarape/ledger/',
    `read ${ledgerKey(run)}`,
    'list _igarape/staging/',
    'list _igarape/snapshots/',
    'list _igarape/rejects/',
  ]);
}

test('a cycle with nothing new asks the store for nothing but the raw lake, listing the ledger once', async () => {
  const { publish, cycle } = await openCycles();
  await publish(0);
  await cycle();
  const second = await cycle();
  expect(worked(second.report)).toEqual([]);
  expect(second.calls.filter(ofLayers).some((call) => /^(?:putIfAbsent|upload)/.test(call))).toBe(false);
  const third = await cycle();
  expect(third.report.layers).toEqual(second.report.layers);
  expectIdle(third.calls, 0);

  await publish(1);
  expect(worked((await cycle()).report)).toHaveLength(7);
  await cycle();
  expectIdle((await cycle()).calls, 1);
});

test('a process that begins with nothing new looks at the log of a table once, and at nothing else of it', async () => {
  const { publish, cycle } = await openCycles();
  await publish(0);
  await cycle();
  const { report, calls } = await (await openCycles()).cycle();
  expect(worked(report)).toEqual([]);
  const log = 'silver/totals/_delta_log/';
  expect(calls.filter((call) => call.includes(' silver/totals/'))).toEqual([
    `read ${log}_last_checkpoint`,
    `list ${log}`,
    `read ${log}00000000000000000000.json`,
  ]);
});

test('so it is after commits of upkeep, too', async () => {
  const maintenance = { optimize_after_files: 1, vacuum_every_days: 1 };
  const { publish, cycle } = await openCycles({ maintenance });
  let calls: readonly string[] = [];
  for (const state of [0, 1, 2]) {
    await publish(state);
    ({ calls } = await cycle());
  }
  // Two tables' changes, and their upkeep.
  expect(calls.filter((call) => call.startsWith('putIfAbsent bronze/')).length).toBeGreaterThan(2);
  const { report } = await cycle();
  expect(worked(report)).toEqual([]);
  await cycle();
  expectIdle((await cycle()).calls, 2);
});

test('tables that nothing makes any more are looked for once, and again where other tables are made', async () => {
  const { publish, cycle } = await openCycles();
  const looksFor = (calls: readonly string[]): boolean => calls.includes('foldersIn silver/');
  await publish(0);
  expect(looksFor((await cycle()).calls)).toBe(true);
  await publish(1);
  const second = await cycle();
  expect(worked(second.report)).toHaveLength(7);
  expect(looksFor(second.calls)).toBe(false);
  await rename(join(dir(), 'models/gold/daily.sql'), join(dir(), 'models/gold/other.sql'));
  const third = await cycle();
  expect(looksFor(third.calls)).toBe(true);
  expect(third.report.orphans).toEqual(['gold.daily']);
});

test('a model that is edited is noticed', async () => {
  const { publish, cycle } = await openCycles();
  await publish(0);
  await cycle();
  await cycle();
  await writeFile(
    join(dir(), 'models', 'silver', 'totals.sql'),
    `${MODELS['silver/totals.sql'] ?? ''}HAVING count(*) > 1\n`,
  );
  const { report } = await cycle();
  expect(worked(report)).toEqual(['silver.totals']);
  expect(report.layers?.['silver.totals']).toMatchObject({
    operation: 'rebuilt',
    reason: 'its model has changed',
  });
  await cycle();
  expectIdle((await cycle()).calls, 0);
});

test('a run that somebody else has committed is noticed', async () => {
  const { scenario, publish, cycle } = await openCycles();
  await publish(0);
  await cycle();
  await cycle();
  await publish(1);
  await scenario.run({ only: ['raw'] });
  const { report } = await cycle();
  expect(report.run).toBeNull();
  expect(worked(report)).toHaveLength(7);
});

test('a process that works on silver and gold alone sees what another has fed to bronze', async () => {
  const { scenario, publish, cycle } = await openCycles();
  const only = ['silver', 'gold'] as const;
  await publish(0);
  await scenario.run();
  for (let count = 0; count < 2; count += 1) expect(worked((await cycle({ only })).report)).toEqual([]);
  await publish(1);
  await scenario.run({ only: ['raw', 'bronze'] });
  expect(worked((await cycle({ only })).report)).toHaveLength(5);
});

test('a table that takes a few files a run goes on where a file has changed nothing', async () => {
  const tables = CONFIG.tables.map((table) => ({ ...table, max_files_per_run: 1 }));
  const { scenario, publish, cycle } = await openCycles({ tables });
  await publish(0);
  await cycle();
  // A reload of the same rows, and then a change, which bronze takes one by one.
  await scenario.run({ only: ['raw'], reload: ['clients'] });
  await scenario.write('clients.csv', shopFiles(1)['clients.csv'] ?? '');
  await scenario.run({ only: ['raw'] });
  expect((await cycle()).report.layers?.['bronze.clients']?.operation).toBe('unchanged');
  expect((await cycle()).report.layers?.['bronze.clients']?.operation).toBe('updated');
});
