import { closest, didYouMean } from '../config/closest.ts';
import { join } from 'node:path';
import type { Config, TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Logger, ProgressListener } from '../core/log.ts';
import type { Engine } from '../engine/engine.ts';
import type { CycleMemory } from './cycle-memory.ts';
import { isDated } from '../source/dates.ts';
import type { Source } from '../source/port.ts';
import type { StorageEnvironment } from '../storage/location.ts';
import type { Cluster } from '../spark/cluster.ts';
import type { Storage } from '../storage/port.ts';

/** A stage of a run: the change files, or a layer that is fed by them. */
export const STAGES = ['raw', 'bronze', 'silver', 'gold'] as const;

export type Stage = (typeof STAGES)[number];

/** What computes models. */
export const ENGINES = ['duckdb', 'spark'] as const;

export type EngineName = (typeof ENGINES)[number];

/** What a run is asked to do. */
export interface RunRequest {
  readonly config: Config;
  readonly storage: Storage;
  /** Undefined where the configuration names none. */
  readonly source: Source | undefined;
  /** Where AWS's access keys are looked for, for change files in other buckets, before the SDK's own chain. */
  readonly env?: StorageEnvironment;
  /** The tables to work on; all of the configuration's where undefined. */
  readonly tables?: readonly string[];
  /** Tables whose guards are approved for this run. */
  readonly approve?: readonly string[];
  /** Tables that get a new full-load. */
  readonly reload?: readonly string[];
  /** The stages to work on; all of the configuration's where undefined. */
  readonly only?: readonly Stage[];
  /** The models to work on, as `run --models` selects them: nothing else is worked on then. */
  readonly models?: readonly string[];
  /** Makes every table of the layers that is worked on anew as a whole. */
  readonly fullRefresh?: boolean;
  /** What earlier cycles of this process know of the lake. */
  readonly memory?: CycleMemory;
  readonly skipDownload?: boolean;
  /** A first run begins a lake even where files of others are under full-load/ and cdc/. */
  readonly adoptPrefix?: boolean;
  /** The lake goes on from the configuration's source, though another has fed it so far: the same data has moved. */
  readonly sourceMoved?: boolean;
  /** A past version of the source, by its label, instead of the newest. */
  readonly version?: string;
  /** Of tables of dated snapshots, the dates that count. */
  readonly dates?: { readonly after?: string; readonly from: string; readonly until?: string };
  /** Of the source's tables only these: a run goes on to further dates of them. */
  readonly onwards?: readonly string[];
  /** Where a backfill began, for the ledger. */
  readonly backfillFrom?: string;
}

/** The outside world, as a run sees it. */
export interface Edge {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A name that no other run has. */
  readonly newId: () => string;
  readonly log: Logger;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
}

/** A Spark that compares tables. */
export interface ComparingSpark {
  /** @param hasDoubles Whether their bases have any: Spark's faster reader knows not all ways in which these are written. */
  readonly clusterFor: (hasDoubles: boolean) => Cluster;
  /** Where it leaves what it finds: the run's own, as all that is staged. */
  readonly staging: Storage;
  /** Keys there that go as the run ends. */
  readonly leftovers: string[];
}

/** A run under way. */
export interface RunContext {
  readonly request: RunRequest;
  readonly edge: Edge;
  readonly engine: Engine;
  /** False where other tables are worked on beside, with their parts of it. */
  readonly hasAllMemory: boolean;
  /** A folder for this run's files alone. */
  readonly runDir: string;
  /** What compares tables that it reads where they lie; undefined where DuckDB compares them all. */
  readonly spark?: ComparingSpark | undefined;
  /** Tells the edge how far the engine has come while it works on a table. */
  readonly reading: <T>(table: string, work: () => Promise<T>) => Promise<T>;
}

/** Where the working folder keeps what it has of the lake's bases. */
export function segmentFolder(workDir: string): string {
  return join(workDir, 'bases');
}

/** The source of a request that works on change files: its configuration has been checked to name one. */
export function sourceOf({ source }: Pick<RunRequest, 'source'>): Source {
  if (source === undefined) throw new RangeError('Tables of a source have one.');
  return source;
}

/** True where a request works on a stage. */
export function worksOn(request: RunRequest, stage: Stage): boolean {
  const { only, models } = request;
  if (stage === 'raw' && sourceTables(request).length === 0) return false;
  if (models !== undefined && (stage === 'raw' || stage === 'bronze')) return false;
  return only === undefined || only.includes(stage);
}

/** True where a request works on seeds, which models of silver and of gold read. */
export function worksOnSeeds(request: RunRequest): boolean {
  return worksOn(request, 'silver') || worksOn(request, 'gold');
}

/** The tables of the source that a request works on. */
export function sourceTables({
  config,
  tables: asked,
  onwards,
  dates,
}: Pick<RunRequest, 'config' | 'tables' | 'onwards' | 'dates'>): readonly TableConfig[] {
  return config.tables.filter(
    ({ name, file }) =>
      (asked?.includes(name) ?? true) &&
      (onwards?.includes(name) ?? true) &&
      (dates === undefined || isDated(file)),
  );
}

/** @throws IgarapeError USAGE for a table that the configuration does not have, and for stages without the models asked for. */
export function refuseUnknownTables(
  request: Pick<RunRequest, 'config' | 'tables' | 'approve' | 'reload' | 'only' | 'models'>,
): void {
  const { config, tables = [], approve = [], reload = [], only, models } = request;
  if (models !== undefined && only?.every((stage) => stage === 'raw' || stage === 'bronze') === true)
    throw new IgarapeError('USAGE', 'Models are asked for, and only stages without models.', {
      hint: 'Models are of silver and gold: leave --only or --models out.',
    });
  if (models !== undefined && !config.layers.includes('silver'))
    throw new IgarapeError('USAGE', 'The configuration names no layer that has models.', {
      hint: 'Set "layers": ["bronze", "silver", "gold"]; or leave --models out.',
    });
  const own = config.tables.map(({ name }) => name);
  refuseOthers(tables, bronzeNames(config));
  refuseOthers([...approve, ...reload], own);
}

function refuseOthers(names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new IgarapeError('USAGE', `There is no table ${JSON.stringify(unknown)} in the configuration.`, {
    hint: didYouMean(closest(unknown, known), `The tables are: ${known.join(', ')}.`),
  });
}

/** The bronze tables that a configuration makes. */
export function bronzeNames({ tables, foreignTables }: Config): string[] {
  return [...tables, ...foreignTables].map(({ name }) => name);
}
