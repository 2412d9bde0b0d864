/** Sizes, times and effects of the S3 adapter; the defaults hold for AWS, tests give smaller ones. */
export interface S3Settings {
  /** Files up to this size go in one request, and larger ones in parts of at least this size; 5 MiB is S3's least. */
  readonly partSizeBytes: number;
  /** How much of an upload may be in memory at once. */
  readonly uploadMemoryBytes: number;
  /** S3 copies objects up to 5 GiB in one request. */
  readonly copyMaxBytes: number;
  readonly copyPartBytes: number;
  readonly connectTimeoutMs: number;
  /** How long a connection may be silent. */
  readonly idleTimeoutMs: number;
  /** How often one call is tried in all. */
  readonly tries: number;
  /** The longest wait before the second try; it doubles with every further one. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** At least 0 and below 1. */
  readonly random: () => number;
}

const MIB = 1024 * 1024;

export const S3_DEFAULTS: Omit<S3Settings, 'sleep' | 'random'> = {
  partSizeBytes: 8 * MIB,
  uploadMemoryBytes: 64 * MIB,
  copyMaxBytes: 5 * 1024 * MIB,
  copyPartBytes: 512 * MIB,
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  tries: 8,
  backoffMs: 100,
  backoffMaxMs: 10_000,
};
