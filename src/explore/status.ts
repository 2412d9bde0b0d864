import { BASE, openBase } from '../changes/base.ts';
import type { Config } from '../config/config.ts';
import { quoteName } from '../engine/quote.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { openSegments } from '../lake/segments.ts';
import { lakeStatus, type LakeStatus } from '../lake/status.ts';
import { fullName, LAYERS } from '../medallion/layer.ts';
import {
  bronzeStatus,
  foreignStatus,
  type LayerStatus,
  modelStatus,
  seedStatus,
} from '../medallion/layer-status.ts';
import type { LayerTables } from '../medallion/layer-tables.ts';
import { layerTablesIn } from '../medallion/layer-names.ts';
import { isTrouble, type LayerReport, type Trouble } from '../medallion/report.ts';
import { type RunRequest, segmentFolder } from '../pipeline/context.ts';
import { madeTables } from '../pipeline/drop.ts';
import { type HistoryRun, withCycles } from '../pipeline/history.ts';
import { Journal } from '../pipeline/journal/journal.ts';
import type { CycleRecord } from '../pipeline/journal/record.ts';
import { projectModels } from '../pipeline/models.ts';
import type { LakeReader } from './reader.ts';

/** A base up to this size is read to tell how fresh its table is. */
const CHEAP_BYTES = 64 * 1024 * 1024;

export interface ProjectStatus extends LakeStatus {
  readonly lastRuns: readonly HistoryRun[];
  /** The last cycle that the journal has, whether it committed something or not; null where there is none. */
  readonly lastCycle: CycleRecord | null;
  /** When the next cycle is due by the timer, ISO 8601; null where nothing tells. */
  readonly nextRun: NextRun | null;
  /** Tables of the layers by full name; left out where the configuration names no layers. */
  readonly layers?: Readonly<Record<string, LayerStatus & { readonly trouble: LayerTrouble | null }>>;
  /** Tables of the layers, by full name, that nothing makes any more; left out where there are none. */
  readonly orphans?: readonly string[];
}

export interface NextRun {
  readonly at: string;
  /** True where a schedule that runs on this machine has said so; else it follows from the timer alone. */
  readonly isAnnounced: boolean;
}

export interface ProjectStatusRequest {
  readonly lastRuns: number;
  /** When the next cycle is due after one that ended so many milliseconds after 1970. */
  readonly nextRun?: (lastEndedMs: number | undefined) => Promise<NextRun | undefined>;
}

/** Of each table the last of so many cycles that looked at it tells. */
const CYCLES_LOOKED_AT = 8;

/** Why the last cycle left a table of a layer as it was. */
export interface LayerTrouble {
  readonly operation: Trouble;
  readonly reason: string;
}

/**
 * How the lake of a configuration stands, with the newest value of each `date_field` where that is cheap to know, and
 * how far each table of the layers is behind what it is fed by.
 */
export async function status(
  reader: LakeReader,
  { lastRuns, nextRun }: ProjectStatusRequest,
): Promise<ProjectStatus> {
  const { config, storage, env } = reader.project;
  const journal = await Journal.list(storage);
  const cycles = await journal.read({ limit: CYCLES_LOOKED_AT });
  const newestValue = async (state: TableState, column: string): Promise<string | undefined> =>
    newestOf(reader, state, column);
  const lake = await lakeStatus({
    storage,
    tables: config.tables,
    lastRuns,
    cycles,
    layers: LAYERS,
    newestValue,
  });
  const [lastCycle = null] = cycles;
  const lastEndedMs = lastCycle === null ? undefined : Date.parse(lastCycle.endedAt);
  const raw = {
    ...lake,
    lastRuns: await withCycles(journal, lake.lastRuns),
    lastCycle,
    nextRun: (await nextRun?.(lastEndedMs)) ?? null,
  };
  if (config.layers.length === 0) return raw;
  return reader.quick(async (_engine, tables) => ({
    ...raw,
    ...(await layerStatus(config, tables, env, cycles)),
  }));
}

/** The newest value of a column, as text; undefined where that is not to be had cheaply. */
async function newestOf(reader: LakeReader, state: TableState, column: string): Promise<string | undefined> {
  const { storage, config } = reader.project;
  const bytes = state.base.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > CHEAP_BYTES) return undefined;
  const paths = await openSegments(storage, segmentFolder(config.workDir), state);
  return reader.quick(async (engine) => {
    await openBase(engine, paths, state.schema);
    const [row] = await engine.rows(
      `SELECT CAST(max(${quoteName(column)}) AS VARCHAR) AS newest FROM ${BASE}`,
    );
    const newest = row?.['newest'];
    return typeof newest === 'string' ? newest : undefined;
  });
}

async function layerStatus(
  config: Config,
  layers: LayerTables,
  env: RunRequest['env'],
  cycles: readonly CycleRecord[],
): Promise<Pick<ProjectStatus, 'layers' | 'orphans'>> {
  const { engine, storage } = layers.edge;
  const found: Record<string, LayerStatus> = await bronzeStatus(
    layers,
    config.tables,
    await readNewestEntry(storage),
  );
  for (const table of config.foreignTables)
    found[`bronze.${table.name}`] = await foreignStatus(layers, table, env);
  const set = await projectModels(engine, config);
  for (const seed of set.seeds) found[fullName(seed)] = await seedStatus(layers, seed);
  for (const model of set.models) {
    if (config.layers.includes(model.layer)) found[fullName(model)] = await modelStatus(layers, model);
  }
  const orphans = (await layerTablesIn(storage, madeTables(config, set))).map(fullName);
  const reports: NonNullable<CycleRecord['layers']> = Object.assign(
    {},
    ...cycles.toReversed().map((cycle) => cycle.layers ?? {}),
  );
  const told = Object.entries(found).map(([name, status]) => [
    name,
    { ...status, trouble: troubleOf(reports[name]) },
  ]);
  return { layers: Object.fromEntries(told), ...(orphans.length === 0 ? {} : { orphans }) };
}

function troubleOf(report: LayerReport | undefined): LayerTrouble | null {
  const operation = report?.operation;
  return isTrouble(operation) ? { operation, reason: report?.reason ?? '' } : null;
}
