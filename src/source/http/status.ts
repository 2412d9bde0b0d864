import type { Said } from '../../core/language/sentence.ts';
import { type ErrorCode, IgarapeError } from '../../core/errors.ts';
import { BusyError } from './retry.ts';

/** What a status means for a source: the error code, and whether the same request may succeed later. */
export function meaningOf(status: number): { readonly code: ErrorCode; readonly isPassing: boolean } {
  if (status === 401 || status === 407) return { code: 'SOURCE_UNAUTHENTICATED', isPassing: false };
  if (status === 403) return { code: 'SOURCE_FORBIDDEN', isPassing: false };
  if (status === 404 || status === 410) return { code: 'SOURCE_NOT_FOUND', isPassing: false };
  if (status === 429) return { code: 'SOURCE_RATE_LIMITED', isPassing: true };
  return { code: 'SOURCE_UNREACHABLE', isPassing: status === 408 || status >= 500 };
}

/** The error of a status; one that may pass carries the server's wish for when to come back. */
export function statusError(
  status: number,
  message: Said,
  hint: Said | undefined,
  retryAfterMs: number | undefined,
): IgarapeError {
  const { code, isPassing } = meaningOf(status);
  const details = hint === undefined ? {} : { hint };
  if (isPassing) return new BusyError(code, message, details, retryAfterMs);
  return new IgarapeError(code, message, details);
}
