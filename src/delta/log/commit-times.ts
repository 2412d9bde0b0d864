import { isOn } from '../protocol/configuration.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { Storage } from '../../storage/port.ts';
import { inCommitTimestampMs } from '../protocol/actions.ts';
import { readCommit } from './commit-read.ts';
import { corrupt } from '../protocol/corrupt.ts';
import { commitKey } from './path.ts';
import type { CommitObject } from './segment.ts';

type Configuration = Readonly<Record<string, string>>;

/**
 * When each version was committed, in milliseconds UTC: by the commit itself where in-commit timestamps were enabled at
 * that version, else by its file's time, made to rise with every version.
 */
export class CommitTimes {
  readonly #storage: Storage;
  /** Without a gap, oldest first. */
  readonly #commits: readonly CommitObject[];
  readonly #fileTimes: readonly number[];
  /** The first version with a timestamp of its own. */
  readonly #enabledAt: number;
  readonly #enabledMs: number;

  /** @param configuration The newest version's. */
  constructor(storage: Storage, commits: readonly CommitObject[], configuration: Configuration) {
    this.#storage = storage;
    this.#commits = commits;
    this.#fileTimes = rising(commits.map(({ modifiedMs }) => modifiedMs));
    const isEnabled = isOn(configuration, 'delta.enableInCommitTimestamps');
    this.#enabledAt = isEnabled
      ? Number(configuration['delta.inCommitTimestampEnablementVersion'] ?? 0)
      : Infinity;
    this.#enabledMs = isEnabled
      ? Number(configuration['delta.inCommitTimestampEnablementTimestamp'] ?? -Infinity)
      : Infinity;
  }

  /** The oldest version whose commit is there. */
  get first(): number {
    return this.#commits[0]?.version ?? 0;
  }

  /** @throws IgarapeError DELTA_VERSION where the commit is not there any more; DELTA_CORRUPT */
  async of(version: number): Promise<number> {
    const fileTime = this.#fileTimes[version - this.first];
    if (fileTime === undefined) {
      throw new IgarapeError(
        'DELTA_VERSION',
        `${this.#storage.uri}: the commit of version ${version} is not in its log`,
        {
          hint: 'Old commits are removed after the log retention of the table.',
        },
      );
    }
    return version < this.#enabledAt ? fileTime : this.#ownTime(version);
  }

  /** The newest version that was committed at the time or before it, or undefined. */
  async newestUntil(timeMs: number): Promise<number | undefined> {
    const versions = this.#commits
      .map(({ version }) => version)
      .filter((version) =>
        timeMs >= this.#enabledMs ? version >= this.#enabledAt : version < this.#enabledAt,
      );
    let low = 0;
    let high = versions.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const version = versions[middle];
      if (version !== undefined && (await this.of(version)) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return versions[low - 1];
  }

  async #ownTime(version: number): Promise<number> {
    const actions = (await readCommit(this.#storage, version)) ?? [];
    for (const action of actions) {
      const own = 'commitInfo' in action ? inCommitTimestampMs(action.commitInfo) : undefined;
      if (own !== undefined) return own;
    }
    const file = `${this.#storage.uri}/${commitKey(version)}`;
    throw corrupt(file, 'the table has in-commit timestamps, and this commit has none');
  }
}

function rising(times: readonly number[]): number[] {
  let last = -Infinity;
  return times.map((time) => {
    last = Math.max(time, last + 1);
    return last;
  });
}
