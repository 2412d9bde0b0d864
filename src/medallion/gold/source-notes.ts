import type { AppVersion } from '../../delta/protocol/app-version.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { appliedVersion, brokenBy, sourceIdProperty } from '../source-identity.ts';
import { MODEL_PROPERTY, sourceAppId } from '../step.ts';

/** What the commit of rows that follow from versions of the sources notes of these. */
export interface SourceNotes {
  /** The versions that the table has not noted yet; left out where that is none. */
  readonly app?: readonly AppVersion[];
  /** By which model, and of which tables, it was made. */
  readonly configuration: Readonly<Record<string, string>>;
}

/**
 * @param versions Of every source of the model, by full name.
 * @param before The gold table; undefined where there is none yet.
 */
export async function sourceNotes(
  tables: LayerTables,
  { sources, hash }: Model,
  versions: ReadonlyMap<string, number>,
  before: Snapshot | undefined,
): Promise<SourceNotes> {
  const app: AppVersion[] = [];
  const configuration: Record<string, string> = { [MODEL_PROPERTY]: hash };
  for (const source of sources) {
    const name = fullName(source);
    const newest = await (await tables.require(source)).snapshot();
    configuration[sourceIdProperty(name)] = newest.metadata.id;
    const noted = appliedVersion(before, name) ?? -1;
    const version = versions.get(name) ?? newest.version;
    const isReset = brokenBy(before, name, newest) !== undefined;
    if (isReset ? noted !== version : noted < version)
      app.push({ appId: sourceAppId(name), version: BigInt(version), isReset });
  }
  return { configuration, ...(app.length === 0 ? {} : { app }) };
}
