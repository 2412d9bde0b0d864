import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';

export interface Bounds {
  readonly timeoutMs: number;
  /**
   * Told where the work does not end though it was interrupted: some of what the engine does cannot be. Whoever is told
   * may end the process; else the work is waited for.
   */
  readonly onStuck?: (error: IgarapeError) => void;
}

const LOOK_MS = 100;
const GRACE_MS = 2000;
/** Meanwhile memory goes on to be taken, a gigabyte a second. */
const MEMORY_GRACE_MS = 300;

/**
 * Work on an engine's statements that somebody else has written: interrupted where it takes longer than it may, or where
 * the process takes twice the engine's memory limit, as values can that the engine does not count.
 *
 * @throws IgarapeError TIME_LIMIT, MEMORY_LIMIT
 */
export async function bounded<T>(engine: Engine, bounds: Bounds, work: () => Promise<T>): Promise<T> {
  const limitBytes = await engine.memoryBytes();
  const mostBytes = process.memoryUsage.rss() + 2 * limitBytes;
  let broken: IgarapeError | undefined;
  let stuck: NodeJS.Timeout | undefined;
  const breakOff = (error: IgarapeError, graceMs: number): void => {
    if (broken !== undefined) return;
    broken = error;
    engine.interrupt();
    stuck = setTimeout(() => bounds.onStuck?.(error), graceMs).unref();
  };
  const timer = setTimeout(() => breakOff(tooLong(bounds.timeoutMs), GRACE_MS), bounds.timeoutMs).unref();
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > mostBytes) breakOff(tooLarge(limitBytes), MEMORY_GRACE_MS);
  }, LOOK_MS).unref();
  try {
    return await work();
  } catch (error) {
    throw broken ?? error;
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    clearTimeout(stuck);
  }
}

function tooLong(timeoutMs: number): IgarapeError {
  return new IgarapeError('TIME_LIMIT', `The query was broken off after ${timeoutMs / 1000} seconds.`, {
    hint: 'Ask for less, or allow more time: --timeout SECONDS, or "query_timeout" in the configuration.',
  });
}

function tooLarge(limitBytes: number): IgarapeError {
  const megabytes = Math.round((2 * limitBytes) / 1e6);
  return new IgarapeError(
    'MEMORY_LIMIT',
    `The query was broken off: it took more than ${megabytes} MB, twice memory_limit.`,
    { hint: 'Ask for less at once, such as shorter lists, or raise memory_limit in the configuration.' },
  );
}
