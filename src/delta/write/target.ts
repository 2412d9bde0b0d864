import { isOn } from '../protocol/configuration.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { Transaction } from '../protocol/actions.ts';
import { type AppVersions, appVersions, type AppVersion } from '../protocol/app-version.ts';
import type { Isolation } from '../log/conflict.ts';
import { checkWritable, hasFeature } from '../protocol/features.ts';
import type { Snapshot } from '../log/snapshot.ts';

/** Refuses a table that cannot be written here, by the features that stand in the way. @throws IgarapeError DELTA_UNSUPPORTED */
export function checkTarget(snapshot: Snapshot): void {
  checkWritable(snapshot.protocol, snapshot.table);
}

/** @throws IgarapeError DELTA_CONSTRAINT where the table takes no removal of rows. */
export function checkRemovable({ configuration, table }: Snapshot, operation: string): void {
  if (!isOn(configuration, 'delta.appendOnly')) return;
  throw new IgarapeError(
    'DELTA_CONSTRAINT',
    `${table} is append only (delta.appendOnly), so ${operation} is refused`,
    {
      hint: 'Nothing was changed. Set the property to false first, if that is meant.',
    },
  );
}

export function isolationOf({ configuration }: Snapshot): Isolation {
  const isWeaker = configuration['delta.isolationLevel']?.toLowerCase() === 'writeserializable';
  return isWeaker ? 'WriteSerializable' : 'Serializable';
}

export function writesDeletionVectors({ configuration, protocol, table }: Snapshot): boolean {
  return isOn(configuration, 'delta.enableDeletionVectors') && hasFeature(protocol, 'deletionVectors', table);
}

export function recordsChanges({ configuration }: Snapshot): boolean {
  return isOn(configuration, 'delta.enableChangeDataFeed');
}

/** True where there are applications' versions, and the table has every one of them, or a later one. */
export function isWritten(snapshot: Snapshot, app: AppVersions | undefined): boolean {
  return appVersions(app).length > 0 && unwritten(snapshot, app).length === 0;
}

/** Of applications' versions those that the table does not have yet; a version falls only where it is reset. */
export function unwritten({ state }: Snapshot, app: AppVersions | undefined): readonly AppVersion[] {
  return appVersions(app).filter(({ appId, version, isReset = false }) => {
    const written = state.transactions.get(appId)?.version;
    return written === undefined || written < version || (isReset && written > version);
  });
}

export function transactionActions(app: AppVersions | undefined, nowMs: number): { txn: Transaction }[] {
  return appVersions(app).map(({ appId, version }) => ({ txn: { appId, version, updatedMs: nowMs } }));
}
