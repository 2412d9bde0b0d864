import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type CliProcess, runCli, startCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, errorReport, runReport, verifyReport } from './report-shapes.ts';
import { manyRows, openShop, publish } from './shop.ts';

const dir = useTempDir();
const runs = (): string => join(dir(), '.igarape', 'runs');

/** A run that is under way, with work for a while. */
async function startRun(): Promise<CliProcess> {
  await openShop(dir());
  await publish(dir(), 'clients', manyRows(150_000));
  const run = startCli(['run', '--json'], { cwd: dir() });
  await vi.waitFor(() => expect(readdirSync(runs())).toHaveLength(1), { interval: 5, timeout: 20_000 });
  return run;
}

async function expectThatAllIsWell(): Promise<void> {
  const again = await runCli(['run', '--json'], { cwd: dir() });
  expect(again.exitCode).toBe(0);
  expect(documentOf(again.stdout, runReport)).toMatchObject({
    run: 0,
    tables: { clients: { inserted: 150_000 } },
  });
  expect(await readdir(runs())).toEqual([]);
  const verified = await runCli(['verify', '--json'], { cwd: dir() });
  expect(documentOf(verified.stdout, verifyReport)).toMatchObject({ ok: true, runs: 1 });
}

describe.skipIf(process.platform === 'win32')('a run that is told to stop', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('by %s gives up with %i, having published nothing', async (signal, exitCode) => {
    const run = await startRun();
    run.kill(signal);
    const end = await run.ended;
    expect(end.exitCode).toBe(exitCode);
    expect(documentOf(end.stdout, errorReport).error).toMatchObject({
      code: 'STOPPED',
      message: expect.stringContaining(signal),
    });
    expect(existsSync(join(dir(), 'lake', 'full-load'))).toBe(false);
    expect(await readdir(runs())).toEqual([]);
    await expectThatAllIsWell();
  });

  test('by SIGKILL leaves a folder that the next run drops', async () => {
    const run = await startRun();
    run.kill('SIGKILL');
    expect((await run.ended).exitCode).toBeNull();
    expect(await readdir(runs())).toHaveLength(1);
    await expectThatAllIsWell();
  });
});
