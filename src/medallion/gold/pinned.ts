import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';

/** A version of each source of a model: the newest of those that `versions` leaves out. @throws IgarapeError DELTA_NOT_FOUND */
export async function pinnedVersions(
  tables: LayerTables,
  model: Model,
  versions: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const pinned = new Map<string, number>();
  for (const source of model.sources) {
    const name = fullName(source);
    const newest = async (): Promise<number> => (await (await tables.require(source)).snapshot()).version;
    pinned.set(name, versions.get(name) ?? (await newest()));
  }
  return pinned;
}
