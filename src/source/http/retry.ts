import type { Said } from '../../core/language/sentence.ts';
import { setTimeout } from 'node:timers/promises';
import pRetry from 'p-retry';
import { type ErrorCode, type ErrorDetails, IgarapeError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';

/** How often and how long to wait for a server. */
export interface Patience {
  /** How many failures in a row are tolerated before the call fails. */
  readonly retries: number;
  readonly baseMs: number;
  /** No wait is longer, whatever the server asks for. */
  readonly capMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  /** Milliseconds since 1970, for a `Retry-After` that is a date. */
  readonly now: () => number;
}

export const defaultPatience: Patience = {
  retries: 5,
  baseMs: 1000,
  capMs: 120_000,
  sleep: async (ms, signal) => {
    await setTimeout(ms, undefined, { signal });
  },
  random: Math.random,
  now: Date.now,
};

/** A retryable error of a server that may have said when to come back. */
export class BusyError extends IgarapeError {
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: Said, details: ErrorDetails, retryAfterMs: number | undefined) {
    super(code, message, { ...details, retryable: true });
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RetryOptions {
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** True where a failed try came further than every one before: it does not count. */
  readonly cameFurther?: () => boolean;
}

/** Runs `attempt` until it succeeds, as long as its errors are retryable `IgarapeError`s and patience lasts. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { patience, signal, log, cameFurther } = options;
  return await pRetry(attempt, {
    retries: patience.retries,
    minTimeout: 0,
    factor: 1,
    signal,
    shouldRetry: ({ error }) => isRetryable(error),
    shouldConsumeRetry: () => !(cameFurther?.() ?? false),
    onFailedAttempt: async ({ error, retriesConsumed, retriesLeft }) => {
      signal.throwIfAborted();
      if (!isRetryable(error) || retriesLeft <= 0) return;
      const retryAfterMs = error instanceof BusyError ? error.retryAfterMs : undefined;
      const waitMs = retryDelayMs(retriesConsumed + 1, retryAfterMs, patience);
      const tried = `${retriesConsumed + 1} of ${patience.retries}`;
      log.info(
        { waitMs, retriesLeft, reason: error.message },
        `${error.message.replace(/\.$/, '')}; trying again in ${Math.ceil(waitMs / 1000)} s (${tried})`,
      );
      await patience.sleep(waitMs, signal);
    },
  });
}

/** The wait before retry number `attempt`, in ms: the longer of the server's wish and our backoff, up to the cap. */
export function retryDelayMs(
  attempt: number,
  retryAfterMs: number | undefined,
  patience: Pick<Patience, 'baseMs' | 'capMs' | 'random'>,
): number {
  const backoffMs = patience.baseMs * 2 ** (attempt - 1) * (0.5 + patience.random() / 2);
  return Math.round(Math.min(patience.capMs, Math.max(backoffMs, retryAfterMs ?? 0)));
}

/** The wait that a `Retry-After` header asks for: seconds or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

function isRetryable(error: Error): boolean {
  return error instanceof IgarapeError && error.retryable;
}
