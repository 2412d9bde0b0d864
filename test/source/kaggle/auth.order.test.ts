import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { findCredential, type KaggleCredential } from '../../../src/source/kaggle/auth.ts';
import { useTempDir } from '../../support/tmp.ts';
import { failureOf, lines } from './fixture.ts';
import { writeFileAt } from '../../support/write-file.ts';

const dir = useTempDir();
const now = (): number => Date.UTC(2026, 0, 1);

async function put(path: string, content: string, mode = 0o600): Promise<string> {
  const full = join(dir(), path);
  await writeFileAt(full, content);
  await chmod(full, mode);
  return full;
}

async function find(env: Record<string, string> = {}, log = lines()): Promise<KaggleCredential> {
  return await findCredential({ env, home: dir(), log, now });
}

const key = (username: string): string => JSON.stringify({ username, key: 'secret-key' });
const basic = (username: string): string =>
  `Basic ${Buffer.from(`${username}:secret-key`).toString('base64')}`;

const login = JSON.stringify({
  refresh_token: 'secret-refresh',
  access_token: 'secret-login',
  access_token_expiration: '2026-01-01T06:00:00.123456789Z',
  username: 'ana',
});

/** Every place, the first one first; each is set only with those after it. */
const places: readonly (readonly [string, string, string])[] = [
  ['KAGGLE_API_V1_TOKEN', 'notebook', 'Bearer secret-notebook'],
  ['KAGGLE_API_TOKEN', 'environment', 'Bearer secret-environment'],
  ['~/.kaggle/access_token', 'file', 'Bearer secret-file'],
  ['~/.kaggle/access_token.txt', 'text file', 'Bearer secret-text-file'],
  ['KAGGLE_USERNAME and KAGGLE_KEY', 'pair', basic('pair')],
  ['kaggle.json', 'kaggle.json', basic('json')],
  ['credentials.json', 'login', 'Bearer secret-login'],
  ['anonymous', 'none', ''],
];

async function setFrom(first: number): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  if (first <= 0) env['KAGGLE_API_V1_TOKEN'] = await put('notebook-token', 'secret-notebook\n');
  if (first <= 1) env['KAGGLE_API_TOKEN'] = 'secret-environment';
  if (first <= 2) await put('.kaggle/access_token', 'secret-file\n');
  if (first <= 3) await put('.kaggle/access_token.txt', 'secret-text-file');
  if (first <= 4) Object.assign(env, { KAGGLE_USERNAME: 'pair', KAGGLE_KEY: 'secret-key' });
  if (first <= 5) await put('.kaggle/kaggle.json', key('json'));
  if (first <= 6) await put('.kaggle/credentials.json', login);
  return env;
}

test.each(places.map((place, index) => [index, ...place] as const))(
  'place %d, %s, goes before all that come after it',
  async (index, described, _name, header) => {
    const credential = await find(await setFrom(index));
    expect(credential.authorization() ?? '').toBe(header);
    expect(credential.describe()).toContain(described);
  },
);

test('no credential shows its secret when it is described, printed or written as JSON', async () => {
  for (const index of places.keys()) {
    const credential = await find(await setFrom(index));
    const shown = `${credential.describe()} ${inspect(credential, { depth: 9 })} ${JSON.stringify(credential)}`;
    expect(shown).not.toMatch(/secret/);
    expect(shown).not.toContain(Buffer.from(':secret-key').toString('base64').slice(2, 10));
  }
});

test('KAGGLE_API_TOKEN may name a file that holds the token', async () => {
  const path = await put('token', '  secret-in-file\n');
  const credential = await find({ KAGGLE_API_TOKEN: path });
  expect(credential.authorization()).toBe('Bearer secret-in-file');
  expect(credential.describe()).toBe('the token in the file that KAGGLE_API_TOKEN names');
});

test('an empty file named by KAGGLE_API_TOKEN is an error', async () => {
  const path = await put('token', '\n');
  expect(await failureOf(find({ KAGGLE_API_TOKEN: path }))).toMatchObject({ code: 'SOURCE_UNAUTHENTICATED' });
});

test('an empty access_token file is passed over', async () => {
  await put('.kaggle/access_token', '\n');
  await put('.kaggle/access_token.txt', 'secret');
  expect((await find()).authorization()).toBe('Bearer secret');
});

test('the access_token files are in ~/.kaggle whatever KAGGLE_CONFIG_DIR says', async () => {
  await put('.kaggle/access_token', 'secret');
  expect((await find({ KAGGLE_CONFIG_DIR: join(dir(), 'other') })).authorization()).toBe('Bearer secret');
});

test('kaggle.json is looked for in KAGGLE_CONFIG_DIR alone where that is set', async () => {
  await put('.kaggle/kaggle.json', key('home'));
  const other = dirname(await put('other/kaggle.json', key('other')));
  expect((await find({ KAGGLE_CONFIG_DIR: other })).authorization()).toBe(basic('other'));
  expect((await find({ KAGGLE_CONFIG_DIR: join(dir(), 'empty') })).kind).toBe('anonymous');
});

test('kaggle.json is found in XDG_CONFIG_HOME or ~/.config where there is no ~/.kaggle', async () => {
  await put('.config/kaggle/kaggle.json', key('config'));
  await put('xdg/kaggle/kaggle.json', key('xdg'));
  expect((await find()).authorization()).toBe(basic('config'));
  expect((await find({ XDG_CONFIG_HOME: join(dir(), 'xdg') })).authorization()).toBe(basic('xdg'));
  await mkdir(join(dir(), '.kaggle'));
  expect((await find()).kind).toBe('anonymous');
});

test.skipIf(process.platform === 'win32')(
  'a kaggle.json that others can read is used with a warning',
  async () => {
    await put('.kaggle/kaggle.json', key('json'), 0o644);
    const log = lines();
    expect((await find({}, log)).kind).toBe('key');
    expect(log.lines.join()).toMatch(/can be read by other users/);
    expect(log.lines.join()).not.toContain('secret');
  },
);

test.each(['{', '[]', '{"username":"ana"}'])(
  'a broken kaggle.json (%s) is an error that names it',
  async (content) => {
    await put('.kaggle/kaggle.json', content);
    const error = await failureOf(find());
    expect(error.code).toBe('SOURCE_UNAUTHENTICATED');
    expect(error.message).toContain(join('.kaggle', 'kaggle.json'));
  },
);

test('a username without a key is passed over with a warning', async () => {
  const log = lines();
  expect((await find({ KAGGLE_USERNAME: 'ana' }, log)).kind).toBe('anonymous');
  expect(log.lines.join()).toContain('KAGGLE_USERNAME is set alone');
});

test('an expired or unreadable login is passed over with a warning', async () => {
  for (const content of [login.replace('06:00', '00:00').replace('2026', '2025'), '{}', 'x']) {
    await put('.kaggle/credentials.json', content);
    const log = lines();
    expect((await find({}, log)).kind).toBe('anonymous');
    expect(log.lines.join()).toContain('expired');
  }
});
