import { IgarapeError } from '../../core/errors.ts';
import type { Storage } from '../../storage/port.ts';
import { CommitTimes } from './commit-times.ts';
import { noMoment, parseInstant } from './instant.ts';
import { listLog, type LogListing, noVersion } from './segment.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * A version by its number (BIGINT where it was read: `_commit_version`), or the newest one until a time: a Date, or text
 * such as `2024-01-31T12:00:00Z`.
 */
export type VersionOrTime = number | bigint | Date | string;

/** The versions of a table by their times; the log is listed where a time is asked for. */
export class Versions {
  readonly #storage: Storage;
  readonly #newest: Snapshot;
  #times: Promise<CommitTimes> | undefined;

  constructor(storage: Storage, newest: Snapshot) {
    this.#storage = storage;
    this.#newest = newest;
  }

  times(): Promise<CommitTimes> {
    this.#times ??= this.#list();
    return this.#times;
  }

  /** @throws IgarapeError DELTA_VERSION for a time before the first version, or, to be refused, after the newest */
  async at(at: VersionOrTime, later: 'refuse' | 'or newest' = 'refuse'): Promise<number> {
    if (typeof at === 'number' || typeof at === 'bigint') return numberOf(at);
    const ms = instantOf(at);
    const times = await this.times();
    const version = await times.newestUntil(ms);
    if (version === undefined)
      throw noVersion(this.#storage, `it has no version as old as ${new Date(ms).toISOString()}`);
    const last = await times.of(this.#newest.version);
    if (ms > last && later === 'refuse') {
      throw noVersion(
        this.#storage,
        `${new Date(ms).toISOString()} is after its newest version, of ${new Date(last).toISOString()}`,
      );
    }
    return version;
  }

  /** The first version since a time, which may be still to come; or by its number. */
  async since(from: VersionOrTime): Promise<number> {
    if (typeof from === 'number' || typeof from === 'bigint') return numberOf(from);
    const times = await this.times();
    // Commits have different times, whole milliseconds apart.
    const before = await times.newestUntil(instantOf(from) - 1);
    return before === undefined ? times.first : before + 1;
  }

  /**
   * The versions from one to another, or to the newest; none where they come after that, told by a last one that is the
   * one before the first, or less.
   *
   * @throws IgarapeError DELTA_VERSION where the last comes before the first
   */
  async range(from: VersionOrTime, to?: VersionOrTime): Promise<{ from: number; to: number }> {
    const newest = this.#newest.version;
    const first = await this.since(from);
    const last = to === undefined ? newest : await this.at(to, 'or newest');
    if (to === undefined || first <= last) return { from: first, to: Math.min(last, newest) };
    throw new IgarapeError(
      'DELTA_VERSION',
      `${this.#storage.uri} has no changes from version ${first} to ${last}`,
      { hint: `Its newest version is ${newest}.` },
    );
  }

  async #list(): Promise<CommitTimes> {
    const { commits } = await listLog(this.#storage);
    return new CommitTimes(this.#storage, lastRun(commits), this.#newest.configuration);
  }
}

/** The commits from the last gap on: older ones may be left over from a clean-up. */
export function lastRun(commits: LogListing['commits']): LogListing['commits'] {
  const gap = commits.findLastIndex(
    (commit, index) => index > 0 && commit.version !== (commits[index - 1]?.version ?? 0) + 1,
  );
  return commits.slice(Math.max(gap, 0));
}

function numberOf(at: number | bigint): number {
  const version = Number(at);
  if (Number.isSafeInteger(version) && version >= 0) return version;
  throw noMoment(at);
}

/** Whoever writes JavaScript may give anything. */
function instantOf(at: unknown): number {
  return at instanceof Date && !Number.isNaN(at.getTime()) ? at.getTime() : parseInstant(at);
}
