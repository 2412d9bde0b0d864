import { IgarapeError } from '../core/errors.ts';
import type { RemoteObject } from '../storage/s3/reader.ts';

/** What tells an object from the one before it under the same key; its time where the store has no ETags. */
export function etagOf({ etag, modifiedMs }: RemoteObject): string {
  return etag === '' ? `modified ${modifiedMs}` : etag;
}

export function microsOf(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 1000n;
}

export function changedWhileRead(place: string): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', `${place} was replaced or removed while it was read`, {
    hint: 'Run again: the next run reads the newer one.',
    retryable: true,
  });
}
