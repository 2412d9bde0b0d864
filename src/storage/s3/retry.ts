import pRetry from 'p-retry';
import { fateOf, readAnswer } from './answer.ts';
import type { S3Settings } from './settings.ts';

/**
 * Tries `call` until it succeeds, is refused for good, or was tried `settings.tries` times. The waits in between grow
 * exponentially and are random from nothing to that bound, so that writers that collide do not collide again.
 */
export async function retrying<T>(settings: S3Settings, call: () => Promise<T>): Promise<T> {
  return pRetry(call, {
    retries: settings.tries - 1,
    minTimeout: 0,
    maxTimeout: 0,
    shouldRetry: async ({ error, attemptNumber }) => {
      if (fateOf(readAnswer(error)) === 'refused') return false;
      const boundMs = Math.min(settings.backoffMaxMs, settings.backoffMs * 2 ** (attemptNumber - 1));
      await settings.sleep(settings.random() * boundMs);
      return true;
    },
  });
}
