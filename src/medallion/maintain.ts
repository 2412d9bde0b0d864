import type { MaintenanceConfig } from '../config/config.ts';
import type { Snapshot } from '../delta/log/snapshot.ts';
import { fullName, type LayerTable } from './layer.ts';
import type { LayerTables } from './layer-tables.ts';

/** As large as files are put together to. */
const TARGET_SIZE_BYTES = 256_000_000;
/** The `txn` application id whose version is the time of the last vacuum, in milliseconds since 1970. */
const VACUUM_APP = 'igarape:vacuum';

/**
 * The upkeep of a table after a commit to it: puts small files together, and removes those that no version within the
 * table's retention needs, where it is time. Looks no further than the table's log unless it is. The commits stand,
 * whatever fails here: that is a warning in the log, and the next time that is due makes up for it.
 */
export async function maintain(
  tables: LayerTables,
  table: LayerTable,
  rules: MaintenanceConfig,
): Promise<void> {
  const { clock } = tables.edge;
  await attempt(tables, table, 'optimize', rules.optimize, async () => {
    const delta = await tables.require(table);
    if ((await gatheredFiles(await delta.snapshot())) <= rules.optimizeAfterFiles) return;
    await delta.optimize({ targetSizeBytes: TARGET_SIZE_BYTES });
  });
  await attempt(tables, table, 'vacuum', rules.vacuum, async () => {
    const delta = await tables.require(table);
    const now = clock();
    if (now - lastVacuumMs(await delta.snapshot()) < rules.vacuumEveryMs) return;
    await delta.vacuum({ app: { appId: VACUUM_APP, version: BigInt(Math.trunc(now)) } });
  });
}

async function attempt(
  { edge }: LayerTables,
  table: LayerTable,
  step: string,
  isWanted: boolean,
  work: () => Promise<void>,
): Promise<void> {
  if (!isWanted) return;
  try {
    await work();
  } catch (error) {
    // A run that was told to stop does not go on.
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    edge.log.warn(
      { table: fullName(table), step, reason },
      'The upkeep of a table failed; its rows are as they should be.',
    );
  }
}

/** True of a file that upkeep puts together with others of its partition. */
export function isSmallFile({ sizeBytes }: { readonly sizeBytes: number }): boolean {
  return sizeBytes < TARGET_SIZE_BYTES / 4;
}

/** Small files that could be put together with others: those of partitions that have several. */
async function gatheredFiles(snapshot: Snapshot): Promise<number> {
  const small = new Map<string, number>();
  for (const file of await snapshot.files()) {
    if (!isSmallFile(file)) continue;
    const { partitionValues } = file;
    const names = Object.keys(partitionValues).toSorted();
    const partition = JSON.stringify(names.map((name) => partitionValues[name]));
    small.set(partition, (small.get(partition) ?? 0) + 1);
  }
  return [...small.values()].filter((files) => files > 1).reduce((sum, files) => sum + files, 0);
}

/** A table that never had one is as good as new when it is created. */
function lastVacuumMs({ state, metadata }: Snapshot): number {
  const recorded = state.transactions.get(VACUUM_APP)?.version;
  return recorded === undefined ? (metadata.createdTimeMs ?? 0) : Number(recorded);
}
