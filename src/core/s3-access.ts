/** How a bucket is reached, and objects are written there. */
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
