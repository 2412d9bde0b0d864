import { cp, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callCli } from '../support/call-cli.ts';
import { type CliEnd } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop, publish } from '../cli/shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): Promise<CliEnd> => callCli(args, dir());
const openAt = async (path: string): Promise<void> => openShop(dir(), { source: { type: 'files', path } });

test('a folder is the same source however it is spelled', async () => {
  await openAt('in');
  await publish(dir(), 'clients', [{ id: 1 }]);
  await igarape('run');
  for (const path of ['./in', 'in/', join(dir(), 'in')]) {
    await openAt(path);
    const { exitCode, stdout } = await igarape('run');
    expect({ path, exitCode, isStill: stdout.includes('nothing to commit') }).toEqual({
      path,
      exitCode: 0,
      isStill: true,
    });
  }
  expect((await igarape('doctor')).exitCode).toBe(0);
});

test('files that have moved go on with --source-moved, once, and are compared anew', async () => {
  await openAt('in');
  await publish(dir(), 'clients', [{ id: 1, name: 'Ana' }]);
  await igarape('run');
  await mkdir(join(dir(), 'there'));
  // The times stay as they were, so that the files look alike.
  await cp(join(dir(), 'in'), join(dir(), 'there', 'in'), { recursive: true, preserveTimestamps: true });
  await rename(join(dir(), 'in'), join(dir(), 'gone'));
  await openAt('there/in');
  const refused = await igarape('run');
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('igarape run --source-moved');
  expect((await igarape('run', '--source-moved')).stdout).toContain('committed as run 1');
  expect((await igarape('run')).stdout).toContain('nothing to commit');
  expect((await igarape('verify')).exitCode).toBe(0);
});

test('another kind of source has not moved', async () => {
  await openAt('in');
  await publish(dir(), 'clients', [{ id: 1 }]);
  await igarape('run');
  await openShop(dir(), { source: { type: 'http', url: 'http://127.0.0.1:1/clients.csv' } });
  const { exitCode, stderr } = await igarape('run', '--source-moved');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('SOURCE_CHANGED');
  expect(stderr).not.toContain('igarape run --source-moved');
});
