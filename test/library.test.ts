import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  backfill,
  changes,
  check,
  cycles,
  explore,
  graph,
  history,
  IgarapeError,
  openLake,
  plan,
  profile,
  query,
  runOnce,
  status,
  tablePage,
  testModels,
  verify,
} from '../src/index.ts';
import { useTempDir } from './support/tmp.ts';

const dir = useTempDir();
const EXAMPLE = fileURLToPath(new URL('../examples/library/feed-lake.mjs', import.meta.url));

async function runExample(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE, 'in', 'lake'], { cwd: dir() });
  return stdout;
}

async function writeClients(...rows: string[]): Promise<void> {
  await mkdir(join(dir(), 'in'), { recursive: true });
  await writeFile(join(dir(), 'in', 'clients.csv'), ['id,name', ...rows, ''].join('\n'));
}

test('the example feeds a lake through the built package', async () => {
  await writeClients('1,Ana', '2,Bia', '3,Caio');
  expect((await runExample()).split('\n')).toEqual([
    'would be full-load',
    'run 0: full-load, +3 ~0 -0, full-load/clients.parquet',
    'verified',
    '',
  ]);
  await writeClients('1,Ana', '2,Bianca', '3,Caio', '4,Duda');
  expect(await runExample()).toMatch(
    /^would be cdc\nrun 1: cdc, \+1 ~1 -0, cdc\/clients_\d{8}_\d{6}\.parquet\nverified\n$/,
  );
});

describe('a lake that is opened', () => {
  const tables = [{ name: 'clients', pk: 'id' }];

  test('by a configuration file does what the command line does', async () => {
    await writeClients('1,Ana');
    await writeFile(
      join(dir(), 'igarape.json'),
      JSON.stringify({ source: { type: 'files', path: 'in' }, lake: 'lake', tables }),
    );
    const lake = await openLake('igarape.json', { folder: dir(), env: {} });
    expect((await plan(lake)).report.tables['clients']?.operation).toBe('full-load');
    expect(await check(lake)).toEqual({ report: { models: {} }, exitCode: 0 });
    expect(await testModels(lake)).toEqual({ report: { tests: [] }, exitCode: 0 });
    expect(await runOnce(lake)).toMatchObject({ exitCode: 0, report: { run: 0 } });
    expect(await runOnce(lake, { reload: ['clients'] })).toMatchObject({
      report: { run: 1, tables: { clients: { operation: 'full-load' } } },
    });
    expect((await verify(lake)).ok).toBe(true);
    expect((await history(lake)).map(({ run }) => run)).toEqual([1, 0]);
    expect(Object.keys((await status(lake)).tables)).toEqual(['clients']);
    expect((await query(lake, 'SELECT name FROM clients')).rows).toEqual([['Ana']]);
    await expect(backfill(lake, { from: '1' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('by an object has its paths from the folder, and is refused with every problem that it has', async () => {
    const lake = await openLake(
      { source: { type: 'files', path: 'in' }, lake: 'out', tables },
      { folder: dir(), env: {} },
    );
    expect(lake.config.lake.uri).toBe(join(dir(), 'out'));
    const refused = openLake({ lake: '', tables: [{ name: '', pk: [] }] }, { folder: dir(), env: {} });
    await expect(refused).rejects.toSatisfy(
      (error) =>
        error instanceof IgarapeError &&
        error.code === 'CONFIG_INVALID' &&
        /tables\[0\]\.name[^]*tables\[0\]\.pk/.test(error.message),
    );
  });

  test('tells its logger and its listener what it does, and stops when it is told to', async () => {
    await writeClients('1,Ana');
    const messages: string[] = [];
    const keep = (_fields: object, message: string): void => void messages.push(message);
    const log = { debug: keep, info: keep, warn: keep, error: keep };
    const lake = await openLake(
      { source: { type: 'files', path: 'in' }, lake: 'lake', tables },
      { folder: dir(), env: {}, log },
    );
    await expect(runOnce(lake, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    const steps: string[] = [];
    await runOnce(lake, { onProgress: ({ step, table }) => void steps.push(`${step} ${table}`) });
    expect(steps).toContain('upload clients');
    expect(messages).toContain('committed');
  });
});

describe('an option that is misspelt', () => {
  test('is refused, and not taken for one that is left out', async () => {
    await writeClients('1,Ana');
    const lake = await openLake(
      { source: { type: 'files', path: 'in' }, lake: 'lake', tables: [{ name: 'clients', pk: 'id' }] },
      { folder: dir(), env: {} },
    );
    const misspelt: object = { sinse: 'last' };
    for (const call of [runOnce, plan, verify, graph, check, testModels, status, history, cycles])
      await expect(call(lake, misspelt), call.name).rejects.toMatchObject({
        code: 'USAGE',
        message: `There is no option sinse of ${call.name}`,
      });
    await expect(query(lake, 'SELECT 1', misspelt)).rejects.toMatchObject({ code: 'USAGE' });
    expect(await history(lake)).toEqual([]);
    const { exitCode } = await runOnce(lake);
    expect(exitCode).toBe(0);
    const asked = { run: 0, table: 'clients', sort_by: 'id' };
    await explore(lake, async (reader) => {
      for (const call of [changes, tablePage, profile])
        await expect(call(reader, asked), call.name).rejects.toMatchObject({ code: 'USAGE' });
    });
  });
});
