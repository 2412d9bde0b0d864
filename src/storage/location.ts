/** Where a storage is and how it is reached; a configuration's lake and S3 source have this shape. */
export interface StorageLocation {
  /** An absolute path, or `s3://bucket/prefix`. */
  readonly uri: string;
  readonly s3: S3Access;
}

export interface S3Access {
  readonly region?: string;
  /** The address of a store that speaks S3; without it, AWS. */
  readonly endpoint?: string;
  readonly forcePathStyle?: boolean;
  readonly profile?: string;
  readonly roleArn?: string;
  /** `AES256`, `aws:kms`, or `aws:kms:<key id>`. */
  readonly sse?: string;
  readonly storageClass?: string;
}

/** The environment, as far as it holds AWS's access keys. */
export type StorageEnvironment = Readonly<Record<string, string | undefined>>;
