import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pastRuns } from '../../src/lake/past-runs.ts';
import { type LakeStatus, lakeStatus, type StatusRequest } from '../../src/lake/status.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { openScenario, type Scenario, type ScenarioOptions } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const START_MS = Date.UTC(2026, 0, 10, 12);
const HOUR_MS = 3_600_000;

interface Clocked extends Scenario {
  /** Sets the clock, in hours after the first run. */
  at(hours: number): void;
}

function openClocked(options: ScenarioOptions = {}): Clocked {
  let nowMs = START_MS;
  const tables = [
    { name: 'clientes', pk: 'id', date_field: 'dt' },
    { name: 'produtos', pk: 'cod' },
  ];
  const scenario = openScenario(dir(), { tables }, { ...options, edge: { clock: () => nowMs } });
  return { ...scenario, at: (hours) => (nowMs = START_MS + hours * HOUR_MS) };
}

/** Run 0 loads both tables, run 1 changes clientes, run 2 produtos while clientes is held. */
async function threeRuns(options: ScenarioOptions = {}): Promise<Clocked> {
  const lake = openClocked(options);
  await lake.write('clientes.csv', 'id,dt\n1,2026-01-01\n2,2026-01-02\n3,2026-01-03\n');
  await lake.write('produtos.csv', 'cod,preco\np1,1\n');
  await lake.run();
  lake.at(1);
  await lake.write('clientes.csv', 'id,dt\n1,2026-01-05\n2,2026-01-02\n3,2026-01-03\n4,2026-01-06\n');
  await lake.run();
  lake.at(2);
  await lake.write('clientes.csv', 'id,dt\n1,2026-01-05\n');
  await lake.write('produtos.csv', 'cod,preco\np1,2\n');
  await lake.run();
  return lake;
}

function statusOf(lake: Scenario, more: Partial<StatusRequest> = {}): Promise<LakeStatus> {
  return lakeStatus({ storage: lake.storage, tables: lake.config.tables, lastRuns: 5, ...more });
}

describe('status', () => {
  test('tells rows, version, last change and trouble of each table', async () => {
    const lake = await threeRuns();
    const { tables, runs, source, unfinished, staged } = await statusOf(lake);
    expect(runs).toBe(3);
    expect(source?.id).toBe('files:./source');
    expect(tables['clientes']).toMatchObject({
      rows: 4,
      epoch: 0,
      key: ['id'],
      lastChange: {
        run: 1,
        at: '2026-01-10T13:00:00.000Z',
        time: '2026-01-10T13:00:00.000000Z',
        operation: 'cdc',
        inserted: 1,
        updated: 1,
        deleted: 0,
        file: 'cdc/clientes_20260110_130000.parquet',
      },
      trouble: { operation: 'held', reason: expect.stringContaining('--approve clientes') },
      configured: true,
    });
    expect(tables['produtos']).toMatchObject({ rows: 1, lastChange: { run: 2 }, trouble: null });
    expect(tables['clientes']?.sourceVersion).not.toBe(tables['produtos']?.sourceVersion);
    expect({ unfinished, staged }).toEqual({ unfinished: [], staged: { files: 0, bytes: 0 } });
  });

  test('tells the bytes of each part of the lake, and of the files that it was read from', async () => {
    const lake = await threeRuns();
    const { lake: parts, source } = (await statusOf(lake, { layers: ['bronze'] })).sizes;
    const bytes = async (folder: string): Promise<number> => {
      let sum = 0;
      for await (const { sizeBytes } of lake.storage.list(folder)) sum += sizeBytes;
      return sum;
    };
    expect(parts).toEqual({
      'full-load': await bytes('full-load/'),
      cdc: await bytes('cdc/'),
      base: await bytes('_igarape/snapshots/'),
    });
    // The third file of clientes was held, and so the second is the last that was read.
    const read = ['id,dt\n1,2026-01-05\n2,2026-01-02\n3,2026-01-03\n4,2026-01-06\n', 'cod,preco\np1,2\n'];
    expect(source).toBe(read.join('').length);
  });

  test('a lake without runs has only the tables of the configuration', async () => {
    const lake = openClocked();
    expect(await statusOf(lake)).toMatchObject({
      runs: 0,
      source: null,
      lastRuns: [],
      tables: { clientes: { rows: null, lastChange: null }, produtos: { rows: null } },
    });
  });

  test('a table that the configuration no longer has is shown as such', async () => {
    const lake = await threeRuns();
    const { tables } = await statusOf(lake, { tables: [] });
    expect(Object.values(tables).map(({ configured }) => configured)).toEqual([false, false]);
  });

  test('the last runs come newest first, as many as asked for', async () => {
    const lake = await threeRuns();
    const { lastRuns, tables } = await statusOf(lake, { lastRuns: 1 });
    expect(lastRuns.map(({ run }) => run)).toEqual([2]);
    expect(tables['clientes']?.lastChange?.run).toBe(1);
  });

  test('the trouble is that of the last of the newest run and of the cycles that looked at it', async () => {
    const lake = await threeRuns();
    const counts = { inserted: 0, updated: 0, deleted: 0, unchanged: 0, file: null, bytes: 0 };
    const tables = {
      clientes: { operation: 'unchanged' as const, ...counts },
      produtos: { operation: 'failed' as const, ...counts, reason: 'no such file' },
    };
    const later = await statusOf(lake, { cycles: [{ tables, endedAt: '2026-01-10T14:00:01.000Z' }] });
    expect(later.tables['clientes']?.trouble).toBeNull();
    expect(later.tables['produtos']?.trouble).toEqual({ operation: 'failed', reason: 'no such file' });
    const partial = { tables: { clientes: tables.clientes }, endedAt: '2026-01-10T15:00:00.000Z' };
    const both = await statusOf(lake, { cycles: [partial, { tables, endedAt: '2026-01-10T14:00:01.000Z' }] });
    expect(both.tables['produtos']?.trouble?.operation).toBe('failed');
    const earlier = await statusOf(lake, { cycles: [{ tables, endedAt: '2026-01-10T13:59:59.000Z' }] });
    expect(earlier.tables['clientes']?.trouble?.operation).toBe('held');
    expect(earlier.tables['produtos']?.trouble).toBeNull();
  });

  test('the newest value is asked for where a date_field is a date, and only there', async () => {
    const lake = await threeRuns();
    const asked: string[] = [];
    const { tables } = await statusOf(lake, {
      newestValue: async (_state, column) => {
        asked.push(column);
        return '2026-01-06';
      },
    });
    expect(asked).toEqual(['dt']);
    expect(tables['clientes']?.newest).toEqual({ column: 'dt', value: '2026-01-06' });
    expect(tables['produtos']?.newest).toBeNull();
  });

  test('a committed file that is not visible yet, and what is staged, are told', async () => {
    const lake = await threeRuns();
    const file = (await lake.ledger()).at(-1)?.tables['produtos']?.file;
    if (file == null) throw new Error('The last run published produtos.');
    const staged = join(lake.storage.uri, file.stagedKey);
    await mkdir(dirname(staged), { recursive: true });
    await rename(join(lake.storage.uri, file.key), staged);
    expect(await statusOf(lake)).toMatchObject({
      unfinished: [file.key],
      staged: { files: 1, bytes: file.sizeBytes },
    });
  });
});

describe('past runs', () => {
  test('come newest first with what each reported', async () => {
    const lake = await threeRuns({ storage: openMemoryStorage() });
    const runs = await pastRuns(lake.storage);
    expect(runs.map(({ run, at }) => [run, at])).toEqual([
      [2, '2026-01-10T14:00:00.000Z'],
      [1, '2026-01-10T13:00:00.000Z'],
      [0, '2026-01-10T12:00:00.000Z'],
    ]);
    expect(runs[0]?.tables).toMatchObject({
      clientes: { operation: 'held' },
      produtos: { operation: 'cdc', updated: 1 },
    });
    expect(await pastRuns(lake.storage, { limit: 2 })).toEqual(runs.slice(0, 2));
  });

  test('of a table are those that published or held it', async () => {
    const lake = await threeRuns();
    const runs = await pastRuns(lake.storage, { table: 'produtos' });
    expect(runs.map(({ run, tables }) => [run, Object.keys(tables)])).toEqual([
      [2, ['produtos']],
      [0, ['produtos']],
    ]);
    expect((await pastRuns(lake.storage, { table: 'produtos', limit: 1 })).length).toBe(1);
  });

  test('of a table that no run knows are an error with the names', async () => {
    const lake = await threeRuns();
    await expect(pastRuns(lake.storage, { table: 'x' })).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('clientes, produtos'),
    });
  });

  test('more runs than are fetched at once all come, in order', async () => {
    const lake = openClocked({ storage: openMemoryStorage() });
    await lake.write('produtos.csv', 'cod,preco\np1,1\n');
    for (let run = 0; run < 20; run++) {
      await lake.write('clientes.csv', `id,dt\n1,2026-01-${String(run + 1).padStart(2, '0')}\n`);
      lake.at(run);
      await lake.run();
    }
    expect((await pastRuns(lake.storage)).map(({ run }) => run)).toEqual([...Array(20).keys()].toReversed());
    expect((await statusOf(lake)).tables['produtos']?.lastChange?.run).toBe(0);
  });
});
