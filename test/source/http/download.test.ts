import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IgarapeError } from '../../../src/core/errors.ts';
import { createHttpClient, type HttpClient } from '../../../src/source/http/client.ts';
import { download, type DownloadOutcome, type Remote } from '../../../src/source/http/download.ts';
import { PartialFile } from '../../../src/source/http/partial.ts';
import { ownName } from '../../../src/storage/local/owner.ts';
import { useTempDir } from '../../support/tmp.ts';
import { WebServer } from '../../support/web-server.ts';
import { failureOf, impatience, lines } from '../kaggle/fixture.ts';

const dir = useTempDir();
let server: WebServer;
const waits: number[] = [];
const client: HttpClient = createHttpClient({ env: {}, userAgent: 'igarape/test', idleTimeoutMs: 1000 });
const { signal } = new AbortController();
const bytes = randomBytes(7_000_000);

beforeEach(async () => {
  server = await WebServer.start();
  waits.length = 0;
});

afterEach(async () => {
  await server.close();
});

async function load(path = join(dir(), 'file')): Promise<DownloadOutcome> {
  const remote: Remote = {
    expires: false,
    get: (headers) => client({ url: new URL(server.origin), headers, signal }),
    refusal: ({ status }) =>
      Promise.resolve(new IgarapeError('SOURCE_UNREACHABLE', { quoted: String(status) })),
  };
  const request = { key: 'test', label: 'the file', path, remote, isKnown: () => false };
  return await download(request, {
    patience: impatience(waits, 2),
    signal,
    log: lines(),
    onProgress: () => undefined,
  });
}

test('the request names igarape, and asks for the bytes as they are', async () => {
  server.serve(bytes);
  await load();
  expect(server.requests[0]?.headers).toMatchObject({
    'user-agent': 'igarape/test',
    'accept-encoding': 'identity',
  });
});

test('a server that gives a megabyte at a time is followed to the end, however often it breaks off', async () => {
  server.answer = ({ headers }, response) => {
    const from = Number(/\d+/.exec(headers.range ?? '0')?.[0]);
    const rest = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: '"v1"',
      'accept-ranges': 'bytes',
      'content-length': rest.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    response.write(rest.subarray(0, 2_000_000), () => response.destroy());
  };
  expect(await load()).toMatchObject({ kind: 'downloaded', sizeBytes: bytes.length });
  expect(bytes.equals(await readFile(join(dir(), 'file')))).toBe(true);
});

test('an ETag that changed meanwhile begins the download again', async () => {
  const path = join(dir(), 'file');
  await writeFile(`${path}.part`, bytes.subarray(0, 1000));
  const marks = { etag: '"v1"', totalBytes: bytes.length };
  await writeFile(`${path}.part.json`, JSON.stringify({ key: 'test', acceptsRanges: true, marks }));
  server.serve(bytes, { etag: '"v2"' });
  await load();
  expect(server.requests.map(({ headers }) => headers.range)).toEqual(['bytes=1000-', undefined]);
  expect(bytes.equals(await readFile(path))).toBe(true);
});

test('a weak ETag alone does not prove that a rest belongs to a beginning', async () => {
  const path = join(dir(), 'file');
  await writeFile(`${path}.part`, Buffer.alloc(1000));
  const marks = { etag: 'W/"v1"', totalBytes: bytes.length };
  await writeFile(`${path}.part.json`, JSON.stringify({ key: 'test', acceptsRanges: true, marks }));
  server.serve(bytes, { etag: 'W/"v1"' });
  await load();
  expect(bytes.equals(await readFile(path))).toBe(true);
});

test.each(['', '{', '{"key":"other","acceptsRanges":true,"marks":{}}'])(
  'a partial file whose sidecar is %j is not continued',
  async (sidecar) => {
    const path = join(dir(), 'file');
    await writeFile(`${path}.part`, Buffer.alloc(1000));
    await writeFile(`${path}.part.json`, sidecar);
    server.serve(bytes, { etag: '"v1"' });
    await load();
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
    expect(bytes.equals(await readFile(path))).toBe(true);
  },
);

test('two downloads of one file at once do not share a partial file', async () => {
  server.serve(bytes);
  await Promise.all([load(), load(), load()]);
  expect(bytes.equals(await readFile(join(dir(), 'file')))).toBe(true);
  expect(await readdir(dir())).toEqual(['file']);
});

test('a partial file of a process that is gone is taken over, of one that runs it is not', async () => {
  const path = join(dir(), 'file');
  const lock = `${path}.part.lock`;
  const holds = async (owner: string): Promise<boolean> => {
    await writeFile(lock, owner);
    const claimed = await PartialFile.claim(path, 'test');
    await claimed.release();
    return claimed.path !== `${path}.part`;
  };
  const nameIn = (pid: number): string => ownName().replace(`.${process.pid}.`, `.${pid}.`);
  expect(await holds(nameIn(999_999_999))).toBe(false);
  expect(await holds(nameIn(process.ppid))).toBe(true);
  const another = ownName().replace(/[\da-f]{12}$/, '000000000000');
  expect(await holds(another), 'a process number that was given anew is another process').toBe(false);
});

test('a partial file of a container with our process number is its own until it falls silent', async () => {
  const path = join(dir(), 'file');
  const lock = `${path}.part.lock`;
  const elsewhere = ownName().replace(/^[\da-f]+/, '0123456789abcdef');
  await writeFile(`${path}.part`, 'begun');
  await writeFile(lock, elsewhere);
  const own = await PartialFile.claim(path, 'test');
  expect(own.path).not.toBe(`${path}.part`);
  await own.release();

  const held = await open(`${path}.part`, 'r+');
  const longAgo = new Date(Date.now() - 3 * 60_000);
  await utimes(lock, longAgo, longAgo);
  const taken = await PartialFile.claim(path, 'test');
  expect(taken.path).toBe(`${path}.part`);
  await held.write('of the other');
  await held.close();
  expect(await readFile(taken.path, 'utf8')).toBe('begun');
  await taken.release();
});

test.skipIf(!existsSync('/dev/full'))('a disk that becomes full is told as that', async () => {
  server.serve(bytes);
  await mkdir(join(dir(), 'work'));
  await symlink('/dev/full', join(dir(), 'work', 'file.part'));
  const error = await failureOf(load(join(dir(), 'work', 'file')));
  expect(error).toMatchObject({ code: 'DISK_FULL' });
  expect(error.message).toContain('the file');
  expect(waits).toEqual([]);
});
