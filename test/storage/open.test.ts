import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStorage } from '../../src/storage/open.ts';
import type { S3Access } from '../../src/core/s3-access.ts';
import type { StorageEnvironment } from '../../src/storage/location.ts';
import type { Storage } from '../../src/storage/port.ts';
import { useTempDir } from '../support/tmp.ts';
import { type Proxy, startProxy } from './s3-proxy.ts';

const run = promisify(execFile);
const dir = useTempDir();

describe('openStorage', () => {
  it.each([
    ['a folder', '/nowhere', false],
    ['a bucket', 's3://bucket/prefix', true],
  ])('of %s loads the S3 client only if it is needed', async (_, uri, isLoaded) => {
    const module = JSON.stringify(import.meta.resolve('../../src/storage/open.ts'));
    const script = `const { openStorage } = await import(${module});
      await openStorage({ uri: '${uri}', s3: { region: 'us-east-1' } });`;
    const args = [
      '--no-warnings',
      '--import',
      import.meta.resolve('tsx'),
      '--input-type=module',
      '-e',
      script,
    ];
    await run(process.execPath, args, { env: { ...process.env, NODE_V8_COVERAGE: dir() } });
    const reports = await Promise.all(
      (await readdir(dir())).map((name) => readFile(join(dir(), name), 'utf8')),
    );
    const loads = (path: string): boolean => reports.some((report) => report.includes(path));
    expect({ local: loads('src/storage/local.ts'), s3: loads('@aws-sdk') }).toEqual({
      local: true,
      s3: isLoaded,
    });
  });

  it('refuses what names no bucket', async () => {
    await expect(openStorage({ uri: 's3:///prefix', s3: {} })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });
});

describe('the credentials of a bucket', () => {
  let proxy: Proxy;
  beforeEach(async () => {
    proxy = await startProxy(undefined, ({ method, url }) =>
      method === 'POST' && url === '/' ? ROLE_ASSUMED : { status: 200, body: 'x' },
    );
    const credentials = join(dir(), 'credentials');
    await writeFile(
      credentials,
      `[default]\naws_access_key_id = DEFAULTKEY\naws_secret_access_key = s\n[lake]\naws_access_key_id = PROFILEKEY\naws_secret_access_key = s\n`,
    );
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', credentials);
    vi.stubEnv('AWS_CONFIG_FILE', join(dir(), 'config'));
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_ENDPOINT_URL_STS', proxy.endpoint);
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE']) {
      vi.stubEnv(name, undefined);
    }
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await proxy.stop();
  });

  const keys = { AWS_ACCESS_KEY_ID: 'GIVENKEY', AWS_SECRET_ACCESS_KEY: 's' };

  it('are the keys of the given environment', async () => {
    expect(await keyThatSigns({}, keys)).toBe('GIVENKEY');
  });

  it('are those of a named profile, whatever keys there are', async () => {
    expect(await keyThatSigns({ profile: 'lake' }, keys)).toBe('PROFILEKEY');
  });

  it('are found by the SDK where nothing is given, empty variables counting as nothing', async () => {
    expect(await keyThatSigns({}, {})).toBe('DEFAULTKEY');
    expect(await keyThatSigns({}, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })).toBe('DEFAULTKEY');
  });

  it('are those of a role that the found ones assume', async () => {
    const roleArn = 'arn:aws:iam::123456789012:role/lake';
    expect(await keyThatSigns({ roleArn }, keys)).toBe('ROLEKEY');
    const [assume] = proxy.seen;
    expect(assume?.headers.authorization).toContain('Credential=GIVENKEY/');
    expect(new URLSearchParams(assume?.body.toString()).get('RoleArn')).toBe(roleArn);
  });

  it('are missed with a hint', async () => {
    const storage = await open({ profile: 'unknown' }, {});
    await expect(storage.read('a')).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
      hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
    });
  });

  it('are not asked for before the region is known', async () => {
    vi.stubEnv('AWS_REGION', undefined);
    const storage = await openStorage({ uri: 's3://bucket', s3: {} }, keys);
    await expect(storage.read('a')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringContaining('AWS_REGION'),
    });
  });

  function open(access: S3Access, env: StorageEnvironment): Promise<Storage> {
    const s3 = { ...access, endpoint: proxy.endpoint, forcePathStyle: true };
    return openStorage({ uri: 's3://bucket/prefix', s3 }, env);
  }

  async function keyThatSigns(access: S3Access, env: StorageEnvironment): Promise<string | undefined> {
    await (await open(access, env)).read('a');
    return /Credential=(\w+)\//.exec(proxy.seen.at(-1)?.headers.authorization ?? '')?.[1];
  }
});

const ROLE_ASSUMED = {
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
    <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
};
