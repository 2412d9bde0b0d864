import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CliProcess, runCli, startCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { linesOf, errorReport, runReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const EVERY_SECOND = { timer: { unit: 'seconds', value: 1 } };

function documents(process: CliProcess): unknown[] {
  const lines = process.stdout().split('\n').slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line));
}

test('without a timer --schedule is refused, with a hint', async () => {
  await openShop(dir());
  const { exitCode, stderr } = await runCli(['run', '--schedule'], { cwd: dir() });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('no timer');
  expect(stderr).toContain('"timer": {');
});

test('a table that there is none of ends a schedule before its first cycle', async () => {
  await openShop(dir(), EVERY_SECOND);
  const { exitCode, stdout } = await runCli(['run', '--schedule', '--tables', 'nix', '--json'], {
    cwd: dir(),
  });
  expect(exitCode).toBe(2);
  expect(linesOf(stdout)).toEqual([{ error: expect.objectContaining({ code: 'USAGE' }) }]);
});

describe.skipIf(process.platform === 'win32')('a schedule', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'prints a document a line until %s ends it with 0',
    async (signal) => {
      await openShop(dir(), EVERY_SECOND);
      await publish(dir(), 'clients', [{ id: 1 }]);
      const loop = startCli(['run', '--schedule', '--json'], { cwd: dir() });
      await loop.until((process) => documents(process).length === 1);
      await publish(dir(), 'clients', [{ id: 1 }, { id: 2 }]);
      await loop.until((process) => documents(process).some((found) => runReport.parse(found).run === 1));
      loop.kill(signal);
      const end = await loop.ended;
      expect(end.exitCode).toBe(0);
      const [first, ...later] = documents(loop).map((found) => runReport.parse(found));
      expect(first).toMatchObject({ run: 0, tables: { clients: { operation: 'full-load' } } });
      expect(later.filter(({ run }) => run !== null)).toHaveLength(1);

      const lines = linesOf(end.stderr);
      const committed = lines.filter(({ msg }) => msg === 'committed');
      expect(new Set(committed.map(({ correlation }) => correlation)).size).toBe(2);
      expect(lines.some(({ msg }) => String(msg).startsWith('next run at '))).toBe(true);
      expect(lines.at(-1)).toMatchObject({ msg: 'stopped', end: 'stopped' });
    },
  );

  test('goes on after a cycle that failed, and remembers how the last one ended and when the next begins', async () => {
    await openShop(dir(), EVERY_SECOND);
    await publish(dir(), 'clients', [{ id: 1 }]);
    await rename(join(dir(), 'in'), join(dir(), 'away'));
    const loop = startCli(['run', '--schedule', '--json'], { cwd: dir() });
    await loop.until((process) => documents(process).length === 1);
    expect(errorReport.parse(documents(loop)[0]).error.code).toBe('SOURCE_NOT_FOUND');
    await rename(join(dir(), 'away'), join(dir(), 'in'));
    await loop.until((process) =>
      documents(process).some((found) => runReport.safeParse(found).data?.run === 0),
    );
    await loop.until((process) => process.stderr().split('next run at ').length > documents(process).length);
    loop.kill('SIGTERM');
    expect((await loop.ended).exitCode).toBe(0);
    const { stdout } = await runCli(['status', '--json'], { cwd: dir() });
    expect(JSON.parse(stdout).lastCycle).toMatchObject({
      exitCode: 0,
      error: null,
      source: { id: 'files:in' },
    });
    const announced: unknown = JSON.parse(await readFile(join(dir(), '.igarape', 'next-run.json'), 'utf8'));
    expect(announced).toEqual({ nextAt: expect.stringMatching(/^\d{4}-.*Z$/) });
  });

  test('reloads a table once, not in every cycle', async () => {
    await openShop(dir(), EVERY_SECOND);
    await publish(dir(), 'clients', [{ id: 1 }]);
    await runCli(['run'], { cwd: dir() });
    const loop = startCli(['run', '--schedule', '--json', '--reload', 'clients'], { cwd: dir() });
    await loop.until((process) => documents(process).length === 3);
    loop.kill('SIGTERM');
    await loop.ended;
    const operations = documents(loop).map((found) => runReport.parse(found).tables['clients']?.operation);
    expect(operations.slice(0, 3)).toEqual(['full-load', 'unchanged', 'unchanged']);
  });
});
