import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Storage } from '../../storage/port.ts';
import { encodeActions } from '../protocol/action-codec.ts';
import type { Action } from '../protocol/actions.ts';
import { readCommit } from './commit-read.ts';
import {
  checkConflict,
  type Isolation,
  narrowed,
  newRows,
  operationOf,
  type ReadSet,
  type Winner,
} from './conflict.ts';
import { LogCourse } from './log-course.ts';
import { corrupt } from '../protocol/corrupt.ts';
import type { JsonObject } from '../protocol/json.ts';
import { commitKey } from './path.ts';
import { changeSince, findLogSegment } from './segment.ts';
import type { Snapshot } from './snapshot.ts';
import { ENGINE_INFO } from '../files/disk.ts';

/** A commit that is ready to be made: its files are stored already, so that trying again costs nothing. */
export interface Draft {
  /** What it builds on; undefined for a table that is to be created. */
  readonly base: Snapshot | undefined;
  /** All but `commitInfo`. */
  readonly actions: readonly Action[];
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly reads: ReadSet;
  readonly isolation: Isolation;
  /** True only where nothing was read and files are only added. */
  readonly isBlindAppend: boolean;
}

export type CommitResult =
  | { readonly kind: 'committed'; readonly version: number }
  /** A winner has committed the same version of our application: nothing was committed here. */
  | { readonly kind: 'done'; readonly version: number }
  | { readonly kind: 'conflict'; readonly winner: Winner; readonly reason: string };

/**
 * Commits after the newest version: by creating the next one put-if-absent, and, each time that somebody else was there
 * first, by checking the winner and trying the version after it, as often as it takes: somebody wins every time, so the
 * losers get their turn. Whatever it resolves, no commit was replaced.
 *
 * @param pause Waits after so many losses, before the winners are looked at.
 * @throws IgarapeError DELTA_NOT_FOUND where the table is gone; what the storage throws; then the commit may or may not be there.
 */
export async function commitDraft(
  storage: Storage,
  draft: Draft,
  now: () => number,
  pause: (losses: number) => Promise<void> = pauseAtRandom,
): Promise<CommitResult> {
  const { base } = draft;
  if (base !== undefined && (await changeSince(storage, base.segment)).kind === 'other')
    return logIsOther(storage);
  const txnId = randomUUID();
  // What the log says beside rows, as far as it is known; winners add to it.
  const course = await LogCourse.of(storage, base, draft.actions);
  for (let version = (base?.version ?? -1) + 1, losses = 1; ; losses += 1) {
    const timeMs = course.timeAt(now());
    const info = { ...commitInfo(draft, txnId, timeMs), ...course.commitInfo(timeMs) };
    const body = encodeActions([{ commitInfo: info }, ...course.actions(version)]);
    if (await storage.putIfAbsent(commitKey(version), body)) return { kind: 'committed', version };
    if (base === undefined) return firstWins(storage);
    await pause(losses);
    const next = await passWinners(storage, draft, version, course);
    if (typeof next !== 'number') return next;
    version = next;
  }
}

const PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1000;

/** Up to a bound that grows with every loss, so that many writers at once do not all ask for every version. */
async function pauseAtRandom(losses: number): Promise<void> {
  await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (losses - 1)));
}

/** The first version that is free, after a look at every one before it; or why the commit cannot be made. */
async function passWinners(
  storage: Storage,
  draft: Draft,
  from: number,
  course: LogCourse,
): Promise<number | CommitResult> {
  const reads = await narrowed(draft.reads);
  for (let version = from; ; version += 1) {
    const actions = await readCommit(storage, version);
    if (actions === undefined) {
      if (version > from) return version;
      throw corrupt(`${storage.uri}/${commitKey(version)}`, 'the commit vanished while it was read');
    }
    const verdict = checkConflict({ ...draft, reads }, actions, await reads.wouldRead(newRows(actions)));
    if (verdict.kind === 'done') return { kind: 'done', version };
    if (verdict.kind === 'conflict') {
      return {
        kind: 'conflict',
        winner: { version, operation: operationOf(actions) },
        reason: verdict.reason,
      };
    }
    course.follow(actions);
  }
}

async function firstWins(storage: Storage): Promise<CommitResult> {
  const operation = operationOf((await readCommit(storage, 0)) ?? []);
  return { kind: 'conflict', winner: { version: 0, operation }, reason: 'it created the table' };
}

/** Of a log that has gone on without us so far that nobody can tell any more by what, or that was replaced. */
async function logIsOther(storage: Storage): Promise<CommitResult> {
  const { version } = await findLogSegment(storage);
  const operation = operationOf((await readCommit(storage, version)) ?? []);
  return {
    kind: 'conflict',
    winner: { version, operation },
    reason:
      'the log no longer has what the operation has read: it was cleaned since, or belongs to another table',
  };
}

function commitInfo(draft: Draft, txnId: string, timestamp: number): JsonObject {
  const metrics = Object.entries(draft.metrics).map(([name, value]) => [name, String(value)]);
  return {
    timestamp,
    operation: draft.operation,
    operationParameters: draft.parameters,
    ...(draft.base === undefined ? {} : { readVersion: draft.base.version }),
    isolationLevel: draft.isolation,
    isBlindAppend: draft.isBlindAppend,
    operationMetrics: Object.fromEntries(metrics),
    engineInfo: ENGINE_INFO,
    txnId,
  };
}
