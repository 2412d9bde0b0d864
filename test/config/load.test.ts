import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { keysAt } from '../../src/config/keys.ts';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'igarape-config-'));
});

afterEach(() => rm(cwd, { recursive: true, force: true }));

const MINIMAL = '{ "dataset_name": "owner/slug", "tables": [{ "name": "t", "pk": "id" }] }';

async function write(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(cwd, name, '..'), { recursive: true });
    await writeFile(join(cwd, name), content);
  }
}

test('igarape.json goes before config.json', async () => {
  await write({ 'config.json': '{}', 'igarape.json': MINIMAL });
  expect((await loadConfig({ cwd, env: {} })).path).toBe(join(cwd, 'igarape.json'));
});

test('config.json is read where there is no igarape.json', async () => {
  await write({ 'config.json': MINIMAL });
  expect((await loadConfig({ cwd, env: {} })).path).toBe(join(cwd, 'config.json'));
});

test('a named file is read, and its folder is where paths start', async () => {
  await write({ 'sub/my.json': MINIMAL, 'igarape.json': '{}' });
  const { config, path } = await loadConfig({ file: 'sub/my.json', cwd, env: {} });
  expect(path).toBe(join(cwd, 'sub', 'my.json'));
  expect(config.workDir).toBe(join(cwd, 'sub', '.igarape'));
});

test('a missing file is told with the names that were looked for', async () => {
  await expect(loadConfig({ cwd, env: {} })).rejects.toMatchObject({
    code: 'CONFIG_NOT_FOUND',
    exitCode: 2,
    message: `There is no igarape.json nor config.json in ${cwd}`,
  });
  await expect(loadConfig({ file: 'x.json', cwd, env: {} })).rejects.toMatchObject({
    code: 'CONFIG_NOT_FOUND',
  });
});

test('comments, a comma after the last entry and a byte order mark are read over', async () => {
  await write({ 'igarape.json': `\uFEFF// ours\n${MINIMAL.replace(']', ', /* no more */ ]')}` });
  await expect(loadConfig({ cwd, env: {} })).resolves.toBeDefined();
});

test.each([
  ['{\n  "a": 1\n  "b": 2 }', 'igarape.json is not JSON at line 3, column 3: comma expected'],
  ['['.repeat(20_000), 'igarape.json is not JSON at line 1, column 201: it is nested more than 200 deep'],
  [
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    'igarape.json is not JSON at line 1, column 1001: it is nested more than 200 deep',
  ],
  [
    `{ "${'['.repeat(300)}": 1, // ${'['.repeat(300)}\n 2 }`,
    'igarape.json is not JSON at line 2, column 2: property name expected',
  ],
  ['', 'igarape.json is not JSON at line 1, column 1: value expected'],
  ['{ "a": 1,\n "a": 2 }', 'igarape.json is not JSON at line 2, column 2: the key "a" stands there twice'],
])('text that is no JSON is told with line and column: %j', async (text, message) => {
  await write({ 'igarape.json': text });
  await expect(loadConfig({ cwd, env: {} })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message });
});

test('a file in another encoding is refused as such', async () => {
  await write({ 'igarape.json': Buffer.from(MINIMAL.replace('slug', 'açaí'), 'latin1') });
  await expect(loadConfig({ cwd, env: {} })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('it is not UTF-8 text'),
  });
});

test('one error lists every problem in the order of the file, with line and column', async () => {
  await write({
    'igarape.json': [
      '{',
      '  "layout": "flatt",',
      '  "dataset_name": "owner/slug",',
      '  "tables": [',
      '    { "name": "t", "pk": 5 },',
      '    { "name": "T", "pk": "id", "seperator": ";" }',
      '  ],',
      '  "timer": { "unit": "hours", "value": 0 }',
      '}',
    ].join('\n'),
  });
  await expect(loadConfig({ cwd, env: {} })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: [
      'igarape.json has 5 problems:',
      '  layout: found "flatt"; allowed: flat or nested (did you mean "flat"?) (line 2, column 3)',
      '  tables[0].pk: found 5; allowed: a text or a list (line 5, column 20)',
      '  tables[1].name: tables[0] has this name already; allowed: names that differ, in more than case (line 6, column 7)',
      `  tables[1].seperator: unknown key; allowed: ${keysAt(['tables', 1]).toSorted().join(', ')} (line 6, column 32)`,
      '  timer.value: found 0; allowed: a number above 0 (line 8, column 31)',
    ].join('\n'),
  });
});

test('no error repeats a secret, and one that stands in the file is sent to .env', async () => {
  const secret = 'wJalrXUtnFEMIK7MDENG';
  await write({
    'igarape.json': JSON.stringify({
      source: { type: 'http', url: `ftp://user:${secret}@host/x?token=${secret}` },
      aws: { bucket: 'bucket', aws_secret_access_key: secret, endpoint: `x://${secret}` },
      KAGGLE_KEY: secret,
      lake: `gs://${secret}`,
      tables: [{ name: 't', pk: 'id' }],
    }),
  });
  const error: unknown = await loadConfig({ cwd, env: {} }).catch((thrown: unknown) => thrown);
  expect(String(error)).not.toContain(secret);
  expect(String(error)).toMatch(/aws_secret_access_key: unknown key; credentials belong in the environment/);
  expect(String(error)).toMatch(/KAGGLE_KEY: unknown key; credentials belong in the environment/);
});
