import { randomUUID } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { fileError, isFileError } from '../file-error.ts';
import type { S3Settings } from './settings.ts';

type Target = Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass'> & {
  readonly Bucket: string;
  readonly Key: string;
};

const MOST_PARTS = 10_000;

/** Stores a file as an object, whole or not at all; larger files go in parts, which a failure removes again. */
export async function uploadFile(
  client: S3Client,
  path: string,
  target: Target,
  settings: S3Settings,
  onBytes: (done: number) => void = () => undefined,
): Promise<void> {
  const { size } = await readable(path);
  if (size <= settings.partSizeBytes) {
    await client.send(new PutObjectCommand({ ...target, Body: await readFile(path) }));
    return;
  }
  const partSize = Math.max(settings.partSizeBytes, Math.ceil(size / MOST_PARTS));
  const body = createReadStream(path);
  try {
    const upload = new Upload({
      client,
      params: { ...target, Body: body },
      partSize,
      queueSize: Math.min(4, Math.max(1, Math.floor(settings.uploadMemoryBytes / partSize))),
    });
    upload.on('httpUploadProgress', ({ loaded = 0 }) => onBytes(loaded));
    await upload.done();
  } finally {
    body.destroy();
  }
  const { Bucket, Key } = target;
  const stored = await client.send(new HeadObjectCommand({ Bucket, Key }));
  if (stored.ContentLength !== size) throw incomplete(`${stored.ContentLength} of ${size} bytes were stored`);
}

/** Downloads an object to `path`, which appears once its bytes are all there and agree with the stored checksum. */
export async function downloadFile(
  client: S3Client,
  source: { readonly Bucket: string; readonly Key: string },
  path: string,
): Promise<void> {
  // Of several downloads to one path at once each has its own.
  const part = `${path}.${randomUUID()}.part`;
  try {
    await ensureFolder(dirname(path));
    // The SDK checks the CRC of an object that was put in one piece while its stream is read.
    const { Body, ContentLength } = await client.send(new GetObjectCommand(source));
    if (!(Body instanceof Readable)) throw incomplete('the answer has no body');
    // Ends, also with a failure, when the file is closed: that of a stream may appear after it was removed.
    await pipeline(Body, (chunks: AsyncIterable<Uint8Array>) => writeFile(part, chunks));
    const { size } = await stat(part);
    if (ContentLength !== undefined && size !== ContentLength) {
      throw incomplete(`${size} of ${ContentLength} bytes arrived`);
    }
    await rename(part, path);
  } catch (error) {
    // The failure that led here is the one to report.
    await rm(part, { force: true }).catch(() => undefined);
    throw isFileError(error) ? fileError(error, path) : error;
  }
}

async function readable(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** A failure by a name under which S3 itself reports it, and which is worth another try. */
function incomplete(message: string): Error {
  return Object.assign(new Error(message), { name: 'IncompleteBody' });
}
