import type { HistoryEntry } from '../delta/log/history.ts';
import type { DeltaTable } from '../delta/table.ts';
import { exactName } from '../explore/table-page.ts';
import { schemaHistory } from '../explore/schema-history.ts';
import type { LakeReader } from '../explore/reader.ts';
import { filesOf } from '../explore/table-files.ts';
import { parseFullName } from '../medallion/layer.ts';
import { isSmallFile } from '../medallion/maintain.ts';
import type { TableHealth, TableVersion, VersionsAnswer } from './api.ts';

/** As many versions of a layer's table are told of. */
const SHOWN_VERSIONS = 200;

/** The versions of a table, newest first. */
export async function versionsOf(reader: LakeReader, table: string): Promise<VersionsAnswer> {
  const name = await exactName(reader, table);
  const layered = parseFullName(name);
  if (layered !== undefined) {
    return reader.quick(async (_engine, tables) => {
      const delta = await tables.require(layered);
      const versions: TableVersion[] = [];
      for await (const entry of delta.history()) {
        if (versions.length === SHOWN_VERSIONS) break;
        versions.push(commitVersion(entry));
      }
      return { versions, schema: [], health: await healthOf(delta) };
    });
  }
  const known = await reader.runs();
  const runs = new Map(known.runs.map((entry) => [entry.run, entry.tables[name]]));
  const versions = filesOf(known, name).map(({ run, at, file }) => ({
    version: run,
    at,
    operation: file.kind,
    changes: {
      inserted: runs.get(run)?.inserted ?? 0,
      updated: runs.get(run)?.updated ?? 0,
      deleted: runs.get(run)?.deleted ?? 0,
    },
    replaced: null,
  }));
  return { versions: versions.toReversed(), schema: await schemaHistory(reader, name), health: null };
}

function commitVersion({ version, timestampMs, operation = '', commitInfo }: HistoryEntry): TableVersion {
  const metrics = new Map(entriesOf(commitInfo['operationMetrics']));
  const number = (...names: readonly string[]): number | undefined => {
    const found = names.map((name) => metrics.get(name)).find((value) => value !== undefined);
    return found === undefined ? undefined : Number(found);
  };
  const written = number('numOutputRows');
  const updated = number('numTargetRowsUpdated', 'numUpdatedRows');
  const deleted = number('numTargetRowsDeleted', 'numDeletedRows');
  const mode = new Map(entriesOf(commitInfo['operationParameters'])).get('mode');
  const isReplaced = (mode === 'Overwrite' || /REPLACE TABLE/.test(operation)) && updated === undefined;
  const inserted = number('numTargetRowsInserted') ?? written;
  const isTold = [inserted, updated, deleted].some((count) => count !== undefined);
  return {
    version,
    at: new Date(timestampMs).toISOString(),
    operation,
    changes:
      isTold && !isReplaced
        ? { inserted: inserted ?? 0, updated: updated ?? 0, deleted: deleted ?? 0 }
        : null,
    replaced: isReplaced ? (written ?? null) : null,
  };
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

async function healthOf(delta: DeltaTable): Promise<TableHealth> {
  const snapshot = await delta.snapshot();
  let [files, smallFiles, sizeBytes, deletedRows] = [0, 0, 0, 0];
  for (const file of await snapshot.files()) {
    files += 1;
    sizeBytes += file.sizeBytes;
    if (isSmallFile(file)) smallFiles += 1;
    deletedRows += file.deletionVector?.cardinality ?? 0;
  }
  return { files, smallFiles, sizeBytes, deletedRows, oldestVersion: await delta.oldestVersion() };
}
