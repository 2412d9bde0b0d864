import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { appliedRun } from './bronze/applied-run.ts';
import { pendingFiles, type Wanted } from './bronze/pending.ts';
import { fullName, type LayerTable } from './layer.ts';
import type { LayerTables } from './layer-tables.ts';
import type { Model } from './models/model.ts';
import { appliedVersion, brokenBy } from './source-identity.ts';

/** How a table of a layer stands, and how far it is behind what it is fed by. */
export interface LayerStatus {
  /** Null where the table does not exist yet. */
  readonly version: number | null;
  readonly rows: number | null;
  readonly sizeBytes: number | null;
  readonly sources: Readonly<Record<string, SourceStatus>>;
}

/** Versions of a source: runs of the ledger for bronze, Delta versions for the other layers. */
export interface SourceStatus {
  /** Null where nothing of it was applied yet. */
  readonly applied: number | null;
  readonly newest: number | null;
  /** Of bronze: published files that are still to be applied. */
  readonly pendingFiles?: number;
}

/** The name under which bronze tables tell how far they have come in the ledger. */
export const LEDGER_SOURCE = 'ledger';

/** How the bronze tables stand that own change files feed. */
export async function bronzeStatus(
  tables: LayerTables,
  names: readonly string[],
  newest: LedgerEntry | undefined,
): Promise<Record<string, LayerStatus>> {
  const wanted = new Map<string, Wanted>();
  for (const name of names) {
    const after = await appliedRun(await tables.find({ layer: 'bronze', name }));
    if (newest?.tables[name] !== undefined) wanted.set(name, { after, past: false });
  }
  const pending = await pendingFiles(tables.edge.storage, wanted);
  const found: Record<string, LayerStatus> = {};
  for (const name of names) {
    const table = { layer: 'bronze', name } as const;
    const source = {
      applied: wanted.get(name)?.after ?? null,
      newest: newest?.run ?? null,
      pendingFiles: pending.get(name)?.length ?? 0,
    };
    found[fullName(table)] = { ...(await sizeOf(tables, table)), sources: { [LEDGER_SOURCE]: source } };
  }
  return found;
}

/** How models' tables stand. */
export async function modelStatus(tables: LayerTables, model: Model): Promise<LayerStatus> {
  const snapshot = await (await tables.find(model))?.snapshot();
  const sources: Record<string, SourceStatus> = {};
  for (const source of model.sources) {
    const name = fullName(source);
    const newest = await (await tables.find(source))?.snapshot();
    const isAnother = newest !== undefined && brokenBy(snapshot, name, newest) !== undefined;
    const applied = isAnother ? undefined : appliedVersion(snapshot, name);
    sources[name] = { applied: applied ?? null, newest: newest?.version ?? null };
  }
  return { ...(await sizeOf(tables, model)), sources };
}

async function sizeOf(tables: LayerTables, table: LayerTable): Promise<Omit<LayerStatus, 'sources'>> {
  const delta = await tables.find(table);
  if (delta === undefined) return { version: null, rows: null, sizeBytes: null };
  const { version, rows, sizeBytes } = await delta.describe();
  return { version, rows, sizeBytes };
}
