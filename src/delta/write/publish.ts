import { IgarapeError } from '../../core/errors.ts';
import { commitDraft, type Draft } from '../log/commit.ts';
import { discard } from './stage.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { tendLog } from '../log/tend-log.ts';
import type { Writer } from '../files/disk.ts';

/** What a write has done to a table. */
export interface WriteResult {
  /** The table's version that holds it. */
  readonly version: number;
  /** False where there was nothing to do: no row changed, or the application's version was there already. */
  readonly committed: boolean;
  /** Counts, by the names that Delta's other writers give them, e.g. `numOutputRows`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Commits a draft, and tends the log afterwards.
 *
 * @param staged The keys of files that the draft names; they are removed where it can certainly not be committed.
 * @param configuration The table's properties.
 * @throws IgarapeError DELTA_CONFLICT that names the winner's version and operation.
 */
export async function publish(
  writer: Writer,
  draft: Draft,
  staged: readonly string[],
  configuration: Readonly<Record<string, string>>,
): Promise<WriteResult> {
  const { storage } = writer;
  const result = await commitDraft(storage, draft, writer.now);
  switch (result.kind) {
    case 'committed':
      await tendLog(writer, result.version, configuration);
      return { version: result.version, committed: true, metrics: draft.metrics };
    case 'done':
      await discard(writer, staged);
      return { version: result.version, committed: false, metrics: {} };
    case 'conflict': {
      await discard(writer, staged);
      const { winner, reason } = result;
      throw new IgarapeError(
        'DELTA_CONFLICT',
        `${storage.uri}: version ${winner.version} (${winner.operation}) was committed before this ${draft.operation}: ${reason}`,
        { hint: 'Nothing was changed. Run the operation again on the new version.', retryable: true },
      );
    }
    default:
      return result satisfies never;
  }
}

export function nothingDone({ version }: Snapshot): WriteResult {
  return { version, committed: false, metrics: {} };
}
