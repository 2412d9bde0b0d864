import type { AppVersion } from '../../delta/protocol/app-version.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { fullName } from '../layer.ts';
import type { Model } from '../models/model.ts';
import { sourceIdProperty } from '../source-identity.ts';
import { MODEL_PROPERTY, sourceAppId } from '../step.ts';
import { changedSources, type Source } from './sources.ts';

/** What a commit notes of the sources' versions that its rows follow from; nothing where the table has noted them. */
export function appliedVersions(sources: readonly Source[]): { readonly app?: readonly AppVersion[] } {
  const app = changedSources(sources).map(({ table, wanted }) => ({
    appId: sourceAppId(fullName(table)),
    version: BigInt(wanted.version),
    isReset: true,
  }));
  return app.length === 0 ? {} : { app };
}

/**
 * The table property that is `true` where each row of the table is of certain rows of the sources, and of a key of its
 * own, so that what becomes of it is told by the sources' changes. Each commit leaves it true or takes it back.
 */
export const ONE_TO_ONE_PROPERTY = 'igarape.one-to-one';

export function isOneToOne({ configuration }: Snapshot): boolean {
  return configuration[ONE_TO_ONE_PROPERTY] === 'true';
}

/** The properties of a table that is made as a whole: which model, and which tables, it was made of. */
export function madeOf({ hash }: Model, sources: readonly Source[]): Readonly<Record<string, string>> {
  const ids = sources.map(({ table, wanted }) => [sourceIdProperty(fullName(table)), wanted.metadata.id]);
  return { [MODEL_PROPERTY]: hash, ...Object.fromEntries(ids) };
}
