import type { Storage } from '../../storage/port.ts';
import type { CommitInfo } from '../protocol/actions.ts';
import { readCommit } from './commit-read.ts';
import { CommitTimes } from './commit-times.ts';
import { listLog } from './segment.ts';
import type { Snapshot } from './snapshot.ts';
import { lastRun } from './versions.ts';

/** What the log says of one commit. */
export interface HistoryEntry {
  readonly version: number;
  readonly timestampMs: number;
  /** `WRITE`, `MERGE`, `DELETE` …, as its writer called it. */
  readonly operation?: string;
  /** Everything that the commit says of itself. */
  readonly commitInfo: CommitInfo;
}

/** The commits, newest first, read one by one as they are asked for. @throws IgarapeError DELTA_CORRUPT */
export async function* readHistory(
  storage: Storage,
  { configuration }: Snapshot,
): AsyncGenerator<HistoryEntry> {
  const commits = lastRun((await listLog(storage)).commits);
  const times = new CommitTimes(storage, commits, configuration);
  for (const { version } of commits.toReversed()) {
    const actions = (await readCommit(storage, version)) ?? [];
    const commitInfo =
      actions.flatMap((action) => ('commitInfo' in action ? [action.commitInfo] : []))[0] ?? {};
    const operation = commitInfo['operation'];
    yield {
      version,
      timestampMs: await times.of(version),
      ...(typeof operation === 'string' ? { operation } : {}),
      commitInfo,
    };
  }
}
