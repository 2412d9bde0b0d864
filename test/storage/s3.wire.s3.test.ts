import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { honoursIfAbsent } from '../../src/storage/conditional.ts';
import type { StorageLocation } from '../../src/storage/location.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { openS3Storage } from '../../src/storage/s3/storage.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { useTempDir } from '../support/tmp.ts';
import { race } from './race.ts';
import { type Proxy, startProxy, type Treatment } from './s3-proxy.ts';

const MIB = 1024 * 1024;

describeWith(await seaweedfs(), 'a lake on a real S3 server', (program) => {
  const dir = useTempDir();
  let server: S3Server;
  let location: StorageLocation;
  let proxy: Proxy | undefined;
  beforeAll(async () => {
    server = await program.start();
    location = await server.bucket('wire', 'lake');
  }, S3_START_TIMEOUT_MS);
  afterEach(async () => {
    await proxy?.stop();
    proxy = undefined;
  });
  afterAll(() => server.stop());

  it('lets one of twenty puts from several processes win', async () => {
    expect(await race(4, { location, env: server.env, key: 'race', puts: 5 })).toBe(1);
  });

  it('is found to honour the condition', async () => {
    expect(await honoursIfAbsent(await openStorage(location, server.env), '_igarape/', 'x1')).toBe(true);
  });

  it('recognises the object that it created when the answer was lost', async () => {
    const storage = await treated(['lose-answer']);
    expect(await storage.putIfAbsent('lost-answer', Buffer.from('ours'))).toBe(true);
    expect(proxy?.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'GET']);
    expect(await storage.putIfAbsent('lost-answer', Buffer.from('theirs'))).toBe(false);
  });

  it('recognises the object that it created when a proxy sent its request twice', async () => {
    const storage = await treated(['repeat']);
    expect(await storage.putIfAbsent('twice', Buffer.from('ours'))).toBe(true);
    expect(proxy?.seen.map(({ method }) => method)).toEqual(['PUT', 'GET']);
    expect(await storage.putIfAbsent('twice', Buffer.from('theirs'))).toBe(false);
  });

  it('does not take another’s object for its own when its request was lost', async () => {
    const direct = await openStorage(location, server.env);
    await direct.putIfAbsent('lost-request', Buffer.from('theirs'));
    const storage = await treated(['lose-request']);
    expect(await storage.putIfAbsent('lost-request', Buffer.from('ours'))).toBe(false);
    expect(await contents(direct, 'lost-request')).toBe('theirs');
  });

  it('finishes a download that was cut', async () => {
    const bytes = randomBytes(300_000);
    const path = join(dir(), 'source');
    await writeFile(path, bytes);
    await (await openStorage(location, server.env)).upload(path, 'cut');
    const storage = await treated(['cut-answer', 'cut-answer']);
    const downloaded = await storage.localFile('cut', join(dir(), 'target'));
    expect(bytes.equals(await readFile(downloaded))).toBe(true);
    expect(Buffer.compare(bytes, (await storage.read('cut')) ?? bytes.subarray(1))).toBe(0);
  });

  it.each(['lose-answer', 'cut-answer'] as const)(
    'outlives every second request’s fate: %s',
    async (fate) => {
      const path = join(dir(), 'source');
      await writeFile(path, 'x');
      let requests = 0;
      const storage = await treatedBy(() => {
        requests += 1;
        return requests % 2 === 1 ? fate : 'pass';
      });
      await storage.upload(path, `${fate}/a`);
      await storage.copy(`${fate}/a`, `${fate}/b`);
      expect(await keysOf(storage, `${fate}/`)).toEqual([`${fate}/a`, `${fate}/b`]);
      await storage.delete([`${fate}/a`]);
      expect(await keysOf(storage, `${fate}/`)).toEqual([`${fate}/b`]);
    },
  );

  it('moves large files in parts, byte for byte, and leaves none behind', async () => {
    const bytes = randomBytes(21 * MIB + 7);
    const path = join(dir(), 'large');
    await writeFile(path, bytes);
    const settings = { copyMaxBytes: 10 * MIB, copyPartBytes: 8 * MIB };
    const storage = openS3Storage(location.uri, location.s3, server.env, settings);
    await storage.upload(path, 'large/a');
    await storage.copy('large/a', 'large/b');
    expect(await storage.stat('large/b')).toMatchObject({ sizeBytes: bytes.byteLength });
    const downloaded = await storage.localFile('large/b', join(dir(), 'back'));
    expect(bytes.equals(await readFile(downloaded))).toBe(true);
    expect(await unfinishedUploads()).toEqual([]);
  });

  it('keeps no parts of an upload that broke off', async () => {
    const path = join(dir(), 'large');
    await writeFile(path, randomBytes(20 * MIB));
    const storage = await treatedBy(({ url }) => (url.includes('partNumber=2') ? { status: 403 } : 'pass'));
    await expect(storage.upload(path, 'broken')).rejects.toMatchObject({ code: 'LAKE_FORBIDDEN' });
    expect(await storage.stat('broken')).toBeUndefined();
    expect(await unfinishedUploads()).toEqual([]);
  });

  it('encrypts what it stores and what it copies', async () => {
    const storage = openS3Storage(location.uri, { ...location.s3, sse: 'AES256' }, server.env);
    await storage.putIfAbsent('sse/a', Buffer.from('x'));
    await storage.copy('sse/a', 'sse/b');
    for (const Key of ['lake/sse/a', 'lake/sse/b']) {
      const head = await server.client.send(new HeadObjectCommand({ Bucket: 'wire', Key }));
      expect(head.ServerSideEncryption).toBe('AES256');
    }
    expect(await contents(storage, 'sse/b')).toBe('x');
  });

  it('keeps objects in the storage class that is asked for', async () => {
    const storage = openS3Storage(location.uri, { ...location.s3, storageClass: 'STANDARD_IA' }, server.env);
    await storage.putIfAbsent('class/a', Buffer.from('x'));
    await storage.copy('class/a', 'class/b');
    for (const Key of ['lake/class/a', 'lake/class/b']) {
      const head = await server.client.send(new HeadObjectCommand({ Bucket: 'wire', Key }));
      expect(head.StorageClass).toBe('STANDARD_IA');
    }
  });

  it('says that the secret key is wrong, without showing it', async () => {
    const env = { ...server.env, AWS_SECRET_ACCESS_KEY: 'notthesecret' };
    const storage = await openStorage(location, env);
    const refusal = { code: 'LAKE_FORBIDDEN', hint: expect.stringContaining('AWS_SECRET_ACCESS_KEY') };
    await expect(storage.read('a')).rejects.toMatchObject(refusal);
    await expect(storage.stat('a')).rejects.toMatchObject(refusal);
    await expect(storage.putIfAbsent('a', Buffer.from('x'))).rejects.toMatchObject(refusal);
    await expect(storage.putIfAbsent('a', Buffer.from('x'))).rejects.not.toThrow(/notthesecret/);
  });

  it('says that the access key is unknown', async () => {
    const storage = await openStorage(location, { ...server.env, AWS_ACCESS_KEY_ID: 'nobody' });
    await expect(keysOf(storage, '')).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
      hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
    });
  });

  it('says that the bucket is missing', async () => {
    const storage = await openStorage({ ...location, uri: 's3://nowhere/lake' }, server.env);
    const refusal = { code: 'LAKE_NOT_FOUND', message: expect.stringContaining('s3://nowhere/lake') };
    await expect(storage.read('a')).rejects.toMatchObject(refusal);
    await expect(keysOf(storage, '')).rejects.toMatchObject(refusal);
    await expect(storage.putIfAbsent('a', Buffer.from('x'))).rejects.toMatchObject(refusal);
  });

  it('shows no other lake whose prefix begins alike', async () => {
    const other = await openStorage({ ...location, uri: `${location.uri}-2` }, server.env);
    await other.putIfAbsent('a', Buffer.from('x'));
    const storage = await openStorage(location, server.env);
    expect((await keysOf(storage, '')).filter((key) => key.includes('-2'))).toEqual([]);
    expect(await keysOf(other, '')).toEqual(['a']);
  });

  it('lists more than a page of objects', async () => {
    const storage = await openStorage({ ...location, uri: `${location.uri}/pages` }, server.env);
    const keys = Array.from({ length: 1010 }, (_, index) => `f/${String(index).padStart(6, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => storage.putIfAbsent(key, Buffer.from(key))));
    }
    expect(await keysOf(storage, 'f/')).toEqual(keys);
    expect(await keysOf(storage, 'f/', 'f/000003')).toEqual(keys.slice(4));
    await storage.delete(keys);
    expect(await keysOf(storage, '')).toEqual([]);
  });

  /** The storage by way of a proxy that treats the first requests as said, and passes on the others. */
  function treated(treatments: readonly Treatment[]): Promise<Storage> {
    return treatedBy((_, index) => treatments[index] ?? 'pass');
  }

  async function treatedBy(treat: Parameters<typeof startProxy>[1]): Promise<Storage> {
    proxy = await startProxy(server.endpoint, treat);
    const { uri, s3 } = proxy.through(location);
    return openS3Storage(uri, s3, server.env, { backoffMs: 1 });
  }

  async function unfinishedUploads(): Promise<unknown[]> {
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: 'wire' }));
    return Uploads;
  }
});

async function contents(storage: Storage, key: string): Promise<string> {
  return Buffer.from((await storage.read(key)) ?? []).toString();
}

async function keysOf(storage: Storage, prefix: string, startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix, startAfter)) keys.push(key);
  return keys;
}
