import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/port.ts';
import { useTempDir } from '../support/tmp.ts';
import { OK, useChosenAnswers } from './s3-answers.ts';
import { s3Refusal, type SeenRequest, type Treatment } from './s3-proxy.ts';

const MIB = 1024 * 1024;
const dir = useTempDir();
const s3 = useChosenAnswers();

describe('encryption and storage class', () => {
  it('go with every request that creates an object', async () => {
    const access = { sse: 'aws:kms:my-key', storageClass: 'STANDARD_IA' };
    const settings = { partSizeBytes: 5 * MIB, copyMaxBytes: 6 * MIB, copyPartBytes: 5 * MIB };
    const storage = await s3.servedBy(multipartStore(), settings, access);
    await put(storage);
    await storage.upload(await file(10), 'small');
    await storage.upload(await file(11 * MIB), 'large');
    await storage.copy('small', 'copy-small');
    await storage.copy('large', 'copy-large');
    const creating = s3
      .seen()
      .filter(
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
    const storage = await s3.answering([OK], {}, { sse });
    await put(storage);
    expect(s3.seen()[0]?.headers['x-amz-server-side-encryption']).toBe(header);
    expect(s3.seen()[0]?.headers).not.toHaveProperty('x-amz-server-side-encryption-aws-kms-key-id');
  });

  it('are not sent where none is set', async () => {
    await put(await s3.answering([OK]));
    expect(Object.keys(s3.seen()[0]?.headers ?? {}).join()).not.toMatch(/encryption|storage-class/);
  });

  it('are refused where S3 has no such class', async () => {
    await expect(s3.answering([OK], {}, { storageClass: 'COLD' })).rejects.toMatchObject({
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
    const storage = await s3.servedBy(store, settings);
    await expect(storage.upload(await file(11 * MIB), 'large')).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
    });
    expect(s3.seen().at(-1)).toMatchObject({
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
    const storage = await s3.servedBy(store, settings);
    await storage.upload(await file(11 * MIB), 'large');
    await expect(storage.copy('large', 'copy')).rejects.toMatchObject({ code: 'LAKE_UNREACHABLE' });
    expect(s3.seen().at(-1)).toMatchObject({ method: 'DELETE', url: expect.stringContaining('/b/p/copy') });
  });

  it('are copied in ranges that cover every byte once', async () => {
    const storage = await s3.servedBy(multipartStore(), settings);
    await storage.upload(await file(11 * MIB), 'large');
    await storage.copy('large', 'copy');
    const copies = s3.seen().filter(({ headers }) => headers['x-amz-copy-source'] !== undefined);
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
    const storage = await s3.servedBy(store, settings);
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
    const storage = await s3.answering([bad, good]);
    const path = await storage.localFile('key', join(dir(), 'file'));
    expect(await readFile(path, 'utf8')).toBe('downloaded');
    expect(s3.seen()).toHaveLength(2);
  });

  it('leaves nothing when they never agree', async () => {
    // So often that some would fail before their file is open.
    const storage = await s3.answering([bad], { tries: 40 });
    await expect(storage.localFile('key', join(dir(), 'file'))).rejects.toMatchObject({
      code: 'LAKE_UNREACHABLE',
      message: expect.stringContaining('hecksum'),
    });
    await expect(storage.read('key')).rejects.toMatchObject({ code: 'LAKE_UNREACHABLE' });
    expect(await readdir(dir())).toEqual([]);
  });

  it('tells the folder that it cannot write to, once', async () => {
    const storage = await s3.answering([good]);
    await writeFile(join(dir(), 'file'), '');
    await expect(storage.localFile('key', join(dir(), 'file', 'x'))).rejects.toMatchObject({
      code: 'LAKE_CORRUPT',
    });
    expect(s3.seen()).toHaveLength(0);
  });
});

/** A storage whose requests are answered in turn; the last answer is given for ever. */
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

async function file(sizeBytes: number): Promise<string> {
  const path = join(dir(), `file-${sizeBytes}`);
  await writeFile(path, Buffer.alloc(sizeBytes, 'x'));
  return path;
}

function put(storage: Storage): Promise<boolean> {
  return storage.putIfAbsent('key', Buffer.from('ours'));
}
