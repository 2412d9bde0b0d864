import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.ts';
import { type LoopEvent, runLoop } from '../../src/schedule/loop.ts';
import { nextTime } from '../../src/schedule/timer.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { zipOf } from '../support/archives.ts';
import { type CliEnd, runCli } from '../support/cli.ts';
import { FakeKaggle } from '../support/fake-kaggle.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { type Write, wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const TABLE = { name: 't', pk: 'id' };

describe('2b. with a source that has to be fetched', () => {
  let kaggle: FakeKaggle;
  beforeEach(async () => {
    kaggle = await FakeKaggle.start();
    await writeFile(
      join(dir(), 'igarape.json'),
      JSON.stringify({
        source: { type: 'kaggle', dataset: 'dono/loja' },
        tables: [{ ...TABLE, max_delete_ratio: 1, max_update_ratio: 1 }],
      }),
    );
  });
  afterEach(() => kaggle.close());
  const run = (...args: string[]): Promise<CliEnd> =>
    runCli(['run', '--json', ...args], { cwd: dir(), env: { KAGGLE_API_ENDPOINT: kaggle.endpoint } });
  const tableOf = ({ stdout, stderr }: CliEnd): unknown => {
    const document = JSON.parse(stdout) as { tables?: Record<string, unknown> };
    expect(document.tables, stderr).toBeDefined();
    return document.tables?.['t'];
  };

  test('23. an archive that breaks is no state of any table; what was deleted meanwhile comes out as D', async () => {
    await kaggle.publish(1, { 't.csv': 'id,v\n1,a\n2,b\n' });
    expect(tableOf(await run())).toMatchObject({ operation: 'full-load' });
    const whole = await zipOf({ 't.csv': 'id,v\n1,a\n' });
    await kaggle.publish(2, { 't.csv': '' }, { bytes: whole.subarray(0, whole.length - 30) });
    const broken = await run();
    expect(broken.exitCode).toBe(3);
    await kaggle.publish(3, { 't.csv': 'id,v\n1,a\n' });
    expect(tableOf(await run())).toMatchObject({ operation: 'cdc', inserted: 0, updated: 0, deleted: 1 });
  });

  test('24. --skip-download works after a good run, any number of times', async () => {
    await kaggle.publish(1, { 't.csv': 'id,v\n1,a\n' });
    await run();
    for (let time = 0; time < 2; time++) {
      const end = await run('--skip-download');
      expect(end.exitCode, end.stdout + end.stderr).toBe(0);
      expect(tableOf(end)).toMatchObject({ operation: 'unchanged', unchanged: 1 });
    }
  });

  test('33. a network that fails takes nothing away', async () => {
    await kaggle.publish(1, { 't.csv': 'id,v\n1,a\n' });
    await run();
    await kaggle.close();
    const failed = await runCli(['run', '--json'], {
      cwd: dir(),
      env: { KAGGLE_API_ENDPOINT: kaggle.endpoint, IGARAPE_TEST: '1' },
    });
    expect(failed.exitCode).toBe(3);
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'SOURCE_UNREACHABLE' } });
    expect(tableOf(await run('--skip-download'))).toMatchObject({ operation: 'unchanged' });
    kaggle = await FakeKaggle.start();
  });

  test('40. what fails for a moment is tried again', async () => {
    await kaggle.publish(1, { 't.csv': 'id,v\n1,a\n' });
    kaggle.failApi('GetDataset', { status: 503 });
    kaggle.failStorage({ kind: 'answer', status: 502 });
    expect(tableOf(await run())).toMatchObject({ operation: 'full-load', inserted: 1 });
  });

  test('42. credentials that only the .env has are used', async () => {
    kaggle.authorization = `Basic ${Buffer.from('someone:a-kaggle-key').toString('base64')}`;
    await kaggle.publish(1, { 't.csv': 'id,v\n1,a\n' });
    await writeFile(join(dir(), '.env'), 'KAGGLE_USERNAME=someone\nKAGGLE_KEY=a-kaggle-key\n');
    expect(tableOf(await run())).toMatchObject({ operation: 'full-load' });
  });

  test('43. kaggle.json alone is enough, and a lake on disk asks for no AWS keys', async () => {
    kaggle.authorization = `Basic ${Buffer.from('someone:another-key').toString('base64')}`;
    await kaggle.publish(1, { 't.csv': 'id,v\n1,a\n' });
    await mkdir(join(dir(), '.kaggle'));
    await writeFile(join(dir(), '.kaggle', 'kaggle.json'), '{"username":"someone","key":"another-key"}', {
      mode: 0o600,
    });
    expect(tableOf(await run())).toMatchObject({ operation: 'full-load' });
  });
});

describe('2d. Operation', () => {
  test('39. without --schedule a run is one cycle; the help says so', async () => {
    await mkdir(join(dir(), 'source'));
    await writeFile(join(dir(), 'source', 't.csv'), 'id,v\n1,a\n');
    await writeFile(
      join(dir(), 'igarape.json'),
      JSON.stringify({
        source: { type: 'files', path: './source' },
        timer: { unit: 'seconds', value: 1 },
        tables: [TABLE],
      }),
    );
    expect((await runCli(['run', '--json'], { cwd: dir() })).exitCode).toBe(0);
    const { stdout } = await runCli(['run', '--help'], { cwd: dir() });
    expect(stdout).toMatch(/--schedule\s+repeat by the timer/);
  });

  test('41. what did not change is not written again, in no form', async () => {
    const writes: Write[] = [];
    const storage = wrapStorage(openLocalStorage(join(dir(), 'lake')), {
      before: (write) => void writes.push(write),
    });
    const scenario = openScenario(dir(), { tables: [TABLE, { name: 'u', pk: 'id' }] }, { storage });
    await scenario.write('t.csv', 'id,v\n1,a\n2,b\n');
    await scenario.write('u.csv', 'id,v\n1,a\n');
    await scenario.run();
    writes.length = 0;
    await scenario.run();
    expect(writes.flatMap(({ keys }) => keys)).toEqual([]);
    await scenario.write('t.csv', 'id,v\n1,A\n2,b\n');
    await scenario.run();
    const written = writes.flatMap(({ call, keys }) => (call === 'delete' ? [] : keys));
    expect(written.filter((key) => key.includes('/u') || key.startsWith('full-load'))).toEqual([]);
  });

  test('44. a date_field that is not there is a warning', async () => {
    const warnings: string[] = [];
    const scenario = openScenario(
      dir(),
      { tables: [{ ...TABLE, date_field: 'when' }] },
      {
        edge: {
          log: {
            debug: () => undefined,
            info: () => undefined,
            error: () => undefined,
            warn: (_, message) => void warnings.push(message),
          },
        },
      },
    );
    await scenario.write('t.csv', 'id,v\n1,a\n');
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 1 });
    expect(warnings).toEqual([expect.stringMatching(/no column when/)]);
  });

  test.each([
    [{ unit: 'seconds', value: 30 }, 30_000],
    [{ unit: 'hours', value: 6 }, 21_600_000],
    [{ unit: 'hours', value: 0 }, undefined],
    [{ unit: 'hours', value: -1 }, undefined],
    [{ unit: 'hours', value: '6' }, undefined],
    [{ unit: 'fortnights', value: 1 }, undefined],
  ])('45. the timer %j is %s ms, or refused', (timer, everyMs) => {
    const resolved = resolveConfig(
      { source: { type: 'files', path: './source' }, timer, tables: [TABLE] },
      dir(),
    );
    const found = resolved.kind === 'valid' ? resolved.config.timer : undefined;
    expect(found).toEqual(everyMs === undefined ? undefined : { kind: 'interval', everyMs });
  });

  test('46. the next time is on the grid of the first, however long a cycle takes', () => {
    const hourly = { kind: 'interval', everyMs: 3_600_000 } as const;
    expect(nextTime(hourly, 0, 100_000)).toBe(3_600_000);
    expect(nextTime(hourly, 0, 3_700_000)).toBe(7_200_000);
  });

  test('46. a cycle that failed is tried again before its next regular time, and the loop goes on', async () => {
    const events: LoopEvent[] = [];
    const controller = new AbortController();
    let now = 0;
    let cycles = 0;
    await runLoop(
      {
        timer: { kind: 'interval', everyMs: 3_600_000 },
        signal: controller.signal,
        onEvent: (event) => void events.push(event),
        cycle: async () => {
          cycles += 1;
          if (cycles === 2) controller.abort();
          return cycles === 1 ? 'failed' : 'done';
        },
      },
      { clock: () => now, random: () => 0.5, sleep: async (ms) => void (now += ms) },
    );
    expect(cycles).toBe(2);
    expect(events.find((event) => event.kind === 'waiting')).toMatchObject({ for: 'retry' });
    expect(now).toBeLessThan(3_600_000);
  });

  test('47. a table larger than memory_limit is read, compared and published', async () => {
    const scenario = openScenario(dir(), { memory_limit: '100MB', tables: [TABLE] });
    const csv = (shift: number): string =>
      `id,v,w\n${Array.from({ length: 400_000 }, (_, id) => `${id},${(id * 7919 + (id % 2) * shift) % 1_000_003},a text that takes some room ${id}\n`).join('')}`;
    await scenario.write('t.csv', csv(0));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 400_000 });
    await scenario.write('t.csv', csv(1));
    expect(await scenario.runTable('t')).toMatchObject({
      operation: 'cdc',
      updated: 200_000,
      unchanged: 200_000,
    });
  });

  test.each([
    ['windows-1252', Buffer.from('id;v;w\n1;caf\u00e9 \u0080;1,50\n', 'latin1')],
    ['latin-1', Buffer.from('id;v;w\n1;café €;1,50\n'.replace('€', 'x'), 'latin1')],
    ['utf-16le', Buffer.from('id;v;w\n1;café;1,50\n', 'utf16le')],
    ['utf-16be', Buffer.from('id;v;w\n1;café;1,50\n', 'utf16le').swap16()],
  ])('48. %s, a decimal comma and a sub-folder are read', async (encoding, bytes) => {
    const scenario = openScenario(dir(), { tables: [{ ...TABLE, sep: ';', encoding, decimal: ',' }] });
    await scenario.write('2025/10/t.csv', bytes);
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load' });
    const [row] = await scenario.rows('full-load/t.parquet');
    expect(row?.['v']).toMatch(/^café/);
    expect(row?.['w']).toBe('1.5');
    expect(await scenario.columns('full-load/t.parquet')).toMatchObject({ w: 'DOUBLE' });
  });
});
