import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Redactor } from '../../src/cli/redact.ts';
import { asIgarapeError, IgarapeError } from '../../src/core/errors.ts';
import type { Progress } from '../../src/core/log.ts';
import { backfillDates } from '../../src/pipeline/backfill-gold.ts';
import { toldCycle } from '../../src/pipeline/cycle.ts';
import { history } from '../../src/pipeline/history.ts';
import { readCycles, writeCycle } from '../../src/pipeline/journal/journal.ts';
import type { CycleRecord } from '../../src/pipeline/journal/record.ts';
import { Stopwatch } from '../../src/pipeline/journal/stopwatch.ts';
import { runOnce, type RunResult } from '../../src/pipeline/run.ts';
import { runningElsewhere } from '../../src/pipeline/running.ts';
import { withReader } from '../../src/explore/reader.ts';
import { status } from '../../src/explore/status.ts';
import type { RunRequest } from '../../src/pipeline/context.ts';
import { openFilesSource } from '../../src/source/files.ts';
import { ownName } from '../../src/storage/local/owner.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { openScenario, type Scenario, type ScenarioOptions, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

interface Cycles extends Scenario {
  cycle(more?: Partial<RunRequest>, redact?: (text: string) => string): Promise<RunResult>;
}

function openCycles(written: object, options: ScenarioOptions = {}): Cycles {
  const lake = openScenario(dir(), written, options);
  const { config, storage } = lake;
  const source = config.source?.type === 'files' ? openFilesSource(config.source) : undefined;
  return {
    ...lake,
    cycle: (more, redact = (text) => text) =>
      toldCycle(
        { config, storage, env: {}, writer: 'igarape test', redact },
        testEdge(options.edge),
        (edge) => runOnce({ config, storage, source, ...more }, edge, 'igarape test'),
      ),
  };
}

const GOLD = '-- key: dt_ref\n-- dt_ref: day\nSELECT count(*) AS n FROM silver.t GROUP BY ALL';

describe('a cycle is in the journal of the lake', () => {
  test('each version of a backfill is one, and so is a backfill of the dates of gold', async () => {
    await writeFileAt(join(dir(), 'models', 'silver', 't.sql'), '-- key: id\nSELECT id, day FROM bronze.t');
    await writeFileAt(join(dir(), 'models', 'gold', 'daily.sql'), GOLD);
    const lake = openScenario(dir(), {
      layers: ['bronze', 'silver', 'gold'],
      models: './models',
      tables: [{ name: 't', pk: 'id', file: 't_{date}.csv' }],
    });
    await lake.write('t_2026-01-01.csv', 'id,day\n1,2026-01-01\n');
    await lake.write('t_2026-01-02.csv', 'id,day\n1,2026-01-01\n2,2026-01-02\n');
    await lake.backfill({ from: '2026' });
    const dates = { model: 'gold.daily', from: '2026-01-01', to: '2026-01-02', writer: 'igarape test' };
    await backfillDates({ ...lake, ...dates }, testEdge());
    const [gold, ...cycles] = await readCycles(lake.storage);
    expect(gold).toMatchObject({
      runs: [],
      tables: {},
      layers: { 'gold.daily': { operation: 'unchanged' } },
    });
    expect(cycles.flatMap(({ runs }) => runs)).toEqual([1, 0]);
    const told = await history(lake.storage);
    expect(told.map(({ run, durationMs }) => [run, durationMs === null])).toEqual([
      [1, false],
      [0, false],
    ]);
  });

  test('also where its tables are called as secrets are', async () => {
    const tables = ['token', 'user_secrets', 'authorization'].map((name) => ({ name, pk: 'id' }));
    const lake = openCycles({ tables, layers: ['bronze'] });
    for (const { name } of tables) await lake.write(`${name}.csv`, 'id\n1\n');
    await lake.cycle({}, new Redactor().text);
    const [cycle] = await readCycles(lake.storage);
    expect(Object.keys(cycle?.tables ?? {})).toEqual(tables.map(({ name }) => name));
    expect(Object.keys(cycle?.layers ?? {})).toEqual(tables.map(({ name }) => `bronze.${name}`));
  });

  test('with its run, steps, tables and layers; also one that committed nothing, with what is held and why', async () => {
    await writeFileAt(join(dir(), 'models', 'silver', 't.sql'), '-- key: id\nSELECT id, day FROM bronze.t');
    await writeFileAt(join(dir(), 'models', 'gold', 'daily.sql'), GOLD);
    const lake = openCycles({
      layers: ['bronze', 'silver', 'gold'],
      models: './models',
      tables: [
        { name: 't', pk: 'id' },
        { name: 'u', pk: 'id' },
      ],
    });
    await lake.write('t.csv', 'id,day\n1,2026-01-01\n2,2026-01-01\n3,2026-01-02\n');
    await lake.write('u.csv', 'id\n1\n');
    await lake.cycle();
    await lake.write('t.csv', 'id,day\n1,2026-01-01\n');
    expect((await lake.cycle()).exitCode).toBe(4);
    // The ledger and the log do not keep the rows that are held back.
    expect(JSON.stringify(await lake.ledger())).not.toContain('samples');
    await writeFileAt(join(dir(), 'models', 'gold', 'daily.sql'), `-- check: row_count >= 1000000\n${GOLD}`);
    expect((await lake.cycle({ only: ['gold'] })).exitCode).toBe(4);

    const [third, second, first] = await readCycles(lake.storage);
    expect(first).toMatchObject({
      exitCode: 0,
      writer: 'igarape test',
      runs: [0],
      source: { id: 'files:./source' },
      tables: { t: { operation: 'full-load', inserted: 3, durationMs: expect.any(Number) } },
      layers: { 'gold.daily': { operation: 'created', inserted: 2, durationMs: expect.any(Number) } },
      error: null,
    });
    expect(first?.steps.map(({ name }) => name)).toEqual(['source', 'compare', 'publish', 'layers']);
    const tookMs = Date.parse(first?.endedAt ?? '') - Date.parse(first?.startedAt ?? '');
    const steps = first?.steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect(Math.abs(tookMs - (steps ?? 0))).toBeLessThan(1000);
    expect(second).toMatchObject({
      exitCode: 4,
      runs: [],
      tables: {
        t: {
          operation: 'held',
          held: {
            guards: [{ rule: 'mass-delete', rows: 2, of: 3, limit: 0.3 }],
            counts: { inserted: 0, updated: 0, deleted: 2, unchanged: 1 },
            samples: [{ operation: 'D', row: { id: '2' } }, { operation: 'D' }],
          },
        },
      },
    });
    expect(third).toMatchObject({
      exitCode: 4,
      runs: [],
      tables: {},
      layers: { 'gold.daily': { operation: 'held' } },
    });

    // What the last cycle did not look at stands as the cycle before has found it.
    const found = await withReader(lake, testEdge(), (reader) => status(reader, { lastRuns: 5 }));
    expect(found.tables['t']?.trouble).toMatchObject({ operation: 'held' });
    expect(found.layers?.['gold.daily']?.trouble).toMatchObject({ operation: 'held' });
    expect(found.lastCycle).toEqual(third);
    expect(found.lastRuns).toMatchObject([
      { run: 0, durationMs: tookMs, layers: { 'gold.daily': { operation: 'created' } } },
    ]);
    expect(await history(lake.storage)).toEqual(found.lastRuns);
  });

  test('with what has ended it, without secrets; but not a call that was wrong', async () => {
    const lake = openCycles({ tables: [{ name: 't', pk: 'id' }] });
    const failing = async (error: Error): Promise<void> => {
      const { config, storage } = lake;
      const redact = (text: string): string => text.replaceAll('secret', '***');
      await expect(
        toldCycle({ config, storage, env: {}, writer: 'igarape test', redact }, testEdge(), async () => {
          throw error;
        }),
      ).rejects.toThrow(asIgarapeError(error).message);
    };
    await failing(new IgarapeError('SOURCE_NOT_FOUND', { quoted: 'There is no lake yet.' }));
    expect(await readdir(dir())).not.toContain('lake');
    await lake.write('t.csv', 'id\n1\n');
    await lake.cycle();
    await failing(new IgarapeError('USAGE', { quoted: 'wrong' }));
    await failing(
      new IgarapeError('SOURCE_FORBIDDEN', { quoted: 'It refused secret.' }, { hint: { quoted: 'Look.' } }),
    );
    const cycles = await readCycles(lake.storage);
    expect(cycles.map(({ exitCode, error }) => [exitCode, error])).toEqual([
      [3, { code: 'SOURCE_FORBIDDEN', message: 'It refused ***.', hint: 'Look.' }],
      [0, null],
    ]);
  });

  test('of several dates in one cycle with all of its runs', async () => {
    const lake = openCycles({ tables: [{ name: 't', pk: 'id', file: 't_{date}.csv' }] });
    for (const days of [['01'], ['02', '03']]) {
      for (const day of days) await lake.write(`t_2026-01-${day}.csv`, `id,v\n1,${day}\n`);
      await lake.cycle();
    }
    expect((await readCycles(lake.storage)).map(({ runs }) => runs)).toEqual([[1, 2], [0]]);
    expect((await history(lake.storage)).map(({ durationMs }) => durationMs === null)).toEqual([
      false,
      true,
      false,
    ]);
  });
});

test('the journal stays bounded: cycles that found nothing new go first, and what is damaged is none', async () => {
  const storage = openMemoryStorage();
  const record = (at: number, more: Partial<CycleRecord>): CycleRecord => ({
    startedAt: new Date(Date.UTC(2026, 0, 1) + at).toISOString(),
    endedAt: new Date(Date.UTC(2026, 0, 1) + at + 1).toISOString(),
    exitCode: 0,
    host: 'here',
    writer: 'igarape test',
    runs: [],
    source: null,
    steps: [],
    tables: {},
    error: null,
    ...more,
  });
  const write = async (at: number, more: Partial<CycleRecord> = {}): Promise<void> => {
    const written = record(at, more);
    await writeCycle(storage, written, `id-${at}`, JSON.stringify(written));
  };
  for (let at = 0; at < 510; at += 1) await write(at, { runs: [at] });
  for (let at = 600; at < 640; at += 1) await write(at);
  await storage.putIfAbsent(
    '_igarape/journal/20270101T000000000Z_none_x.json',
    new TextEncoder().encode('{'),
  );
  expect((await readCycles(storage, { limit: 1 })).map(({ startedAt }) => startedAt)).toEqual([
    record(639, {}).startedAt,
  ]);
  const all = await readCycles(storage, { limit: 1000 });
  expect(all.filter(({ runs }) => runs.length === 0)).toHaveLength(20);
  expect(all.filter(({ runs }) => runs.length > 0).map(({ runs: [run] }) => run)).toEqual(
    Array.from({ length: 500 }, (_, index) => 509 - index),
  );
  expect((await readCycles(storage, { runs: [9, 10, 509] })).map(({ runs }) => runs)).toEqual([[509], [10]]);
});

test('what a record tells of a layer is read as it was written', async () => {
  const storage = openMemoryStorage();
  const written: CycleRecord = {
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:01.000Z',
    exitCode: 4,
    host: 'here',
    writer: 'igarape test',
    runs: [],
    source: null,
    steps: [],
    tables: {},
    layers: {
      'silver.t': {
        operation: 'updated',
        inserted: 1,
        updated: 2,
        deleted: 3,
        version: 4,
        durationMs: 5,
        cost: { changed: 6, reads: 7, whole: 8 },
        engine: 'spark',
      },
      'gold.t': {
        operation: 'held',
        inserted: 0,
        updated: 0,
        deleted: 0,
        version: null,
        durationMs: 1,
        reason: 'A check failed.',
        code: 'DELTA_CORRUPT',
      },
    },
    error: null,
  };
  await writeCycle(storage, written, 'id', JSON.stringify(written));
  expect(await readCycles(storage)).toEqual([written]);
});

test('times of steps add up to what has passed; tables may be at work side by side', () => {
  let nowMs = 0;
  const watch = new Stopwatch(() => nowMs);
  const tell = (step: Progress['step'], table?: string): void => {
    nowMs += 10;
    watch.follow({ step, done: 0, ...(table === undefined ? {} : { table }) });
  };
  tell('look');
  tell('table', 'a');
  tell('table', 'b');
  tell('read', 'a');
  tell('upload', 'b');
  tell('commit');
  tell('layer', 'bronze.a');
  tell('table', 'a');
  tell('read', 'a');
  expect(watch.steps()).toEqual([
    { name: 'source', durationMs: 20 },
    { name: 'compare', durationMs: 50 },
    { name: 'publish', durationMs: 10 },
    { name: 'layers', durationMs: 10 },
  ]);
  expect(['a', 'b', 'bronze.a', 'c'].map((name) => watch.durationMs(name))).toEqual([30, 20, 10, 0]);
});

describe('a cycle that is under way', () => {
  test('is seen by who looks into its working folder, until it ends', async () => {
    const lake = openCycles({ tables: [{ name: 't', pk: 'id' }] });
    const { workDir } = lake.config;
    const folder = join(workDir, 'running');
    const { config, storage } = lake;
    const during = await new Promise<readonly string[]>((resolve) => {
      void toldCycle({ config, storage, env: {}, writer: 'igarape test' }, testEdge(), async () => {
        resolve(await readdir(folder));
        throw new IgarapeError('USAGE', { quoted: 'enough' });
      }).catch(() => undefined);
    });
    expect(during.every((name) => name.startsWith(ownName()))).toBe(true);
    const elsewhere = join(folder, `${'0'.repeat(16)}.1.00000000-0000-0000-0000-000000000000.json`);
    const running = {
      startedAt: '2026-01-01T00:00:00.000Z',
      progress: { step: 'layer', table: 'gold.x', done: 1, total: 4 },
    };
    await writeFile(elsewhere, JSON.stringify(running));
    expect(await runningElsewhere(workDir, Date.now())).toEqual(running);
    // A process that gives no sign is no more.
    expect(await runningElsewhere(workDir, Date.now() + 60_000)).toBeUndefined();
    expect(await runningElsewhere(workDir, Date.now())).toBeUndefined();
  });
});
