import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRemote } from '../config/remote.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Every credential that this process may come to use: of the environment (with the `.env` beside the configuration),
 * of Kaggle's files and of AWS's. A file that is not there, or not readable, holds none.
 */
export async function secretsOf(env: Environment, home: string): Promise<string[]> {
  const named = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isSecret(name) ? [value] : [],
  );
  const tokens = [...(env['SPARK_REMOTE'] ?? '').matchAll(/;token=([^;]+)/g)].map((match) => match[1] ?? '');
  const files = await Promise.all([
    ...tokenFiles(env, home).map(readToken),
    ...jsonFiles(env, home).map(readJson),
    readAws(env, home),
  ]);
  const sent = parseRemote(env['SPARK_REMOTE']?.trim() ?? '')?.token;
  const all = [...named, ...tokens, ...(sent === undefined ? [] : [sent]), ...files.flat()];
  const userNames = [env['KAGGLE_USERNAME'], ...(await Promise.all(jsonFiles(env, home).map(readUserName)))];
  return [...all, ...userNames.flatMap((name) => basicForms(name, all))];
}

/** A setting that points at a file, an address or a host is none itself. */
function isSecret(name: string): boolean {
  return (
    /SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|(?:ACCESS|API|PRIVATE|KAGGLE|ACCOUNT)_?KEY/i.test(name) &&
    !/_(?:FILE|PATH|DIR|URI|URL|HOST)$/i.test(name)
  );
}

function tokenFiles(env: Environment, home: string): string[] {
  const folder = join(home, '.kaggle');
  const named = [env['KAGGLE_API_V1_TOKEN'], env['KAGGLE_API_TOKEN'], env['AWS_WEB_IDENTITY_TOKEN_FILE']];
  return [
    ...named.filter((path) => path !== undefined),
    join(folder, 'access_token'),
    join(folder, 'access_token.txt'),
  ];
}

function jsonFiles(env: Environment, home: string): string[] {
  const configHome = env['XDG_CONFIG_HOME'] ?? join(home, '.config');
  const folders = [env['KAGGLE_CONFIG_DIR'], join(home, '.kaggle'), join(configHome, 'kaggle')];
  return folders.flatMap((folder) =>
    folder === undefined ? [] : [join(folder, 'kaggle.json'), join(folder, 'credentials.json')],
  );
}

async function readToken(path: string): Promise<string[]> {
  const text = await readText(path);
  return text === undefined ? [] : [text.trim()];
}

async function readJson(path: string): Promise<string[]> {
  const found = await readObject(path);
  return ['key', 'access_token', 'refresh_token', 'token'].flatMap((name) => {
    const value = found[name];
    return typeof value === 'string' ? [value] : [];
  });
}

async function readUserName(path: string): Promise<string | undefined> {
  const { username } = await readObject(path);
  return typeof username === 'string' ? username : undefined;
}

async function readAws(env: Environment, home: string): Promise<string[]> {
  const text = await readText(env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(home, '.aws', 'credentials'));
  return [
    ...(text ?? '').matchAll(/^\s*aws_(?:access_key_id|secret_access_key|session_token)\s*=\s*(\S+)/gim),
  ].map((match) => match[1] ?? '');
}

/** What a Basic header makes of a user and each key. */
function basicForms(user: string | undefined, keys: readonly string[]): string[] {
  return user === undefined ? [] : keys.map((key) => Buffer.from(`${user}:${key}`).toString('base64'));
}

async function readObject(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const json: unknown = JSON.parse((await readText(path)) ?? '{}');
    return typeof json === 'object' && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}

const LARGEST_FILE = 1 << 16;

async function readText(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return text.length > LARGEST_FILE ? undefined : text;
  } catch {
    return undefined;
  }
}
