import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { callCli } from '../support/call-cli.ts';
import { type CliEnd, runCli } from '../support/cli.ts';
import { FakeKaggle } from '../support/fake-kaggle.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): Promise<CliEnd> => callCli(args, dir());

const doctorReport = z.strictObject({
  ok: z.boolean(),
  exitCode: z.int(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      ok: z.boolean(),
      found: z.string().min(1),
      hint: z.string().nullable(),
      code: z.string().nullable(),
      exitCode: z.int(),
    }),
  ),
});

test('a project that is well: exit code 0, a line a check', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  const { exitCode, stdout } = await igarape('doctor');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('clients is read from clients.csv');
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('All is well.');
  const report = documentOf((await igarape('doctor', '--json')).stdout, doctorReport);
  expect(report.checks.length).toBe(11);
});

test('a broken source and a lake where a file stands: the lake counts first', async () => {
  await openShop(dir(), { source: { type: 'files', path: 'nowhere' } });
  await writeFile(join(dir(), 'lake'), '');
  const { exitCode, stdout } = await igarape('doctor', '--json');
  const report = documentOf(stdout, doctorReport);
  expect(exitCode).toBe(5);
  expect(report.checks.filter(({ ok }) => !ok).map(({ name, exitCode }) => [name, exitCode])).toContainEqual([
    'source',
    3,
  ]);
  expect(report.exitCode).toBe(5);
});

test('a configuration with problems is told with all of them, and nothing else is looked at', async () => {
  await openShop(dir(), { tables: [{ name: 'clients' }] });
  const { exitCode, stdout } = await igarape('doctor');
  expect(exitCode).toBe(2);
  expect(stdout).toContain('tables[0].pk');
  expect(stdout).toContain('1 of 2 checks found something wrong.');
});

test('credentials are named, and their secrets appear nowhere', async () => {
  // One that answers: where nobody does, it is asked again and again.
  const kaggle = await FakeKaggle.start();
  onTestFinished(async () => kaggle.close());
  await openShop(dir(), {
    source: { type: 'kaggle', dataset: 'owner/slug', endpoint: kaggle.endpoint },
  });
  const secret = 'KGAT_0123456789abcdef';
  const { stdout, stderr } = await runCli(['doctor', '--log-level', 'silent'], {
    cwd: dir(),
    env: { KAGGLE_API_TOKEN: secret },
  });
  expect(stdout).toContain('the token in KAGGLE_API_TOKEN');
  expect(stdout + stderr).not.toContain(secret);
});
