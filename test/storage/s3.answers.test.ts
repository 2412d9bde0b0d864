import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { honoursIfAbsent } from '../../src/storage/conditional.ts';
import type { S3Access } from '../../src/storage/location.ts';
import type { Storage } from '../../src/storage/port.ts';
import type { S3Settings } from '../../src/storage/s3/settings.ts';
import { openS3Storage } from '../../src/storage/s3/storage.ts';
import { useTempDir } from '../support/tmp.ts';
import { type Proxy, s3Refusal, type SeenRequest, startProxy, type Treatment } from './s3-proxy.ts';

// What the adapter makes of S3's answers: the endpoint is a real socket on which each answer is chosen.

const MIB = 1024 * 1024;
const OK: Treatment = { status: 200, headers: { etag: '"e"' } };
const SECRETS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEXAMPLETOKEN',
};

const dir = useTempDir();
let proxy: Proxy;
const waitsMs: number[] = [];

afterEach(async () => {
  await proxy.stop();
  waitsMs.length = 0;
});

describe('putIfAbsent', () => {
  it('asks for the object to be absent, and sends the body once', async () => {
    const storage = await answering([OK]);
    expect(await put(storage)).toBe(true);
    expect(proxy.seen).toHaveLength(1);
    expect(proxy.seen[0]).toMatchObject({ method: 'PUT', url: expect.stringMatching(/^\/b\/p\/key(\?|$)/) });
    expect(proxy.seen[0]?.headers).toMatchObject({ 'if-none-match': '*' });
    expect(proxy.seen[0]?.body.toString()).toBe('ours');
  });

  it('has lost when the object exists, without another request', async () => {
    const storage = await answering([s3Refusal(412, 'PreconditionFailed')]);
    expect(await put(storage)).toBe(false);
    expect(proxy.seen).toHaveLength(1);
  });

  it('tries again after a 409, and trusts the 412 that follows', async () => {
    const conflict = s3Refusal(409, 'ConditionalRequestConflict');
    expect(await put(await answering([conflict, OK]))).toBe(true);
    await proxy.stop();
    expect(await put(await answering([conflict, s3Refusal(412, 'PreconditionFailed')]))).toBe(false);
    expect(proxy.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });

  it('looks whose object it is when a 412 follows an answer that left it open', async () => {
    const open = s3Refusal(500, 'InternalError');
    const exists = s3Refusal(412, 'PreconditionFailed');
    expect(await put(await answering([open, exists, { status: 200, body: 'ours' }]))).toBe(true);
    await proxy.stop();
    expect(await put(await answering([open, exists, { status: 200, body: 'theirs' }]))).toBe(false);
    expect(proxy.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'GET']);
  });

  it('waits at random below a bound that doubles', async () => {
    const busy = s3Refusal(503, 'SlowDown');
    const storage = await answering([busy, busy, busy, busy, OK], { random: () => 0.5 });
    expect(await put(storage)).toBe(true);
    expect(waitsMs).toEqual([50, 100, 200, 400]);
  });

  it('gives up after a bounded number of tries, and says that another run may help', async () => {
    const storage = await answering([s3Refusal(503, 'SlowDown')], { tries: 3 });
    await expect(put(storage)).rejects.toMatchObject({ code: 'LAKE_UNREACHABLE', retryable: true });
    expect(proxy.seen.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT', 'GET']);
  });

  it('looks whose object is there when not even the last try was answered', async () => {
    const lost: readonly Treatment[] = ['lose-request', 'lose-request'];
    expect(await put(await answering([...lost, { status: 200, body: 'ours' }], { tries: 2 }))).toBe(true);
    await proxy.stop();
    expect(await put(await answering([...lost, { status: 200, body: 'theirs' }], { tries: 2 }))).toBe(false);
  });

  it('tries again when no answer comes in time', async () => {
    const storage = await answering(['ignore', OK], { idleTimeoutMs: 100 });
    expect(await put(storage)).toBe(true);
    expect(proxy.seen).toHaveLength(2);
  });

  it('refuses a store that knows no conditional writes', async () => {
    const storage = await answering([s3Refusal(501, 'NotImplemented', 'A header implies functionality.')]);
    await expect(put(storage)).rejects.toMatchObject({ code: 'LAKE_UNCONDITIONAL' });
  });
});

describe('honoursIfAbsent', () => {
  it('holds for a store that keeps the first body', async () => {
    const storage = await servedBy(memoryStore(true));
    expect(await honoursIfAbsent(storage, '_igarape/', 'x1')).toBe(true);
    expect(await storage.read('_igarape/probe-x1')).toBeUndefined();
  });

  it('does not hold for a store that ignores the condition, and leaves nothing there', async () => {
    const storage = await servedBy(memoryStore(false));
    expect(await honoursIfAbsent(storage, '_igarape/', 'x1')).toBe(false);
    expect(await storage.read('_igarape/probe-x1')).toBeUndefined();
  });
});

describe('an error of the store', () => {
  it.each([
    [403, 'AccessDenied', 'LAKE_FORBIDDEN', /s3:PutObject/],
    [403, 'InvalidAccessKeyId', 'LAKE_FORBIDDEN', /AWS_ACCESS_KEY_ID/],
    [404, 'XAdminUserNotFound', 'LAKE_FORBIDDEN', /AWS_ACCESS_KEY_ID/],
    [403, 'SignatureDoesNotMatch', 'LAKE_FORBIDDEN', /AWS_SECRET_ACCESS_KEY/],
    [400, 'ExpiredToken', 'LAKE_FORBIDDEN', /Renew the credentials.*run again/],
    [400, 'InvalidToken', 'LAKE_FORBIDDEN', /AWS_SESSION_TOKEN/],
    [403, 'RequestTimeTooSkewed', 'LAKE_UNREACHABLE', /Set the clock/],
    [404, 'NoSuchBucket', 'LAKE_NOT_FOUND', /Create the bucket/],
    [507, 'XMinioStorageFull', 'DISK_FULL', /Free some space/],
    [400, 'InvalidStorageClass', 'CONFIG_INVALID', /storage_class/],
    [403, 'SomethingNew', 'LAKE_FORBIDDEN', /s3:PutObject/],
  ])('%d %s is %s, with what to do', async (status, name, code, hint) => {
    const storage = await answering([s3Refusal(status, name, 'As S3 says it.')]);
    const refusal = { code, hint: expect.stringMatching(hint), message: expect.stringContaining(name) };
    await expect(put(storage)).rejects.toMatchObject(refusal);
    await expect(storage.read('key')).rejects.toMatchObject(refusal);
    await expect(keysOf(storage)).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('s3://b/p'),
    });
    await expect(storage.delete(['key'])).rejects.toMatchObject(refusal);
    await expect(storage.upload(await file(10), 'key')).rejects.toMatchObject(refusal);
  });

  it('is looked up by a second request where HEAD tells only a status', async () => {
    const storage = await answering([{ status: 400 }, s3Refusal(400, 'ExpiredToken')]);
    await expect(storage.stat('key')).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
      hint: expect.stringMatching(/Renew/),
    });
    expect(proxy.seen.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it.each([
    s3Refusal(301, 'PermanentRedirect', 'Use another endpoint.', {
      headers: { 'x-amz-bucket-region': 'sa-east-1' },
    }),
    s3Refusal(400, 'AuthorizationHeaderMalformed', 'The region is wrong.', {
      xml: '<Region>sa-east-1</Region>',
    }),
  ])('names the right region', async (answer) => {
    const storage = await answering([answer]);
    const refusal = { code: 'LAKE_UNREACHABLE', hint: expect.stringContaining('sa-east-1') };
    await expect(put(storage)).rejects.toMatchObject(refusal);
    await expect(storage.read('key')).rejects.toMatchObject(refusal);
    await expect(keysOf(storage)).rejects.toMatchObject(refusal);
  });

  it('is found among the answers for single keys of a deletion', async () => {
    const body = `<DeleteResult><Error><Key>p/b</Key><Code>AccessDenied</Code><Message>No.</Message></Error></DeleteResult>`;
    const storage = await answering([{ status: 200, body }]);
    await expect(storage.delete(['a', 'b'])).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
      message: expect.stringContaining('p/b'),
    });
  });

  it('that passes by itself is outlived', async () => {
    const busy = s3Refusal(503, 'SlowDown');
    expect(await keysOf(await answering([busy, busy, listOf([])]))).toEqual([]);
    await proxy.stop();
    const storage = await answering([busy, 'lose-request', { status: 200, body: 'body' }]);
    expect(Buffer.from((await storage.read('key')) ?? []).toString()).toBe('body');
  });

  it('that is a closed port is told as unreachable', async () => {
    const storage = await answering([OK], { tries: 2 });
    await proxy.stop();
    await expect(put(storage)).rejects.toMatchObject({
      code: 'LAKE_UNREACHABLE',
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('holds no secret, however deep one looks', async () => {
    const xml = `<AWSAccessKeyId>${SECRETS.AWS_ACCESS_KEY_ID}</AWSAccessKeyId><StringToSign>${SECRETS.AWS_SESSION_TOKEN}</StringToSign>`;
    const answer = s3Refusal(403, 'SignatureDoesNotMatch', `Key ${SECRETS.AWS_ACCESS_KEY_ID} is wrong.`, {
      xml,
    });
    const storage = await answering([answer]);
    const errors = await Promise.all(
      [put(storage), storage.read('k'), storage.stat('k'), storage.delete(['k'])].map((call) =>
        call.then(() => undefined, everythingIn),
      ),
    );
    expect(proxy.seen[0]?.headers['x-amz-security-token']).toBe(SECRETS.AWS_SESSION_TOKEN);
    for (const error of errors) {
      expect(error).toContain('SignatureDoesNotMatch');
      for (const secret of Object.values(SECRETS)) expect(error).not.toContain(secret);
      expect(error).not.toMatch(/signature=/i);
    }
  });
});

describe('encryption and storage class', () => {
  it('go with every request that creates an object', async () => {
    const access = { sse: 'aws:kms:my-key', storageClass: 'STANDARD_IA' };
    const settings = { partSizeBytes: 5 * MIB, copyMaxBytes: 6 * MIB, copyPartBytes: 5 * MIB };
    const storage = await servedBy(multipartStore(), settings, access);
    await put(storage);
    await storage.upload(await file(10), 'small');
    await storage.upload(await file(11 * MIB), 'large');
    await storage.copy('small', 'copy-small');
    await storage.copy('large', 'copy-large');
    const creating = proxy.seen.filter(
      ({ method, url }) => (method === 'PUT' && !url.includes('partNumber=')) || url.includes('?uploads'),
    );
    expect(creating.map(({ method, url }) => `${method} ${url.split(/[?&]/, 1)[0]}`)).toEqual([
      'PUT /b/p/key',
      'PUT /b/p/small',
      'POST /b/p/large',
      'PUT /b/p/copy-small',
      'POST /b/p/copy-large',
    ]);
    for (const { headers } of creating) {
      expect(headers).toMatchObject({
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'my-key',
        'x-amz-storage-class': 'STANDARD_IA',
      });
    }
  });

  it.each([
    ['AES256', 'AES256'],
    ['aws:kms', 'aws:kms'],
  ])('%s names no key', async (sse, header) => {
    const storage = await answering([OK], {}, { sse });
    await put(storage);
    expect(proxy.seen[0]?.headers['x-amz-server-side-encryption']).toBe(header);
    expect(proxy.seen[0]?.headers).not.toHaveProperty('x-amz-server-side-encryption-aws-kms-key-id');
  });

  it('are not sent where none is set', async () => {
    await put(await answering([OK]));
    expect(Object.keys(proxy.seen[0]?.headers ?? {}).join()).not.toMatch(/encryption|storage-class/);
  });

  it('are refused where S3 has no such class', async () => {
    await expect(answering([OK], {}, { storageClass: 'COLD' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      hint: expect.stringContaining('STANDARD_IA'),
    });
  });
});

describe('large objects', () => {
  const settings = { partSizeBytes: 5 * MIB, copyMaxBytes: 6 * MIB, copyPartBytes: 5 * MIB };

  it('leave no parts when an upload fails', async () => {
    const store = multipartStore((seen) =>
      seen.url.includes('partNumber=2') ? s3Refusal(403, 'AccessDenied') : undefined,
    );
    const storage = await servedBy(store, settings);
    await expect(storage.upload(await file(11 * MIB), 'large')).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
    });
    expect(proxy.seen.at(-1)).toMatchObject({
      method: 'DELETE',
      url: expect.stringContaining('uploadId=U1'),
    });
  });

  it('leave no parts when a copy fails', async () => {
    const store = multipartStore((seen) =>
      seen.method === 'PUT' &&
      seen.url.includes('partNumber=2') &&
      seen.headers['x-amz-copy-source'] !== undefined
        ? s3Refusal(412, 'PreconditionFailed')
        : undefined,
    );
    const storage = await servedBy(store, settings);
    await storage.upload(await file(11 * MIB), 'large');
    await expect(storage.copy('large', 'copy')).rejects.toMatchObject({ code: 'LAKE_UNREACHABLE' });
    expect(proxy.seen.at(-1)).toMatchObject({ method: 'DELETE', url: expect.stringContaining('/b/p/copy') });
  });

  it('are copied in ranges that cover every byte once', async () => {
    const storage = await servedBy(multipartStore(), settings);
    await storage.upload(await file(11 * MIB), 'large');
    await storage.copy('large', 'copy');
    const copies = proxy.seen.filter(({ headers }) => headers['x-amz-copy-source'] !== undefined);
    const ranges = copies.map(({ headers }) => headers['x-amz-copy-source-range']);
    expect(new Set(ranges)).toEqual(
      new Set([
        `bytes=0-${5 * MIB - 1}`,
        `bytes=${10 * MIB}-${11 * MIB - 1}`,
        `bytes=${5 * MIB}-${10 * MIB - 1}`,
      ]),
    );
    expect(ranges).toHaveLength(3);
  });

  it('are uploaded once more when the store forgets the upload at its end', async () => {
    let completions = 0;
    const store = multipartStore((seen) => {
      if (seen.method !== 'POST' || !seen.url.includes('uploadId=')) return undefined;
      completions += 1;
      return completions === 1 ? s3Refusal(404, 'NoSuchUpload') : undefined;
    });
    const storage = await servedBy(store, settings);
    await storage.upload(await file(11 * MIB), 'large');
    expect(completions).toBe(2);
  });
});

describe('a download', () => {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32('downloaded'));
  const headers = { 'x-amz-checksum-crc32': checksum.toString('base64') };
  const good = { status: 200, headers, body: 'downloaded' };
  const bad = { status: 200, headers, body: 'dOwnloaded' };

  it('is begun again when its bytes disagree with their checksum', async () => {
    const storage = await answering([bad, good]);
    const path = await storage.localFile('key', join(dir(), 'file'));
    expect(await readFile(path, 'utf8')).toBe('downloaded');
    expect(proxy.seen).toHaveLength(2);
  });

  it('leaves nothing when they never agree', async () => {
    const storage = await answering([bad], { tries: 2 });
    await expect(storage.localFile('key', join(dir(), 'file'))).rejects.toMatchObject({
      code: 'LAKE_UNREACHABLE',
      message: expect.stringContaining('hecksum'),
    });
    await expect(storage.read('key')).rejects.toMatchObject({ code: 'LAKE_UNREACHABLE' });
    expect(await readdir(dir())).toEqual([]);
  });

  it('tells the folder that it cannot write to, once', async () => {
    const storage = await answering([good]);
    await writeFile(join(dir(), 'file'), '');
    await expect(storage.localFile('key', join(dir(), 'file', 'x'))).rejects.toMatchObject({
      code: 'LAKE_CORRUPT',
    });
    expect(proxy.seen).toHaveLength(0);
  });
});

/** A storage whose requests are answered in turn; the last answer is given for ever. */
function answering(
  answers: readonly Treatment[],
  settings: Partial<S3Settings> = {},
  access: S3Access = {},
): Promise<Storage> {
  const give = (_: SeenRequest, index: number): Treatment => answers[index] ?? answers.at(-1) ?? OK;
  return servedBy(give, settings, access);
}

async function servedBy(
  treat: (seen: SeenRequest, index: number) => Treatment,
  settings: Partial<S3Settings> = {},
  access: S3Access = {},
): Promise<Storage> {
  proxy = await startProxy(undefined, treat);
  return openS3Storage('s3://b/p', { ...access, endpoint: proxy.endpoint, forcePathStyle: true }, SECRETS, {
    sleep: async (ms) => waitsMs.push(ms),
    ...settings,
  });
}

/** As much of S3 as conditional puts need; one that ignores conditions replaces. */
function memoryStore(honours: boolean): (seen: SeenRequest) => Treatment {
  const objects = new Map<string, Buffer>();
  return ({ method, url, headers, body }) => {
    const path = url.split('?', 1)[0] ?? '';
    const found = objects.get(path);
    if (method === 'PUT') {
      if (honours && found !== undefined && headers['if-none-match'] === '*')
        return s3Refusal(412, 'PreconditionFailed');
      objects.set(path, body);
      return OK;
    }
    if (method === 'GET')
      return found === undefined ? s3Refusal(404, 'NoSuchKey') : { status: 200, body: found };
    objects.clear();
    return { status: 200, body: '<DeleteResult/>' };
  };
}

/** As much of S3 as uploads and copies need: sizes, parts and their end. `before` may answer first. */
function multipartStore(
  before: (seen: SeenRequest) => Treatment | undefined = () => undefined,
): (seen: SeenRequest) => Treatment {
  return (seen) => {
    const { method, url } = seen;
    const answer = before(seen);
    if (answer !== undefined) return answer;
    if (method === 'HEAD' && url.includes('/copy')) return { status: 404 };
    if (method === 'HEAD')
      return {
        status: 200,
        headers: { 'content-length': String(url.includes('large') ? 11 * MIB : 10), etag: '"e"' },
      };
    if (url.includes('?uploads'))
      return {
        status: 200,
        body: '<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>',
      };
    if (method === 'POST')
      return {
        status: 200,
        body: '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
      };
    if (method === 'DELETE') return { status: 204 };
    if (seen.headers['x-amz-copy-source'] === undefined) return OK;
    const name = url.includes('partNumber') ? 'CopyPartResult' : 'CopyObjectResult';
    return { status: 200, body: `<${name}><ETag>"e"</ETag></${name}>` };
  };
}

function listOf(keys: readonly string[]): Treatment {
  const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('');
  return {
    status: 200,
    body: `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`,
  };
}

async function file(sizeBytes: number): Promise<string> {
  const path = join(dir(), `file-${sizeBytes}`);
  await writeFile(path, Buffer.alloc(sizeBytes, 'x'));
  return path;
}

function put(storage: Storage): Promise<boolean> {
  return storage.putIfAbsent('key', Buffer.from('ours'));
}

async function keysOf(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list('')) keys.push(key);
  return keys;
}

/** All that a log could print of an error: its own and inherited fields, and those of its causes. */
function everythingIn(error: unknown): string {
  return inspect(error, { depth: 20, showHidden: true, getters: true });
}
