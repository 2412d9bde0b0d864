import { IgarapeError } from '../../core/errors.ts';
import type { Snapshot } from '../log/snapshot.ts';

export interface ExpectedVersion {
  /** The newest version, where the rows follow from what it holds: after any other the write is refused. */
  readonly ifVersion?: number;
}

/** @throws IgarapeError DELTA_CONFLICT where another version is the newest */
export function checkExpected({ table, version }: Snapshot, { ifVersion = version }: ExpectedVersion): void {
  if (version === ifVersion) return;
  throw new IgarapeError(
    'DELTA_CONFLICT',
    `${table}: this write goes by version ${ifVersion}, and version ${version} is the newest`,
    { hint: 'Nothing was changed. Run the operation again on the new version.', retryable: true },
  );
}
