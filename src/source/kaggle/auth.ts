import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { IgarapeError, systemErrorCode, systemReason } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { parseKaggleTime } from './time.ts';

/** How requests are signed. The secret is reached by `authorization()` alone, so that no log or error can show it. */
export interface KaggleCredential {
  readonly kind: 'token' | 'key' | 'oauth' | 'anonymous';
  /** The `Authorization` header; undefined for anonymous requests. */
  authorization(): string | undefined;
  /** What it is and where it was found, without the secret. */
  describe(): string;
}

export interface CredentialPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Looks for credentials where Kaggle's own clients do, and in their order: the notebook's token file, KAGGLE_API_TOKEN
 * (a token, or a file with one), the access_token files, KAGGLE_USERNAME and KAGGLE_KEY, kaggle.json, the command
 * line's login while it lasts, and else none, which is enough for most public data sets. Throws
 * `SOURCE_UNAUTHENTICATED` where a file that would count cannot be read.
 */
export async function findCredential(places: CredentialPlaces): Promise<KaggleCredential> {
  for (const look of [notebookToken, environmentToken, tokenFile, environmentKey, keyFile, login]) {
    const credential = await look(places);
    if (credential) return credential;
  }
  return {
    kind: 'anonymous',
    authorization: () => undefined,
    describe: () => 'no credentials (anonymous)',
  };
}

type Look = (places: CredentialPlaces) => Promise<KaggleCredential | undefined>;

const notebookToken: Look = async ({ env }) => {
  const path = env['KAGGLE_API_V1_TOKEN'];
  const token = path ? await readToken(path) : undefined;
  return token ? bearer('token', token, 'the notebook’s token (KAGGLE_API_V1_TOKEN)') : undefined;
};

const environmentToken: Look = async ({ env }) => {
  const value = env['KAGGLE_API_TOKEN']?.trim();
  if (!value) return undefined;
  const filed = await readToken(value);
  if (filed === '') throw unusable(`the file that KAGGLE_API_TOKEN names`, 'is empty');
  return filed === undefined
    ? bearer('token', value, 'the token in KAGGLE_API_TOKEN')
    : bearer('token', filed, 'the token in the file that KAGGLE_API_TOKEN names');
};

const tokenFile: Look = async ({ home }) => {
  for (const name of ['access_token', 'access_token.txt']) {
    const token = await readToken(join(home, '.kaggle', name));
    if (token) return bearer('token', token, `the token in ~/.kaggle/${name}`);
  }
  return undefined;
};

const environmentKey: Look = ({ env, log }) => {
  const { KAGGLE_USERNAME: username, KAGGLE_KEY: key } = env;
  if (username && key) return Promise.resolve(basic(username, key, 'KAGGLE_USERNAME and KAGGLE_KEY'));
  if (username || key) {
    const set = username ? 'KAGGLE_USERNAME' : 'KAGGLE_KEY';
    log.warn({}, `${set} is set alone, and not used: KAGGLE_USERNAME and KAGGLE_KEY belong together`);
  }
  return Promise.resolve(undefined);
};

const keyFileSchema = z.object({ username: z.string().min(1), key: z.string().min(1) });

const keyFile: Look = async ({ env, home, log }) => {
  for (const folder of await keyFolders(env, home)) {
    const path = join(folder, 'kaggle.json');
    const text = await readText(path);
    if (text === undefined) continue;
    const parsed = keyFileSchema.safeParse(parseJson(text));
    if (!parsed.success) throw unusable(path, 'does not hold {"username": "…", "key": "…"}');
    await warnIfShared(path, log);
    return basic(parsed.data.username, parsed.data.key, path);
  }
  return undefined;
};

const loginSchema = z.object({ access_token: z.string().min(1), access_token_expiration: z.string() });

/** The login of Kaggle's command line lasts for hours; renewing it is left to that. */
const login: Look = async ({ home, log, now }) => {
  const text = await readText(join(home, '.kaggle', 'credentials.json'));
  if (text === undefined) return undefined;
  const parsed = loginSchema.safeParse(parseJson(text));
  const expiry = parsed.success ? parseKaggleTime(parsed.data.access_token_expiration) : undefined;
  if (!parsed.success || expiry === undefined || expiry <= BigInt(now()) * 1000n) {
    log.warn(
      {},
      'The login in ~/.kaggle/credentials.json has expired, and is not used: log in again with Kaggle’s own command line',
    );
    return undefined;
  }
  return bearer('oauth', parsed.data.access_token, 'the login in ~/.kaggle/credentials.json');
};

async function keyFolders(env: CredentialPlaces['env'], home: string): Promise<string[]> {
  const configured = env['KAGGLE_CONFIG_DIR'];
  if (configured) return [configured];
  const dotKaggle = join(home, '.kaggle');
  const exists = await stat(dotKaggle).then(
    () => true,
    () => false,
  );
  return exists ? [dotKaggle] : [join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'kaggle')];
}

function bearer(kind: 'token' | 'oauth', token: string, where: string): KaggleCredential {
  return { kind, authorization: () => `Bearer ${token}`, describe: () => where };
}

function basic(username: string, key: string, where: string): KaggleCredential {
  const pair = Buffer.from(`${username}:${key}`).toString('base64');
  return {
    kind: 'key',
    authorization: () => `Basic ${pair}`,
    describe: () => `the key of ${username} in ${where}`,
  };
}

/** A file's text without white space around it; undefined where there is no such file. */
async function readToken(path: string): Promise<string | undefined> {
  return (await readText(path))?.trim();
}

const NO_FILE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EISDIR']);

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (NO_FILE.has(code) || code === 'ERR_INVALID_ARG_VALUE') return undefined;
    throw unusable(path, `cannot be read: ${systemReason(error)}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function warnIfShared(path: string, log: Logger): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  log.warn({ path }, `${path} can be read by other users: chmod 600 it`);
}

function unusable(what: string, found: string): IgarapeError {
  return new IgarapeError(
    'SOURCE_UNAUTHENTICATED',
    `The Kaggle credentials cannot be used: ${what} ${found}`,
    {
      hint: 'Create a token on https://www.kaggle.com/settings and put it into KAGGLE_API_TOKEN, or remove the file.',
    },
  );
}
