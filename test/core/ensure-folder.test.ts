import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureFolder } from '../../src/core/ensure-folder.ts';
import { IgarapeError, systemErrorCode } from '../../src/core/errors.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

test('a folder and all above it are created, and the first that was made is told', async () => {
  expect(await ensureFolder(join(dir(), 'a', 'b', 'c'))).toBe(join(dir(), 'a'));
  expect(await ensureFolder(join(dir(), 'a', 'b', 'c'))).toBeUndefined();
  expect(await ensureFolder(join(dir(), 'a', 'b', 'd', 'e'))).toBe(join(dir(), 'a', 'b', 'd'));
  expect((await stat(join(dir(), 'a', 'b', 'd', 'e'))).isDirectory()).toBe(true);
});

test('many may create one folder at once, while another removes it', async () => {
  const folder = join(dir(), 'x', 'y', 'z');
  for (let round = 0; round < 20; round += 1) {
    const removed = rm(join(dir(), 'x'), { recursive: true, force: true });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, async () => ensureFolder(folder)));
    await removed.catch(() => undefined);
    const refused = outcomes.flatMap((end) =>
      end.status === 'rejected' ? [systemErrorCode(end.reason)] : [],
    );
    expect(refused.filter((code) => code !== 'ENOENT')).toEqual([]);
    await ensureFolder(folder);
    expect((await stat(folder)).isDirectory()).toBe(true);
  }
});

test('a file in the way is an error', async () => {
  await writeFile(join(dir(), 'file'), '');
  await expect(ensureFolder(join(dir(), 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(ensureFolder(join(dir(), 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

// `/proc` takes no names, and says that there is none.
test.skipIf(process.platform !== 'linux')(
  'a place that takes no folders is an error, for a lake and for work',
  async () => {
    await expect(ensureFolder('/proc/no/lake')).rejects.toMatchObject({ code: 'ENOENT' });
    const stored = openLocalStorage('/proc/no/lake').putIfAbsent('a/b', Buffer.from('x'));
    await expect(stored).rejects.toThrow(IgarapeError);
    await expect(stored).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
      message: 'No folder can be created for /proc/no/lake/a/b (ENOENT)',
    });
    await mkdir(join(dir(), 'data'));
    const tables = [{ name: 'c', pk: 'id' }];
    await writeFile(
      join(dir(), 'igarape.json'),
      JSON.stringify({
        source: { type: 'files', path: 'data' },
        lake: './lake',
        work_dir: '/proc/work',
        tables,
      }),
    );
    const { exitCode, stderr } = await runCli(['run'], { cwd: dir() });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      '/proc/work/logs/igarape.log cannot be written: no folder can be created there.',
    );
  },
);
