import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { describeWith } from '../support/external.ts';
import { installElsewhere, statedVersion } from '../support/packed.ts';

const FIXTURE = join(import.meta.dirname, 'consumer');
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const exec = promisify(execFile);

describeWith(await installElsewhere(), 'the package, installed elsewhere', (folder) => {
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const npx = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
    exec('npx', ['igarape', ...args], { cwd: folder });

  test('has a program that tells its version', async () => {
    expect((await npx('--version')).stdout).toBe(`${await statedVersion()}\n`);
  });

  test('has a program that shows the demo, in plain lines where nobody looks, whose lake holds', async () => {
    const { stdout, stderr } = await npx('demo');
    for (const part of ['What happened', '├──', 'zstd', '  cd lake-demo', 'Done in'])
      expect(stdout).toContain(part);
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toContain('day 2');
    expect(existsSync(join(folder, 'lake-demo'))).toBe(true);
  }, 240_000);

  test('is imported by a strict TypeScript program, without looking away from its types', async () => {
    await cp(join(FIXTURE, 'consumer.ts'), join(folder, 'consumer.ts'));
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    const types = ['--types', 'node', '--typeRoots', join(dirname(dirname(dirname(TSC))), '@types')];
    const { stdout } = await exec(process.execPath, [TSC, ...options, ...types, 'consumer.ts'], {
      cwd: folder,
    });
    expect(stdout).toBe('');
  });

  test('feeds a lake as a library', async () => {
    await mkdir(join(folder, 'source'));
    await writeFile(join(folder, 'source', 'people.csv'), 'id,name\n1,Ana\n2,Bia\n');
    await cp(join(FIXTURE, 'consumer.mjs'), join(folder, 'consumer.mjs'));
    const { stdout } = await exec(process.execPath, ['consumer.mjs'], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ planned: 'full-load', inserted: 2, ok: true });
  });
});
