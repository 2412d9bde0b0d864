export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 10_000, longestMs: 3_600_000 };

/**
 * How long to wait after the n-th failure in a row (from 1): twice as long each time, up to the longest, less a random
 * part of up to a half, so that many that failed together do not come back together. `random` is from 0 to 1.
 */
export function backoffMs(failures: number, random: number, backoff: Backoff = DEFAULT_BACKOFF): number {
  const full = Math.min(backoff.firstMs * 2 ** (failures - 1), backoff.longestMs);
  return Math.round(full * (1 - random / 2));
}
