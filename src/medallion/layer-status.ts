import type { ForeignTableConfig, TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import type { StorageEnvironment } from '../storage/location.ts';
import { BATCH_APP, otherFeed } from './bronze/applied-run.ts';
import { type BatchLog, readBatchLog } from './bronze/foreign-batches.ts';
import type { ForeignFile } from './bronze/foreign-files.ts';
import { appliedBatch, newForeignFiles, NOTHING_KNOWN } from './bronze/foreign-pending.ts';
import { openForeignTable } from './bronze/foreign-table.ts';
import { pendingFiles, type Wanted } from './bronze/pending.ts';
import { progressOf } from './bronze/progress.ts';
import { fullName, type LayerTable } from './layer.ts';
import type { LayerTables } from './layer-tables.ts';
import type { Model } from './models/model.ts';
import { appliedVersion, brokenBy } from './source-identity.ts';
import { MODEL_PROPERTY } from './step.ts';

/** How a table of a layer stands, and how far it is behind what it is fed by. */
export interface LayerStatus {
  /** Null where the table does not exist yet. */
  readonly version: number | null;
  readonly rows: number | null;
  readonly sizeBytes: number | null;
  readonly sources: Readonly<Record<string, SourceStatus>>;
}

/** Versions of a source: runs of the ledger, or batches of files, for bronze; Delta versions for the other layers. */
export interface SourceStatus {
  /** Null where nothing of it was applied yet. */
  readonly applied: number | null;
  readonly newest: number | null;
  /** Of bronze: files that are still to be applied; left out where they cannot be listed. */
  readonly pendingFiles?: number;
  /** Of files of others: the oldest that is still to be read, and since when it is there, ISO 8601. */
  readonly oldestPending?: { readonly file: string; readonly since: string };
}

/** The name under which bronze tables tell how far they have come in the ledger. */
export const LEDGER_SOURCE = 'ledger';

/** How the bronze tables stand that own change files feed. */
export async function bronzeStatus(
  tables: LayerTables,
  configured: readonly TableConfig[],
  newest: LedgerEntry | undefined,
): Promise<Record<string, LayerStatus>> {
  const wanted = new Map<string, Wanted>();
  for (const table of configured) {
    const { name, history } = table;
    const state = newest?.tables[name];
    if (state === undefined) continue;
    const { after } = progressOf(await tables.newest({ layer: 'bronze', name }), table, state.schema, false);
    wanted.set(name, { after, past: history === 'scd2' });
  }
  const pending = await pendingFiles(tables.edge.storage, newest, wanted);
  const found: Record<string, LayerStatus> = {};
  for (const { name } of configured) {
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

/** The name under which bronze tables tell how far they have come in the files of others. */
export const FILES_SOURCE = 'files';

/** How a bronze table stands that files of others feed. */
export async function foreignStatus(
  tables: LayerTables,
  config: ForeignTableConfig,
  env: StorageEnvironment | undefined,
): Promise<LayerStatus> {
  const table = { layer: 'bronze', name: config.name } as const;
  const delta = await tables.find(table);
  const isOther = otherFeed(await delta?.snapshot(), BATCH_APP) !== undefined;
  const log = isOther ? NOTHING_KNOWN : await readBatchLog(tables.edge.storage, config.name);
  const applied = isOther ? undefined : await appliedBatch(delta);
  const pending = await listNewFiles(tables, config, env, log);
  const oldest = pending?.[0];
  const source = {
    applied: applied ?? null,
    newest: log.newest?.batch ?? null,
    ...(pending === undefined ? {} : { pendingFiles: pending.length }),
    ...(oldest === undefined
      ? {}
      : { oldestPending: { file: oldest.name, since: new Date(oldest.modifiedMs).toISOString() } }),
  };
  return { ...(await sizeOf(tables, table)), sources: { [FILES_SOURCE]: source } };
}

/** The lake is told of whether its files can be reached or not. */
async function listNewFiles(
  { edge }: LayerTables,
  config: ForeignTableConfig,
  env: StorageEnvironment | undefined,
  log: BatchLog,
): Promise<readonly ForeignFile[] | undefined> {
  try {
    const { files } = await openForeignTable(config, env);
    return (await newForeignFiles(files, log)).files;
  } catch (error) {
    if (!(error instanceof IgarapeError)) throw error;
    edge.log.warn({ table: config.name, err: error }, `bronze.${config.name}: its files cannot be listed`);
    return undefined;
  }
}

/** How a seed's table stands, which is made of a file. */
export async function seedStatus(tables: LayerTables, seed: LayerTable): Promise<LayerStatus> {
  return { ...(await sizeOf(tables, seed)), sources: {} };
}

/** How models' tables stand. */
export async function modelStatus(tables: LayerTables, model: Model): Promise<LayerStatus> {
  const snapshot = await tables.newest(model);
  const isMadeOtherwise = snapshot?.configuration[MODEL_PROPERTY] !== model.hash;
  const sources: Record<string, SourceStatus> = {};
  for (const source of model.sources) {
    const name = fullName(source);
    const newest = await tables.newest(source);
    const isAnother = newest !== undefined && brokenBy(snapshot, name, newest) !== undefined;
    const applied = isMadeOtherwise || isAnother ? undefined : appliedVersion(snapshot, name);
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
