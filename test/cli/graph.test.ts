import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { init } from '../../src/cli/init/init.ts';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

beforeEach(async () => {
  await init({ yes: true, lakehouse: true, directory: dir() });
});

test('graph prints what is made of what, without a lake', async () => {
  const { exitCode, stdout } = await runCli(['graph'], { cwd: dir() });
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual(
    expect.arrayContaining(['transacoes', '└── bronze.transacoes', '        └── gold.monthly']),
  );
});

test('graph gives Mermaid, and JSON in either way of asking for it', async () => {
  const mermaid = await runCli(['graph', '--format', 'mermaid'], { cwd: dir() });
  expect(mermaid.stdout).toMatch(/^flowchart LR\n/);
  const json = await runCli(['graph', '--format', 'json'], { cwd: dir() });
  expect(JSON.parse(json.stdout)).toMatchObject({
    tables: expect.arrayContaining([
      expect.objectContaining({
        name: 'gold.churn',
        layer: 'gold',
        description: expect.stringContaining('Of the clients'),
        sources: ['silver.transacoes', 'silver.clientes'],
      }),
    ]),
  });
  expect((await runCli(['graph', '--json'], { cwd: dir() })).stdout).toBe(json.stdout);
});

test('a model that cannot be read ends with 2, and its file and line', async () => {
  const path = join(dir(), 'models/silver/produtos.sql');
  await writeFile(path, (await readFile(path, 'utf8')).replace('bronze.produtos', 'bronze.produto'));
  const { exitCode, stderr } = await runCli(['graph'], { cwd: dir() });
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    'models/silver/produtos.sql:10: reads bronze.produto, which does not exist (did you mean "bronze.produtos"?)',
  );
});
