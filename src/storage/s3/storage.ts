import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  paginateListObjectsV2,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  StorageClass,
} from '@aws-sdk/client-s3';
import { IgarapeError } from '../../core/errors.ts';
import { checkPrefix, compareKeys, isKey } from '../key.ts';
import type { S3Access } from '../../core/s3-access.ts';
import type { StorageEnvironment } from '../location.ts';
import type { Storage, StoredObject } from '../port.ts';
import { readAnswer } from './answer.ts';
import { Bucket } from './bucket.ts';
import { createClient } from './client.ts';
import { copyObject } from './copy.ts';
import { s3Error } from './errors.ts';
import { putIfAbsent } from './put-if-absent.ts';
import { retrying } from './retry.ts';
import { S3_DEFAULTS, type S3Settings } from './settings.ts';
import { downloadFile, uploadFile } from './transfer.ts';

/**
 * A bucket's prefix, `s3://bucket/prefix`, as a {@link Storage}. A killed upload may leave parts of a multipart upload,
 * which no listing shows: a life-cycle rule on the bucket (AbortIncompleteMultipartUpload) removes them.
 */
export function openS3Storage(
  uri: string,
  access: S3Access,
  env: StorageEnvironment = {},
  settings: Partial<S3Settings> = {},
): Storage {
  return new S3Storage(new Bucket(uri), access, env, {
    ...S3_DEFAULTS,
    sleep,
    random: Math.random,
    ...settings,
  });
}

const MOST_KEYS_A_DELETE = 1000;

class S3Storage implements Storage {
  readonly uri: string;
  readonly #bucket: Bucket;
  readonly #settings: S3Settings;
  /** Repeats by itself what may be repeated. */
  readonly #client: S3Client;
  /** Sends each request once, so that its caller knows how every try ended. */
  readonly #once: S3Client;
  /** How objects are kept: the members of every request that creates one. */
  readonly #keeping: Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass'>;

  constructor(bucket: Bucket, access: S3Access, env: StorageEnvironment, settings: S3Settings) {
    this.uri = bucket.uri;
    this.#bucket = bucket;
    this.#settings = settings;
    this.#client = createClient(access, env, settings, settings.tries);
    this.#once = createClient(access, env, settings, 1);
    this.#keeping = { ...encryption(access.sse), ...storageClass(access.storageClass) };
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    return this.#guard(key, () => retrying(this.#settings, () => this.#readOnce(key)));
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    const head = await this.#head(key);
    return head === undefined
      ? undefined
      : { key, sizeBytes: head.ContentLength ?? 0, modifiedMs: head.LastModified?.getTime() ?? 0 };
  }

  async *list(prefix: string, startAfter = ''): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    const pages = paginateListObjectsV2(
      { client: this.#client },
      {
        Bucket: this.#bucket.name,
        Prefix: this.#bucket.prefix + prefix,
        ...(startAfter === '' ? {} : { StartAfter: this.#bucket.prefix + startAfter }),
      },
    );
    try {
      for await (const page of pages) {
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          const key = this.#bucket.keyOf(Key ?? '');
          // Consoles leave empty objects for folders, whose names end in a slash.
          if (isKey(key)) yield { key, sizeBytes: Size ?? 0, modifiedMs: LastModified?.getTime() ?? 0 };
        }
      }
    } catch (error) {
      throw s3Error(error, this.#bucket, prefix);
    }
  }

  async foldersIn(folder: string): Promise<readonly string[]> {
    checkPrefix(folder);
    const Prefix = this.#bucket.prefix + folder;
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket.name, Prefix, Delimiter: '/' },
    );
    const names: string[] = [];
    try {
      for await (const { CommonPrefixes = [] } of pages)
        names.push(...CommonPrefixes.map((each) => (each.Prefix ?? '').slice(Prefix.length, -1)));
    } catch (error) {
      throw s3Error(error, this.#bucket, folder);
    }
    return names.filter(isKey).toSorted(compareKeys);
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<boolean> {
    const target = { ...this.#bucket.object(key), ...this.#keeping };
    const put = async (): Promise<void> => {
      await this.#once.send(new PutObjectCommand({ ...target, Body: body, IfNoneMatch: '*' }));
    };
    return this.#guard(key, () =>
      putIfAbsent({ put, read: () => this.#readOnce(key) }, body, this.#settings),
    );
  }

  async upload(path: string, key: string, onBytes?: (done: number) => void): Promise<void> {
    const target = { ...this.#bucket.object(key), ...this.#keeping };
    // The client has repeated each request already: this is for a file whose parts were lost on the way.
    const twice = { ...this.#settings, tries: 2 };
    await this.#guard(key, () =>
      retrying(twice, () => uploadFile(this.#client, path, target, this.#settings, onBytes)),
    );
  }

  async copy(from: string, to: string): Promise<void> {
    const target = { ...this.#bucket.object(to), ...this.#keeping };
    if ((await this.#head(to)) !== undefined) return;
    const head = await this.#head(from);
    if (head === undefined) throw s3Error({ name: 'NoSuchKey' }, this.#bucket, from);
    const source = {
      path: this.#bucket.copySource(from),
      sizeBytes: head.ContentLength ?? 0,
      etag: head.ETag,
    };
    await this.#guard(to, () => copyObject(this.#client, source, target, this.#settings));
  }

  async localFile(key: string, path: string): Promise<string> {
    const source = this.#bucket.object(key);
    await this.#guard(key, () => retrying(this.#settings, () => downloadFile(this.#once, source, path)));
    return path;
  }

  async delete(keys: readonly string[]): Promise<void> {
    const objectKeys = keys.map((key) => this.#bucket.object(key).Key);
    for (let at = 0; at < objectKeys.length; at += MOST_KEYS_A_DELETE) {
      const batch = objectKeys.slice(at, at + MOST_KEYS_A_DELETE);
      await this.#guard('', () => retrying(this.#settings, () => this.#deleteOnce(batch)));
    }
  }

  /** S3 answers 200 whatever became of the single keys. */
  async #deleteOnce(objectKeys: readonly string[]): Promise<void> {
    const Delete = { Objects: objectKeys.map((Key) => ({ Key })), Quiet: true };
    const { Errors = [] } = await this.#once.send(
      new DeleteObjectsCommand({ Bucket: this.#bucket.name, Delete }),
    );
    const failed = Errors.find((each) => each.Code !== 'NoSuchKey');
    if (failed === undefined) return;
    const message = `${failed.Key ?? 'an object'} was not removed: ${failed.Message ?? ''}`;
    throw Object.assign(new Error(message), { name: failed.Code ?? 'Error' });
  }

  async #readOnce(key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.#once.send(new GetObjectCommand(this.#bucket.object(key)));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (readAnswer(error).name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  async #head(key: string): Promise<HeadObjectCommandOutput | undefined> {
    const object = this.#bucket.object(key);
    try {
      return await this.#client.send(new HeadObjectCommand(object));
    } catch (error) {
      const { status } = readAnswer(error);
      if (status === 404) return undefined;
      // The answer to HEAD has no body: only another request tells a wrong key from an expired token.
      if (status === 400 || status === 403) {
        await this.#guard(key, () =>
          this.#client.send(new GetObjectCommand({ ...object, Range: 'bytes=0-0' })),
        );
      }
      throw s3Error(error, this.#bucket, key);
    }
  }

  async #guard<T>(key: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw s3Error(error, this.#bucket, key);
    }
  }
}

function encryption(
  sse: string | undefined,
): Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'> {
  if (sse === undefined) return {};
  if (sse === 'AES256') return { ServerSideEncryption: 'AES256' };
  const keyId = sse.slice('aws:kms:'.length);
  return { ServerSideEncryption: 'aws:kms', ...(keyId === '' ? {} : { SSEKMSKeyId: keyId }) };
}

function storageClass(name: string | undefined): Pick<PutObjectCommandInput, 'StorageClass'> {
  if (name === undefined) return {};
  const known = Object.values(StorageClass);
  const found = known.find((each) => each === name);
  if (found !== undefined) return { StorageClass: found };
  throw new IgarapeError('CONFIG_INVALID', `There is no storage class ${JSON.stringify(name)}`, {
    hint: `Storage classes are ${known.join(', ')}.`,
  });
}
