import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';

/** A file system of its own that is soon full; only Linux's root may mount one. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const dir = useTempDir();

describe.skipIf(!canMount)(
  `a disk that is full${canMount ? '' : ' (skipped: it takes root to mount one)'}`,
  () => {
    let disk = '';
    beforeEach(async () => {
      disk = await mkdtemp(join(tmpdir(), 'igarape-disk-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=900k', 'tmpfs', disk]);
    });
    afterEach(async () => {
      execFileSync('umount', ['--lazy', disk]);
      await rm(disk, { recursive: true, force: true });
    });

    test.each(['lake', 'work_dir'])(
      'under the %s is told as such; with more room the run goes on',
      async (full) => {
        mkdirSync(join(dir(), 'source'));
        const rows = Array.from(
          { length: 30_000 },
          (_, id) => `${id},${((id * 2_654_435_761) % 2 ** 32).toString(36)}${id}x\n`,
        );
        writeFileSync(join(dir(), 'source', 't.csv'), `id,v\n${rows.join('')}`);
        const config = {
          source: { type: 'files', path: './source' },
          lake: './lake',
          work_dir: './work',
          [full]: join(disk, full),
          tables: [{ name: 't', pk: 'id' }],
        };
        writeFileSync(join(dir(), 'igarape.json'), JSON.stringify(config));
        execFileSync('mount', ['-o', 'remount,size=300k', disk]);
        const failed = await runCli(['run', '--json'], { cwd: dir() });
        expect(failed.exitCode, failed.stdout + failed.stderr).toBe(5);
        expect(JSON.parse(failed.stdout)).toMatchObject({
          run: null,
          tables: {
            t: { operation: 'failed', reason: expect.stringMatching(/disk is full|no space left/i) },
          },
        });
        execFileSync('mount', ['-o', 'remount,size=50m', disk]);
        const { exitCode, stdout } = await runCli(['run', '--json'], { cwd: dir() });
        expect(exitCode).toBe(0);
        expect(JSON.parse(stdout)).toMatchObject({
          run: 0,
          tables: { t: { operation: 'full-load', inserted: 30_000 } },
        });
        expect((await runCli(['verify'], { cwd: dir() })).exitCode).toBe(0);
      },
    );
  },
);
