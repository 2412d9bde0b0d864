import { isOn } from '../protocol/configuration.ts';
import type { Storage } from '../../storage/port.ts';
import { type Action, type AddFile, inCommitTimestampMs } from '../protocol/actions.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { hasFeature } from '../protocol/features.ts';
import { numRecords } from '../protocol/row-count.ts';
import { isJsonObject, type JsonObject, parseJson } from '../protocol/json.ts';
import { readCommit } from './commit-read.ts';
import type { Snapshot } from './snapshot.ts';

const TRACKING = 'delta.rowTracking';
const HIGH_WATER_MARK = 'rowIdHighWaterMark';

/**
 * What a commit has to take up from those before it, and each lost race moves on: times that only rise (in-commit
 * timestamps), and numbers of rows that are given once (row tracking).
 */
export class LogCourse {
  readonly #table: string;
  readonly #actions: readonly Action[];
  readonly #hasTimes: boolean;
  readonly #tracksRows: boolean;
  #lastMs: number;
  #lastRow: bigint;

  private constructor(base: Snapshot | undefined, actions: readonly Action[]) {
    this.#table = base?.table ?? '';
    this.#actions = actions;
    const configuration = base?.configuration ?? {};
    this.#hasTimes = isOn(configuration, 'delta.enableInCommitTimestamps');
    this.#tracksRows =
      base !== undefined &&
      hasFeature(base.protocol, 'rowTracking', base.table) &&
      !isOn(configuration, 'delta.rowTrackingSuspended');
    // Where the newest commit is gone, its checkpoint is not older than it.
    this.#lastMs =
      base?.segment.head === undefined ? (base?.segment.checkpoint?.objects[0]?.modifiedMs ?? 0) : 0;
    this.#lastRow = highWaterMark(base?.state.domains.get(TRACKING)?.configuration) ?? -1n;
  }

  /** @param base What the actions build on; nothing for a new table. */
  static async of(
    storage: Storage,
    base: Snapshot | undefined,
    actions: readonly Action[],
  ): Promise<LogCourse> {
    const course = new LogCourse(base, actions);
    // A state that begins with a checkpoint knows nothing of the commit itself.
    if (course.#hasTimes && base?.segment.head !== undefined)
      course.follow((await readCommit(storage, base.version)) ?? []);
    return course;
  }

  /** Learns from a commit that was there first. */
  follow(actions: readonly Action[]): void {
    for (const action of actions) {
      if ('commitInfo' in action) {
        this.#lastMs = Math.max(this.#lastMs, inCommitTimestampMs(action.commitInfo) ?? 0);
      } else if ('domainMetadata' in action && action.domainMetadata.domain === TRACKING) {
        const mark = highWaterMark(action.domainMetadata.configuration) ?? -1n;
        if (mark > this.#lastRow) this.#lastRow = mark;
      }
    }
  }

  /** The time of the commit, where that has to be later than the last. */
  timeAt(nowMs: number): number {
    return this.#hasTimes ? Math.max(nowMs, this.#lastMs + 1) : nowMs;
  }

  /** What `commitInfo` says of it. */
  commitInfo(timeMs: number): JsonObject {
    const actions = this.#actions;
    const isNew = actions.some((action) => 'add' in action && action.add.baseRowId === undefined);
    const isPreserved = !isNew || !actions.some((action) => 'remove' in action);
    return {
      ...(this.#hasTimes ? { inCommitTimestamp: timeMs } : {}),
      ...(this.#tracksRows ? { tags: { 'delta.rowTracking.preserved': String(isPreserved) } } : {}),
    };
  }

  /** The draft's actions as they stand in the commit of a version. @throws IgarapeError DELTA_UNSUPPORTED */
  actions(version: number): readonly Action[] {
    const actions = this.#actions;
    if (!this.#tracksRows) return actions;
    let last = this.#lastRow;
    const numbered = actions.map((action): Action => {
      if (!('add' in action) || action.add.baseRowId !== undefined) return action;
      const baseRowId = last + 1n;
      last += BigInt(this.#rowsOf(action.add));
      return { add: { ...action.add, baseRowId, defaultRowCommitVersion: BigInt(version) } };
    });
    if (last === this.#lastRow) return numbered;
    const configuration = `{"${HIGH_WATER_MARK}":${last}}`;
    return [...numbered, { domainMetadata: { domain: TRACKING, configuration, removed: false } }];
  }

  #rowsOf({ path, stats }: AddFile): number {
    const rows = numRecords(stats);
    if (rows !== undefined) return rows;
    throw unsupported(
      this.#table,
      `it numbers its rows (row tracking), and the log does not say how many the file ${path} has`,
    );
  }
}

function highWaterMark(configuration: string | undefined): bigint | undefined {
  const value = configuration === undefined ? undefined : parseJson(configuration);
  const mark = isJsonObject(value) ? value[HIGH_WATER_MARK] : undefined;
  return typeof mark === 'number' || typeof mark === 'bigint' ? BigInt(mark) : undefined;
}
