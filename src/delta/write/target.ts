import { IgarapeError } from '../../core/errors.ts';
import type { Transaction } from '../protocol/actions.ts';
import { type AppVersions, appVersions, type AppVersion } from '../protocol/app-version.ts';
import type { Isolation } from '../log/conflict.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { checkWritable, hasFeature } from '../protocol/features.ts';
import { allFields } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';

const REFUSED_METADATA: Readonly<Record<string, string>> = {
  'delta.generationExpression': 'is generated',
  'delta.identity.start': 'is an identity column',
  'delta.identity.step': 'is an identity column',
  CURRENT_DEFAULT: 'has a default',
};

/**
 * Refuses a table whose rows cannot be written here, by the name of what stands in the way.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED
 */
export function checkTarget(snapshot: Snapshot): void {
  checkWritable(snapshot.protocol, snapshot.table);
  for (const field of allFields(snapshot.schema)) {
    for (const [key, what] of Object.entries(REFUSED_METADATA)) {
      if (Object.hasOwn(field.metadata, key))
        throw unsupported(
          snapshot.table,
          `its column ${field.name} ${what}, which is not supported for writing`,
        );
    }
  }
}

/** @throws IgarapeError DELTA_CONSTRAINT where the table takes no removal of rows. */
export function checkRemovable({ configuration, table }: Snapshot, operation: string): void {
  if (configuration['delta.appendOnly'] !== 'true') return;
  throw new IgarapeError(
    'DELTA_CONSTRAINT',
    `${table} is append only (delta.appendOnly), so ${operation} is refused`,
    {
      hint: 'Nothing was changed. Set the property to false first, if that is meant.',
    },
  );
}

export function isolationOf({ configuration }: Snapshot): Isolation {
  return configuration['delta.isolationLevel'] === 'WriteSerializable' ? 'WriteSerializable' : 'Serializable';
}

export function writesDeletionVectors({ configuration, protocol, table }: Snapshot): boolean {
  return (
    configuration['delta.enableDeletionVectors'] === 'true' && hasFeature(protocol, 'deletionVectors', table)
  );
}

export function recordsChanges({ configuration }: Snapshot): boolean {
  return configuration['delta.enableChangeDataFeed'] === 'true';
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
