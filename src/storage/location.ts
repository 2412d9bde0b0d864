import type { S3Access } from '../core/s3-access.ts';

/** Where a storage is and how it is reached; a configuration's lake and S3 source have this shape. */
export interface StorageLocation {
  /** An absolute path, or `s3://bucket/prefix`. */
  readonly uri: string;
  readonly s3: S3Access;
}

/** The environment, as far as it holds AWS's access keys. */
export type StorageEnvironment = Readonly<Record<string, string | undefined>>;
