import { setTimeout as sleep } from 'node:timers/promises';
import { IgarapeError } from '../../core/errors.ts';
import type { VersionOrTime } from '../log/versions.ts';
import type { ChangeRange } from './change-feed.ts';
import type { Rows } from './rows.ts';

export interface FollowOptions {
  /** The first version whose changes are wanted, which may be still to come; of a time, the first version since. */
  readonly from: VersionOrTime;
  /** Ends the waiting, and with it the iteration. */
  readonly signal?: AbortSignal;
  /** How long to wait before the log is looked at again, in milliseconds. Default 1000. */
  readonly pollMs?: number;
  /** What waits, until the signal is given at most. Default a timer. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** What has come into a change feed at once. */
export interface FollowedChanges extends ChangeRange {
  /** The changes of these versions, until the next are asked for. */
  readonly rows: Rows;
}

/** A table whose changes are followed. */
export interface Followed {
  newestVersion(): Promise<number>;
  changes(range: ChangeRange): Promise<Rows>;
}

const POLL_MS = 1000;

/**
 * The changes from a version on, as they come. Versions whose columns do not go together come one by one.
 *
 * @throws IgarapeError as the change feed
 */
export async function* followChanges(
  table: Followed,
  from: number,
  { signal, pollMs = POLL_MS, wait = pause }: Omit<FollowOptions, 'from'>,
): AsyncGenerator<FollowedChanges> {
  for (let next = from; ;) {
    if (signal?.aborted === true) return;
    const newest = await table.newestVersion();
    if (newest < next) {
      await wait(pollMs, signal);
      continue;
    }
    const { to, rows } = await some(table, { from: next, to: newest });
    try {
      yield { from: next, to, rows };
    } finally {
      await rows.close();
    }
    next = to + 1;
  }
}

async function some(table: Followed, range: ChangeRange): Promise<{ to: number; rows: Rows }> {
  const { from, to } = range;
  try {
    return { to, rows: await table.changes(range) };
  } catch (error) {
    const isOfColumns = error instanceof IgarapeError && error.code === 'DELTA_CHANGE_FEED';
    if (!isOfColumns || from === to) throw error;
    return { to: from, rows: await table.changes({ from, to: from }) };
  }
}

/** Resolves at the signal, too. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
