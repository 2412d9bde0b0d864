import { expect, test } from 'vitest';
import { type CliProcess, runCli, startCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, runReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const LONGEST_MS = 10_000;
/** Well before the end that is forced. */
const AT_ONCE_MS = 7000;

/** A network drive that does not answer any more: nothing can interrupt a call to it. */
const STUCK_DRIVE = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs/promises';
  import { syncBuiltinESMExports } from 'node:module';
  const { stat } = fs;
  fs.stat = (path, ...more) => String(path).endsWith('/in')
    ? new Promise(() => { process.stderr.write('STUCK\\n'); setInterval(() => undefined, 1000); })
    : stat(path, ...more);
  syncBuiltinESMExports();`)}`;

test.skipIf(process.platform === 'win32')(
  'a run that cannot be interrupted ends within ten seconds of SIGTERM, a second signal ends it at once',
  async () => {
    await openShop(dir(), { timer: { unit: 'hours', value: 1 } });
    await publish(dir(), 'clients', [{ id: 1 }]);
    const [once, schedule, twice] = [['run'], ['run', '--schedule'], ['run']].map((args) =>
      startCli(args, { cwd: dir(), nodeOptions: ['--import', STUCK_DRIVE] }),
    );
    const endAfter = async (
      run: CliProcess | undefined,
      signals: readonly NodeJS.Signals[],
    ): Promise<unknown> => {
      if (run === undefined) throw new RangeError('There are three runs.');
      await run.until((program) => program.stderr().includes('STUCK'));
      const startMs = performance.now();
      for (const signal of signals) run.kill(signal);
      const { exitCode } = await run.ended;
      return {
        exitCode,
        inTime: performance.now() - startMs < (signals.length > 1 ? AT_ONCE_MS : LONGEST_MS),
      };
    };
    const ends = await Promise.all([
      endAfter(once, ['SIGTERM']),
      endAfter(schedule, ['SIGTERM']),
      endAfter(twice, ['SIGTERM', 'SIGINT']),
    ]);
    expect(ends).toEqual([
      { exitCode: 143, inTime: true },
      { exitCode: 0, inTime: true },
      // Two signals sent at once may arrive in either order.
      { exitCode: expect.toBeOneOf([130, 143]), inTime: true },
    ]);
    const after = await runCli(['run', '--json'], { cwd: dir() });
    expect(documentOf(after.stdout, runReport).run).toBe(0);
  },
);

test.skipIf(process.platform === 'win32')(
  'an engine that is at something that cannot be interrupted does not outlive SIGTERM by more than ten seconds',
  async () => {
    await openShop(dir(), {});
    await publish(dir(), 'clients', [{ id: 1 }]);
    await runCli(['run'], { cwd: dir() });
    const endless = `SELECT levenshtein(repeat('a', 400000), repeat('b', 400000)) FROM clients`;
    const query = startCli(['query', endless, '--log-level', 'debug'], { cwd: dir() });
    const busy = setTimeout(() => query.kill('SIGTERM'), 4000);
    const startMs = performance.now();
    const { exitCode } = await query.ended;
    clearTimeout(busy);
    expect(exitCode === null || exitCode === 143).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(4000 + LONGEST_MS);
  },
);
