import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLog } from '../../src/cli/log.ts';
import { Session } from '../../src/cli/session.ts';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, errorReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();

test('a work folder that cannot be written is an error that names the file and what to do', async () => {
  await openShop(dir(), { work_dir: 'work' });
  await publish(dir(), 'clients', [{ id: 1 }]);
  await writeFile(join(dir(), 'work'), 'a file where the folder should be');
  const { exitCode, stdout } = await runCli(['run', '--json'], { cwd: dir() });
  expect(exitCode).toBe(2);
  const { error } = documentOf(stdout, errorReport);
  expect(error.code).toBe('CONFIG_INVALID');
  expect(error.message).toContain(join('work', 'logs', 'igarape.log'));
  expect(error.hint).toContain('"work_dir"');
});

describe.skipIf(process.platform !== 'linux')('on a disk that is full', () => {
  test('the run does not begin', async () => {
    await openShop(dir());
    await publish(dir(), 'clients', [{ id: 1 }]);
    await mkdir(join(dir(), '.igarape', 'logs'), { recursive: true });
    await symlink('/dev/full', join(dir(), '.igarape', 'logs', 'igarape.log'));
    const { exitCode, stdout } = await runCli(['run', '--json'], { cwd: dir() });
    expect(exitCode).toBe(5);
    expect(documentOf(stdout, errorReport).error).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('igarape.log'),
    });
  });
});

test('a log that has grown large is set aside', async () => {
  await mkdir(join(dir(), 'logs'), { recursive: true });
  await writeFile(join(dir(), 'logs', 'igarape.log'), Buffer.alloc(21 * 1024 * 1024, 'x'));
  const { path } = await openLog(dir(), { logLevel: 'silent', color: false, session: new Session() });
  const { size } = await import('node:fs/promises').then(({ stat }) => stat(path));
  expect(size).toBeLessThan(1000);
});
