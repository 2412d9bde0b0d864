import type { Told } from './core/language/sentence.ts';
import { randomUUID } from 'node:crypto';
import { resolve as resolvePath } from 'node:path';
import { program } from './cli/version.ts';
import type { Config } from './config/config.ts';
import { applyEnvironment } from './config/environment.ts';
import { loadConfig } from './config/load.ts';
import { showPath } from './config/problem.ts';
import { resolveConfig } from './config/resolve.ts';
import type { Written, WrittenTable } from './config/written.ts';
import { IgarapeError } from './core/errors.ts';
import {
  checkOptions,
  COUNT,
  COUNTS,
  FLAG,
  FUNCTION,
  type Kinds,
  OBJECT,
  TEXT,
  TEXTS,
} from './core/kinds.ts';
import { type Logger, type ProgressListener, silentLogger } from './core/log.ts';
import type { PastRunsRequest } from './lake/past-runs.ts';
import type { QueryRows } from './lake/query/query.ts';
import type { VerifyReport } from './lake/verify.ts';
import { backfillDates, type GoldBackfillReport } from './pipeline/backfill-gold.ts';
import { backfill as backfillVersions, type BackfillReport } from './pipeline/backfill.ts';
import { check as checkModels, type CheckOptions, type CheckReport } from './pipeline/check.ts';
import type { Edge, RunRequest } from './pipeline/context.ts';
import { graph as lineageOf } from './explore/graph.ts';
import type { Lineage } from './medallion/models/lineage.ts';
import { toldCycle } from './pipeline/cycle.ts';
import { history as pastCycles, type HistoryRun } from './pipeline/history.ts';
import { type CyclesRequest, readCycles } from './pipeline/journal/journal.ts';
import type { CycleRecord } from './pipeline/journal/record.ts';
import { plan as planRun, type PlanReport } from './pipeline/plan.ts';
import { withQuery } from './pipeline/query.ts';
import { runOnce as runCycle, type RunResult } from './pipeline/run.ts';
import { type ProjectStatus, status as projectStatus } from './explore/status.ts';
import { type LakeReader, withReader } from './explore/reader.ts';
import { testModels as runModelTests, type TestReport } from './pipeline/test-models.ts';
import { type LayersVerification, verify as verifyRuns } from './pipeline/verify.ts';
import { openAnySource } from './source/open.ts';
import { openStorage } from './storage/open.ts';
import type { Storage } from './storage/port.ts';

export type { Cell, ExploredColumn } from './explore/cells.ts';
export { changedColumns, type ChangedColumns } from './explore/changed-positions.ts';
export { type ChangedRow, type ChangePage, changes } from './explore/changes.ts';
export { type CubeRequest, type CubeRows, cubeRows, cubes, type CubeShape } from './explore/cube.ts';
export { findKey, type FoundKey } from './explore/find-key.ts';
export { type KeyHistory, keyHistory, type KeyVersion } from './explore/key-history.ts';
export { type ColumnProfile, profile, type TableProfile } from './explore/profile.ts';
export type { ChangesRequest, Operation } from './explore/published.ts';
export { schemaHistory, type SchemaStep } from './explore/schema-history.ts';
export { type TablePage, tablePage, type TablePageRequest } from './explore/table-page.ts';
export type { RowsView, TableAt } from './explore/table-rows.ts';
export { diff, type DiffRequest, type VersionDiff } from './explore/version-diff.ts';
export type { LakeReader } from './explore/reader.ts';
export type { SampleChange } from './changes/sample.ts';
export type { Guard } from './changes/guards.ts';
export type { Config } from './config/config.ts';
export { type ErrorCode, type ExitCode, IgarapeError } from './core/errors.ts';
export type { Logger, Progress, ProgressListener } from './core/log.ts';
export type { Column, ColumnType } from './core/schema.ts';
export type { TableReport } from './lake/ledger-entry.ts';
export type { PastRun } from './lake/past-runs.ts';
export type { QueryColumn, QueryRows, QueryValue } from './lake/query/query.ts';
export type { LakeStatus, TableStatus } from './lake/status.ts';
export type { LayerStatus, SourceStatus } from './medallion/layer-status.ts';
export type { LayerReport } from './medallion/report.ts';
export type { TableVerification, VerifyReport } from './lake/verify.ts';
export type { LayerVerification } from './medallion/verify-layers.ts';
export type { LayersVerification } from './pipeline/verify.ts';
export type { BackfilledVersion, BackfillReport } from './pipeline/backfill.ts';
export type { GoldBackfillReport } from './pipeline/backfill-gold.ts';
export type { Lineage, LineageTable } from './medallion/models/lineage.ts';
export type { CheckedModel, CheckOptions, CheckReport } from './pipeline/check.ts';
export type { SparkRefusal } from './pipeline/models-on-spark.ts';
export type { HistoryRun } from './pipeline/history.ts';
export type { CyclesRequest } from './pipeline/journal/journal.ts';
export type { CycleRecord, CycleStep, Timed } from './pipeline/journal/record.ts';
export type { PlanReport, TablePlan } from './pipeline/plan.ts';
export type { TestedModel, TestReport } from './pipeline/test-models.ts';
export type { LayerPlan } from './pipeline/plan-layers.ts';
export type { HeldBack, RunReport, TableResult } from './pipeline/report.ts';
export type { RunResult } from './pipeline/run.ts';
export type { NextRun, ProjectStatus } from './explore/status.ts';

/** A configuration as `igarape.json` holds it: docs/configuration.md describes every key. */
export type ConfigInput = Partial<Omit<Written, 'tables' | 'timer' | 'cdc_columns' | 'cleanup'>> & {
  readonly tables: readonly (Pick<WrittenTable, 'name' | 'pk'> & Partial<WrittenTable>)[];
  readonly timer?:
    | { unit: 'seconds' | 'minutes' | 'hours' | 'days'; value: number }
    | { cron: string; timezone?: string };
  readonly cdc_columns?: Partial<Written['cdc_columns']>;
  readonly cleanup?: Partial<NonNullable<Written['cleanup']>>;
};

export interface LakeOptions {
  /** Where relative paths of a configuration object, or of the file's name, start. Default: the current folder. */
  readonly folder?: string;
  /** Default: the process's. A `.env` beside a configuration file adds to it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: none. */
  readonly log?: Logger;
}

/** A lake, and the source and the tables that feed it. */
export interface Lake {
  readonly config: Config;
  readonly storage: Storage;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

export interface ModelsOptions extends CallOptions {
  readonly models?: readonly string[];
}

export interface VerifyOptions extends CallOptions {
  /** Go on from what was verified before on this machine, up to a run, or up to the last one. */
  readonly since?: number | 'last';
  /** Of the layers only some dates, and of tables without dates the rows of some keys. */
  readonly sample?: boolean;
  /** The tables of the layers to compare, as `run --models` selects them; all unless told. */
  readonly models?: readonly string[];
}

export interface RunOptions
  extends
    CallOptions,
    Pick<
      RunRequest,
      'tables' | 'approve' | 'reload' | 'only' | 'models' | 'fullRefresh' | 'skipDownload' | 'adoptPrefix'
    > {}

const CALL: Kinds<CallOptions> = { signal: OBJECT, onProgress: FUNCTION };
const MODELS: Kinds<ModelsOptions> = { ...CALL, models: TEXTS };
const RUN: Kinds<RunOptions> = {
  ...MODELS,
  tables: TEXTS,
  approve: TEXTS,
  reload: TEXTS,
  only: TEXTS,
  fullRefresh: FLAG,
  skipDownload: FLAG,
  adoptPrefix: FLAG,
};
const VERIFY: Kinds<VerifyOptions> = {
  ...MODELS,
  since: {
    expected: 'the number of a run, or last',
    holds: (value) => COUNT.holds(value) || value === 'last',
  },
  sample: FLAG,
};

/**
 * Opens a lake by a configuration: a file's name, or the object that the file would hold. Nothing but the configuration
 * is read yet, and nothing is written.
 *
 * @throws IgarapeError CONFIG_NOT_FOUND, CONFIG_INVALID with every problem that there is.
 */
export async function openLake(
  configuration: string | ConfigInput,
  options: LakeOptions = {},
): Promise<Lake> {
  checkOptions('openLake', options, { folder: TEXT, env: OBJECT, log: OBJECT } satisfies Kinds<LakeOptions>);
  const { folder = process.cwd(), env = process.env, log = silentLogger } = options;
  const loaded =
    typeof configuration === 'string'
      ? await loadConfig({ file: configuration, cwd: folder, env })
      : { config: readConfig(configuration, resolvePath(folder), env), env };
  return { ...loaded, storage: await openStorage(loaded.config.lake, loaded.env), log };
}

/**
 * One cycle: finds what changed in the source, publishes it and commits it. A table that is held or fails is told in
 * the report, and in `exitCode`, and does not hold the others back.
 *
 * @throws IgarapeError where nothing was committed at all: SOURCE_…, LAKE_…, CONFLICT when another run came first.
 */
export async function runOnce(lake: Lake, options: RunOptions = {}): Promise<RunResult> {
  checkOptions('runOnce', options, RUN);
  const told = { ...lake, writer: program() };
  return toldCycle(told, edgeOf(lake, options), async (edge) =>
    runCycle(await requestOf(lake, options), edge, program()),
  );
}

/** What {@link runOnce} would do with the same options; leaves nothing in the lake. Throws as it does. */
export async function plan(
  lake: Lake,
  options: RunOptions = {},
): Promise<{ report: PlanReport; exitCode: RunResult['exitCode'] }> {
  checkOptions('plan', options, RUN);
  return planRun(await requestOf(lake, options), edgeOf(lake, options));
}

/**
 * Proves that the published files are those of the ledger, and that full-load and change files give the last snapshot.
 *
 * @throws IgarapeError LAKE_NOT_FOUND there are no runs yet; LAKE_CORRUPT the ledger cannot be read.
 */
export async function verify(
  lake: Lake,
  options: VerifyOptions = {},
): Promise<VerifyReport & LayersVerification> {
  checkOptions('verify', options, VERIFY);
  return verifyRuns(lake, edgeOf(lake, options), undefined, options);
}

/**
 * Fills an empty lake from the source's past versions, from the one labelled `from` to that labelled `to`, or the newest.
 *
 * @throws IgarapeError USAGE the source has no such versions; LAKE_NOT_EMPTY; otherwise as {@link runOnce}.
 */
export async function backfill(
  lake: Lake,
  given: CallOptions & { readonly from: string; readonly to?: string },
): Promise<{ report: BackfillReport; exitCode: RunResult['exitCode'] }> {
  checkOptions('backfill', given, { ...CALL, from: TEXT, to: TEXT } satisfies Kinds<typeof given>, ['from']);
  const { from, to, ...options } = given;
  const { config, storage, source } = await requestOf(lake, options);
  const request = { config, storage, source, from, ...(to === undefined ? {} : { to }) };
  return backfillVersions(request, edgeOf(lake, options), program());
}

/**
 * What is made of what, from the source's tables to the cubes, and how each is brought up to date.
 *
 * @throws IgarapeError CONFIG_INVALID with every problem of every model.
 */
export async function graph(lake: Lake, options: CallOptions = {}): Promise<Lineage> {
  checkOptions('graph', options, CALL);
  return explore(lake, (reader) => lineageOf(reader), options);
}

/**
 * Examines the configuration and the models, and binds each to the columns of what it reads; reads no rows. Exit code 2
 * where a model cannot run.
 *
 * @param options.models Which models, as `igarape check --models` takes them; all where left out.
 * @param options.engine `spark`: also tells which models could run there, and why others could not; no cluster is asked.
 */
export async function check(
  lake: Lake,
  given: ModelsOptions & CheckOptions = {},
): Promise<{ report: CheckReport; exitCode: RunResult['exitCode'] }> {
  checkOptions('check', given, { ...MODELS, engine: TEXT } satisfies Kinds<typeof given>);
  const { models, engine, ...options } = given;
  return checkModels(lake, edgeOf(lake, options), { models, engine });
}

/**
 * Runs the tests of models: the rows that each is to make of given rows. Exit code 2 where one fails.
 *
 * @param options.models Which models' tests, as `igarape test --models` takes them; all where left out.
 */
export async function testModels(
  lake: Lake,
  given: ModelsOptions = {},
): Promise<{ report: TestReport; exitCode: RunResult['exitCode'] }> {
  checkOptions('testModels', given, MODELS);
  const { models, ...options } = given;
  return runModelTests(lake, edgeOf(lake, options), models);
}

/**
 * Computes the dates of a gold table, `gold.daily`, from `from` to `to` anew, both included, month by month; it goes on
 * where an interrupted call has stopped.
 *
 * @throws IgarapeError USAGE for a table or a range that is none.
 */
export async function backfillGold(
  lake: Lake,
  given: CallOptions & { readonly model: string; readonly from: string; readonly to: string },
): Promise<{ report: GoldBackfillReport; exitCode: RunResult['exitCode'] }> {
  const kinds: Kinds<typeof given> = { ...CALL, model: TEXT, from: TEXT, to: TEXT };
  checkOptions('backfillGold', given, kinds, ['model', 'from', 'to']);
  const { model, from, to, ...options } = given;
  return backfillDates({ ...lake, model, from, to, writer: program() }, edgeOf(lake, options));
}

/** How the lake stands: its tables, what was held, and its last runs, five where nothing else is asked for. */
export async function status(
  lake: Lake,
  given: CallOptions & { readonly lastRuns?: number } = {},
): Promise<ProjectStatus> {
  checkOptions('status', given, { ...CALL, lastRuns: COUNT } satisfies Kinds<typeof given>);
  const { lastRuns = 5, ...options } = given;
  return explore(lake, (reader) => projectStatus(reader, { lastRuns }), options);
}

/**
 * The committed runs, newest first: all, or the newest `limit`, or those that published or held a `table`; with how long
 * their cycles took, in milliseconds, and what these did to the layers, where the journal has it still.
 */
export async function history(lake: Lake, request: PastRunsRequest = {}): Promise<HistoryRun[]> {
  checkOptions('history', request, { table: TEXT, limit: COUNT } satisfies Kinds<PastRunsRequest>);
  return pastCycles(lake.storage, request);
}

/**
 * What became of the last cycles, newest first, also of those that committed nothing: when, how long each step and each
 * table took, what was held and why, what ended it. The lake keeps some hundreds of them; nothing follows from them.
 */
export async function cycles(lake: Lake, request: CyclesRequest = {}): Promise<CycleRecord[]> {
  checkOptions('cycles', request, { limit: COUNT, runs: COUNTS } satisfies Kinds<CyclesRequest>);
  return readCycles(lake.storage, request);
}

/**
 * The first rows, a hundred where nothing else is asked for, of a SELECT over the lake: `t` is a table's latest state,
 * `run_3.t` that after run 3, `cdc.t` its changes. It reads no other files but those in `allowFiles`.
 *
 * @throws IgarapeError USAGE for anything but one SELECT, and for tables that are not there.
 */
export async function query(
  lake: Lake,
  sql: string,
  given: CallOptions & { readonly limit?: number; readonly allowFiles?: readonly string[] } = {},
): Promise<QueryRows> {
  checkOptions('query', given, { ...CALL, limit: COUNT, allowFiles: TEXTS } satisfies Kinds<typeof given>);
  const { limit = 100, allowFiles = [], ...options } = given;
  return withQuery({ ...lake, allowFiles }, sql, edgeOf(lake, options), async (opened) => opened.rows(limit));
}

/**
 * Gives `use` a reader of the lake, which keeps what it has opened for as long as `use` takes: for `changes`,
 * `keyHistory`, `findKey`, `tablePage`, `profile`, `diff`, `schemaHistory`, `cubes` and `cubeRows`.
 *
 * @example
 * const page = await explore(lake, (reader) => changes(reader, { run: 3, table: 'clientes', before: true }));
 */
export async function explore<T>(
  lake: Lake,
  use: (reader: LakeReader) => Promise<T>,
  options: CallOptions = {},
): Promise<T> {
  checkOptions('explore', options, CALL);
  return withReader(lake, edgeOf(lake, options), use);
}

function readConfig(input: ConfigInput, folder: string, env: Lake['env']): Config {
  const resolved = resolveConfig(input, folder);
  if (resolved.kind === 'valid') return applyEnvironment(resolved.config, env);
  const lines = resolved.problems.map(
    ({ path, message }) => `  ${path.length === 0 ? 'the configuration' : showPath(path)}: ${message}`,
  );
  throw new IgarapeError(
    'CONFIG_INVALID',
    { quoted: ['The configuration has problems:' satisfies Told, ...lines].join('\n') },
    {
      hint: 'Nothing was read or written. docs/configuration.md describes every key.',
    },
  );
}

async function requestOf({ config, storage, env }: Lake, options: RunOptions): Promise<RunRequest> {
  const { signal: _signal, onProgress: _onProgress, ...rest } = options;
  return { config, storage, env, source: await openAnySource(config.source, { env }), ...rest };
}

function edgeOf({ log }: Lake, { signal, onProgress }: CallOptions): Edge {
  return {
    clock: Date.now,
    newId: randomUUID,
    log,
    onProgress: onProgress ?? (() => undefined),
    signal: signal ?? new AbortController().signal,
  };
}
