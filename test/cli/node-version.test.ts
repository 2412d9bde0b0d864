import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWith, nodeFromNpm } from '../support/external.ts';
import { openShop } from './shop.ts';
import { useTempDir } from '../support/tmp.ts';

const BIN = fileURLToPath(new URL('../../bin/', import.meta.url));
const dir = useTempDir();

interface End {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(node: string, script: string, ...args: string[]): Promise<End> {
  return new Promise((resolve) => {
    execFile(node, [script, ...args], (error, stdout, stderr) =>
      resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

for (const version of ['12.22.12', '18.20.8', '20.10.0', '22.11.0']) {
  describeWith(await nodeFromNpm(version), `Node.js ${version}`, (node) => {
    test('is told to be too old, in one line and a hint', async () => {
      const { exitCode, stdout, stderr } = await start(node, join(BIN, 'igarape.js'), '--version');
      const [major, minor] = version.split('.');
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toBe(
        `error[NODE_TOO_OLD] igarape needs Node.js 20.19, 22.12 or later; this is ${major}.${minor}.\n` +
          '  Get one from https://nodejs.org, then give the same command again.\n',
      );
    });

    test('is told to a program as JSON', async () => {
      const { stdout, stderr } = await start(node, join(BIN, 'igarape.js'), 'run', '--json');
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NODE_TOO_OLD' } });
      expect(stderr).toBe('');
    });
  });
}

for (const version of ['20.19.0', '22.12.0']) {
  describeWith(await nodeFromNpm(version), `Node.js ${version}`, (node) => {
    test('is new enough: the program starts, and asks DuckDB', async () => {
      const query = ['query', 'SELECT 40 + 2 AS answer', '--format', 'csv'];
      const { exitCode, stdout } = await start(
        node,
        join(BIN, 'igarape.js'),
        ...query,
        '--config',
        await shop(),
      );
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'answer\n42\n' });
    });
  });
}

async function shop(): Promise<string> {
  await openShop(dir());
  return join(dir(), 'igarape.json');
}

test('a checkout that is not built says how to build it', async () => {
  await mkdir(join(dir(), 'bin'));
  await cp(join(BIN, 'igarape.js'), join(dir(), 'bin', 'igarape.mjs'));
  const { exitCode, stderr } = await start(process.execPath, join(dir(), 'bin', 'igarape.mjs'), '--version');
  expect(exitCode).toBe(2);
  expect(stderr).toContain('error[NOT_INSTALLED]');
  expect(stderr).toContain('`npm ci`');
});
