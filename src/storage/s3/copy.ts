import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { S3Settings } from './settings.ts';

type Target = Pick<CopyObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'StorageClass'> & {
  readonly Bucket: string;
  readonly Key: string;
};

export interface CopySource {
  /** Bucket and key, percent-encoded. */
  readonly path: string;
  readonly sizeBytes: number;
  /** The version of the object that is copied; when it changes in between, the copy fails. */
  readonly etag: string | undefined;
}

const PARTS_AT_ONCE = 4;

/** Copies an object inside the store, in parts where it is too large for one request. */
export async function copyObject(
  client: S3Client,
  source: CopySource,
  target: Target,
  settings: S3Settings,
): Promise<void> {
  if (source.sizeBytes > settings.copyMaxBytes) return copyInParts(client, source, target, settings);
  await client.send(new CopyObjectCommand({ ...target, CopySource: source.path }));
}

async function copyInParts(
  client: S3Client,
  source: CopySource,
  target: Target,
  settings: S3Settings,
): Promise<void> {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }),
  );
  const upload = { Bucket: target.Bucket, Key: target.Key, UploadId };
  const limit = pLimit(PARTS_AT_ONCE);
  const stop = new AbortController();
  const copyPart = async (offset: number): Promise<CompletedPart> => {
    const last = Math.min(offset + settings.copyPartBytes, source.sizeBytes) - 1;
    const PartNumber = offset / settings.copyPartBytes + 1;
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber,
        CopySource: source.path,
        CopySourceRange: `bytes=${offset}-${last}`,
        ...(source.etag === undefined ? {} : { CopySourceIfMatch: source.etag }),
      }),
      { abortSignal: stop.signal },
    );
    return {
      PartNumber,
      ETag: CopyPartResult?.ETag,
      ...(CopyPartResult?.ChecksumCRC32 === undefined ? {} : { ChecksumCRC32: CopyPartResult.ChecksumCRC32 }),
    };
  };
  const offsets: number[] = [];
  for (let offset = 0; offset < source.sizeBytes; offset += settings.copyPartBytes) offsets.push(offset);
  const copies = offsets.map((offset) => limit(copyPart, offset));
  try {
    const Parts = await Promise.all(copies);
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    stop.abort();
    // A part that is still on its way could arrive after the upload is dropped, and stay.
    await Promise.allSettled(copies);
    // The failure that led here is the one to report.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}
