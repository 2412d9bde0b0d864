import { createHash, type Hash, randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { fileError, isFileError } from '../file-error.ts';
import { isKey } from '../key.ts';
import type { S3Access } from '../../core/s3-access.ts';
import type { StorageEnvironment } from '../location.ts';
import { readAnswer } from './answer.ts';
import { Bucket } from './bucket.ts';
import { createClient } from './client.ts';
import { s3Error } from './errors.ts';
import { retrying } from './retry.ts';
import { S3_DEFAULTS, type S3Settings } from './settings.ts';

/** An object that somebody else keeps up to date. */
export interface RemoteObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Changes with the content; opaque. Empty where the store has none. */
  readonly etag: string;
}

export interface DownloadOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (doneBytes: number) => void;
}

/**
 * Reads a bucket's prefix that is not ours. Needs the rights to list and to get only. Throws an `IgarapeError`
 * (`LAKE_…`, as the S3 storage does), or the signal's reason.
 */
export interface S3Reader {
  /** `s3://bucket/prefix`. */
  readonly uri: string;
  /** Every object under the prefix. */
  list(signal: AbortSignal): AsyncIterable<RemoteObject>;
  stat(key: string, signal: AbortSignal): Promise<RemoteObject | undefined>;
  /**
   * Downloads exactly the object that was listed to `path`, which appears once its bytes are there and agree with
   * length and stored checksum. Resolves their SHA-256, hex; undefined where the object is another one by now.
   */
  download(object: RemoteObject, path: string, options: DownloadOptions): Promise<string | undefined>;
  /** The last bytes of exactly the object that was listed, all where it has fewer; undefined where it is another one by now. */
  end(object: RemoteObject, bytes: number, signal: AbortSignal): Promise<Buffer | undefined>;
}

export function openS3Reader(
  uri: string,
  access: S3Access,
  env: StorageEnvironment,
  settings: Partial<S3Settings> = {},
): S3Reader {
  const bucket = new Bucket(uri);
  const full = { ...S3_DEFAULTS, sleep, random: Math.random, ...settings };
  const client = createClient(access, env, full, full.tries);
  const once = createClient(access, env, full, 1);
  return {
    uri: bucket.uri,
    list: (signal) => list(client, bucket, signal),
    stat: (key, signal) => stat(client, bucket, key, signal),
    download: async (object, path, options) =>
      ofListed(bucket, object, options.signal, () =>
        retrying(full, () => download(once, bucket, object, path, options)),
      ),
    end: async (object, bytes, signal) =>
      ofListed(bucket, object, signal, () =>
        retrying(full, () => end(once, bucket, object, Math.min(bytes, object.sizeBytes), signal)),
      ),
  };
}

/** What is read of an object; undefined where it is another one than was listed, or gone. */
async function ofListed<T>(
  bucket: Bucket,
  { key }: RemoteObject,
  signal: AbortSignal,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    signal.throwIfAborted();
    if (readAnswer(error).status === 412 || readAnswer(error).name === 'NoSuchKey') return undefined;
    throw s3Error(error, bucket, key);
  }
}

async function end(
  client: S3Client,
  bucket: Bucket,
  object: RemoteObject,
  bytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  if (bytes === 0) return Buffer.alloc(0);
  const request = new GetObjectCommand({ ...ifListed(bucket, object), Range: `bytes=-${bytes}` });
  const { Body } = await client.send(request, { abortSignal: signal });
  const found = Buffer.from((await Body?.transformToByteArray()) ?? []);
  if (found.length !== bytes) throw incomplete(`${found.length} of ${bytes} bytes arrived`);
  return found;
}

function ifListed(bucket: Bucket, { key, etag }: RemoteObject): GetObjectCommandInput {
  return { ...bucket.object(key), ...(etag === '' ? {} : { IfMatch: etag }) };
}

async function* list(client: S3Client, bucket: Bucket, signal: AbortSignal): AsyncGenerator<RemoteObject> {
  const pages = paginateListObjectsV2(
    { client },
    { Bucket: bucket.name, Prefix: bucket.prefix },
    { abortSignal: signal },
  );
  try {
    for await (const page of pages) {
      for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
        const key = bucket.keyOf(Key ?? '');
        // Consoles leave empty objects for folders, whose names end in a slash.
        if (isKey(key)) yield toObject(key, Size, LastModified, ETag);
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw s3Error(error, bucket, '');
  }
}

async function stat(
  client: S3Client,
  bucket: Bucket,
  key: string,
  signal: AbortSignal,
): Promise<RemoteObject | undefined> {
  try {
    const head = await client.send(new HeadObjectCommand(bucket.object(key)), { abortSignal: signal });
    return toObject(key, head.ContentLength, head.LastModified, head.ETag);
  } catch (error) {
    signal.throwIfAborted();
    // Without the right to list, an object that is not there looks forbidden: the listing that follows tells.
    if ([403, 404].includes(readAnswer(error).status ?? 0)) return undefined;
    throw s3Error(error, bucket, key);
  }
}

async function download(
  client: S3Client,
  bucket: Bucket,
  object: RemoteObject,
  path: string,
  { signal, onBytes }: DownloadOptions,
): Promise<string> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    await ensureFolder(dirname(path));
    // The SDK checks the CRC of an object that was put in one piece while its stream is read.
    const request = new GetObjectCommand(ifListed(bucket, object));
    const { Body } = await client.send(request, { abortSignal: signal });
    if (!(Body instanceof Readable)) throw incomplete('the answer has no body');
    const hash = createHash('sha256');
    const count = { bytes: 0 };
    await pipeline(
      Body,
      (chunks: AsyncIterable<Buffer>) => counted(chunks, hash, count, onBytes),
      // Ends, also with a failure, when the file is closed: that of a stream may appear after it was removed.
      (chunks: AsyncIterable<Buffer>) => writeFile(part, chunks),
      { signal },
    );
    if (count.bytes !== object.sizeBytes)
      throw incomplete(`${count.bytes} of ${object.sizeBytes} bytes arrived`);
    await rename(part, path);
    return hash.digest('hex');
  } catch (error) {
    await rm(part, { force: true });
    signal.throwIfAborted();
    throw isFileError(error) ? fileError(error, path) : error;
  }
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  hash: Hash,
  count: { bytes: number },
  onBytes: (doneBytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    count.bytes += chunk.length;
    onBytes(count.bytes);
    yield chunk;
  }
}

function toObject(
  key: string,
  sizeBytes: number | undefined,
  modified: Date | undefined,
  etag: string | undefined,
): RemoteObject {
  return { key, sizeBytes: sizeBytes ?? 0, modifiedMs: modified?.getTime() ?? 0, etag: etag ?? '' };
}

/** A failure by a name under which S3 itself reports it, and which is worth another try. */
function incomplete(message: string): Error {
  return Object.assign(new Error(message), { name: 'IncompleteBody' });
}
