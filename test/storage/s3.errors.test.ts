import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Storage } from '../../src/storage/port.ts';
import { useTempDir } from '../support/tmp.ts';
import { OK, SECRETS, useChosenAnswers } from './s3-answers.ts';
import { s3Refusal, type Treatment } from './s3-proxy.ts';

const dir = useTempDir();
const s3 = useChosenAnswers();

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
    const storage = await s3.answering([s3Refusal(status, name, 'As S3 says it.')]);
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

  it('that is cut in its middle is no answer, whatever its status: it is asked again', async () => {
    const cut = { status: 404, body: '<?xml version="1.0"?><Error><Code>NoSuchBu' };
    const storage = await s3.answering([cut, cut, { status: 200, body: 'bytes' }]);
    expect(Buffer.from((await storage.read('key')) ?? []).toString()).toBe('bytes');
    expect(s3.seen()).toHaveLength(3);
  });

  it('is looked up by a second request where HEAD tells only a status', async () => {
    const storage = await s3.answering([{ status: 400 }, s3Refusal(400, 'ExpiredToken')]);
    await expect(storage.stat('key')).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
      hint: expect.stringMatching(/Renew/),
    });
    expect(s3.seen().map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it.each([
    s3Refusal(301, 'PermanentRedirect', 'Use another endpoint.', {
      headers: { 'x-amz-bucket-region': 'sa-east-1' },
    }),
    s3Refusal(400, 'AuthorizationHeaderMalformed', 'The region is wrong.', {
      xml: '<Region>sa-east-1</Region>',
    }),
  ])('names the right region', async (answer) => {
    const storage = await s3.answering([answer]);
    const refusal = { code: 'LAKE_UNREACHABLE', hint: expect.stringContaining('sa-east-1') };
    await expect(put(storage)).rejects.toMatchObject(refusal);
    await expect(storage.read('key')).rejects.toMatchObject(refusal);
    await expect(keysOf(storage)).rejects.toMatchObject(refusal);
  });

  it('is found among the answers for single keys of a deletion', async () => {
    const body = `<DeleteResult><Error><Key>p/b</Key><Code>AccessDenied</Code><Message>No.</Message></Error></DeleteResult>`;
    const storage = await s3.answering([{ status: 200, body }]);
    await expect(storage.delete(['a', 'b'])).rejects.toMatchObject({
      code: 'LAKE_FORBIDDEN',
      message: expect.stringContaining('p/b'),
    });
  });

  it('that passes by itself is outlived', async () => {
    const busy = s3Refusal(503, 'SlowDown');
    expect(await keysOf(await s3.answering([busy, busy, listOf([])]))).toEqual([]);
    await s3.stop();
    const storage = await s3.answering([busy, 'lose-request', { status: 200, body: 'body' }]);
    expect(Buffer.from((await storage.read('key')) ?? []).toString()).toBe('body');
  });

  it('that is a closed port is told as unreachable', async () => {
    const storage = await s3.answering([OK], { tries: 2 });
    await s3.stop();
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
    const storage = await s3.answering([answer]);
    const errors = await Promise.all(
      [put(storage), storage.read('k'), storage.stat('k'), storage.delete(['k'])].map((call) =>
        call.then(() => undefined, everythingIn),
      ),
    );
    expect(s3.seen()[0]?.headers['x-amz-security-token']).toBe(SECRETS.AWS_SESSION_TOKEN);
    for (const error of errors) {
      expect(error).toContain('SignatureDoesNotMatch');
      for (const secret of Object.values(SECRETS)) expect(error).not.toContain(secret);
      expect(error).not.toMatch(/signature=/i);
    }
  });
});

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
