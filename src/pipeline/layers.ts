import { asIgarapeError, type ExitCode, exitCodeOf } from '../core/errors.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { applyForeignFiles } from '../medallion/bronze/foreign.ts';
import { openForeignTable } from '../medallion/bronze/foreign-table.ts';
import { applyOwnFiles } from '../medallion/bronze/own-files.ts';
import { pendingFiles, type Wanted } from '../medallion/bronze/pending.ts';
import { type Progress, progressOf } from '../medallion/bronze/progress.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import { checkStanding } from '../medallion/checks/checked.ts';
import { describeTable } from '../medallion/describe.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { maintain } from '../medallion/maintain.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import type { Model } from '../medallion/models/model.ts';
import { layerTablesIn } from '../medallion/layer-names.ts';
import { isTrouble, type LayerReport, NO_ROWS, waitsFor } from '../medallion/report.ts';
import { buildModel } from '../medallion/build/build.ts';
import { type RunContext, type RunRequest, sourceTables, worksOn, worksOnSeeds } from './context.ts';
import { openCluster } from './cluster.ts';
import type { CycleMemory } from './cycle-memory.ts';
import { madeTables } from './drop.ts';
import { notThereYet, projectModels, selectedNames } from './models.ts';
import { sentence } from './outcome.ts';
import { recordedIn } from './recorded.ts';
import { applySeed } from './seeds.ts';
import { typesUnknown } from './unknown-types.ts';

export interface LayersResult {
  /** By full name: `silver.clientes`. */
  readonly reports: Readonly<Record<string, LayerReport>>;
  readonly exitCodes: readonly ExitCode[];
  /** Tables that nothing makes any more, by full name. */
  readonly orphans: readonly string[];
}

/** The models that a run works with, and the tables of silver and gold that it was asked to feed. */
export interface ChosenModels {
  readonly set: ModelSet;
  /** Full names. */
  readonly chosen: ReadonlySet<string>;
}

/**
 * Reads the models before anything is done, so that a mistake in one is told first; undefined where the configuration
 * names no layer that has any.
 *
 * @throws IgarapeError CONFIG_INVALID with every problem of every model; USAGE for models that do not exist.
 */
export async function chooseModels({ request, engine }: RunContext): Promise<ChosenModels | undefined> {
  const { config, models } = request;
  if (!config.layers.includes('silver')) return undefined;
  const set = await projectModels(engine, config);
  return { set, chosen: selectedNames(config, set, models) };
}

/**
 * Feeds the layers of the configuration from what the ledger says is published. Tables are independent: one that fails
 * holds back only those that read it.
 */
export async function runLayers(
  context: RunContext,
  newest: LedgerEntry | undefined,
  models: ChosenModels | undefined,
): Promise<LayersResult> {
  const { storage, fullRefresh } = context.request;
  const memory = fullRefresh === true ? undefined : context.request.memory;
  const { engine, runDir, edge } = context;
  const { clock, log } = edge;
  const { config, env } = context.request;
  await using cluster = openCluster(config, {
    ...edge,
    env,
    onTasks: ({ doneTasks: done, tasks: total }) =>
      edge.onProgress({ step: 'spark', table: run.current, done, total }),
  });
  const tables = new LayerTables({ storage, engine, workDir: runDir, clock, log, cluster });
  const run = new LayersRun(context, tables, { newest, count: countOf(context.request, models) });
  if (worksOn(context.request, 'bronze')) {
    const known = memory?.ownBronze(newest?.run);
    const isLeft = known === undefined ? await run.ownBronze(newest) : false;
    if (known !== undefined) run.recall(known);
    if (!isLeft) memory?.rememberOwnBronze(newest?.run, run.result().reports);
    await run.foreignBronze();
  }
  const bronze = run.result().reports;
  if (models !== undefined) {
    const remembering = seesAllBronze(context.request) ? memory : undefined;
    const { seeds, models: all } = models.set;
    const known = remembering?.models([...seeds, ...all], bronze);
    if (known === undefined) {
      const reports = { ...(await run.seeds(models)), ...(await run.models(models)) };
      remembering?.rememberModels([...seeds, ...all], bronze, reports);
      await run.findOrphans(models, memory);
    } else {
      await run.standingModels(models, known);
    }
  }
  await engine.fitToValues(undefined);
  if (cluster !== undefined && cluster.statements > 0)
    log.info({ statements: cluster.statements }, 'Spark was sent statements');
  return run.result();
}

/** True where a run looks at every table that models may read: else somebody else may have changed one unnoticed. */
function seesAllBronze(request: RunRequest): boolean {
  return worksOn(request, 'bronze') && request.tables === undefined;
}

const COMMITTED: ReadonlySet<LayerReport['operation']> = new Set(['created', 'updated', 'rebuilt']);

/** How many tables of the layers a run looks at. */
function countOf(request: RunRequest, models: ChosenModels | undefined): number {
  const bronze = worksOn(request, 'bronze')
    ? sourceTables(request).length + request.config.foreignTables.length
    : 0;
  const { seeds = [], models: all = [] } = models?.set ?? {};
  return bronze + [...seeds, ...all].filter((table) => models?.chosen.has(fullName(table)) === true).length;
}

interface ToFeed {
  /** The ledger's newest entry. */
  readonly newest: LedgerEntry | undefined;
  /** How many tables there are to feed. */
  readonly count: number;
}

class LayersRun {
  readonly #context: RunContext;
  readonly #tables: LayerTables;
  readonly #reports: Record<string, LayerReport> = {};
  readonly #exitCodes: ExitCode[] = [];
  readonly #newest: LedgerEntry | undefined;
  #orphans: readonly string[] = [];
  readonly #count: number;
  #done = 0;
  /** The full name of the table that it is at. */
  current = '';
  /** The versions of tables that models read in this run, by full name: each model reads the same. */
  readonly #versions = new Map<string, number>();

  constructor(context: RunContext, tables: LayerTables, { newest, count }: ToFeed) {
    this.#count = count;
    this.#context = context;
    this.#tables = tables;
    this.#newest = newest;
  }

  result(): LayersResult {
    return { reports: { ...this.#reports }, exitCodes: this.#exitCodes, orphans: this.#orphans };
  }

  /** Takes reports over from an earlier cycle. */
  recall(reports: LayersResult['reports']): LayersResult['reports'] {
    Object.assign(this.#reports, reports);
    return reports;
  }

  /** Resolves true where tables have taken their fill for this run, and files are left. */
  async ownBronze(newest: LedgerEntry | undefined): Promise<boolean> {
    const { storage, fullRefresh = false } = this.#context.request;
    const wanted = new Map<string, Wanted & Progress>();
    for (const config of sourceTables(this.#context.request)) {
      const { name, history } = config;
      const state = newest?.tables[name];
      if (state === undefined) continue;
      const table = { layer: 'bronze', name } as const;
      await this.#orFail(table, async () => {
        const progress = progressOf(await this.#tables.newest(table), config, state.schema, fullRefresh);
        wanted.set(name, { ...progress, past: history === 'scd2' });
      });
    }
    const pending = await pendingFiles(storage, newest, wanted);
    for (const table of sourceTables(this.#context.request)) {
      const progress = wanted.get(table.name);
      if (newest === undefined || progress === undefined) continue;
      await this.#build({ layer: 'bronze', name: table.name }, () =>
        applyOwnFiles(this.#tables, table, pending.get(table.name) ?? [], newest, progress.anew),
      );
    }
    return sourceTables(this.#context.request).some(
      ({ name, maxFilesPerRun = Infinity }) => (pending.get(name)?.length ?? 0) > maxFilesPerRun,
    );
  }

  async foreignBronze(): Promise<void> {
    const { config, env, tables, fullRefresh = false } = this.#context.request;
    for (const table of config.foreignTables) {
      const { name, maxFilesPerRun } = table;
      if (tables !== undefined && !tables.includes(name)) continue;
      await this.#build({ layer: 'bronze', name }, async () =>
        applyForeignFiles(this.#tables, await openForeignTable(table, env), {
          attempt: this.#context.edge.newId(),
          fullRefresh,
          ...(maxFilesPerRun === undefined ? {} : { maxFiles: maxFilesPerRun }),
        }),
      );
    }
  }

  /** Resolves the reports of the seeds alone. */
  async seeds({ set, chosen }: ChosenModels): Promise<LayersResult['reports']> {
    const { request, edge } = this.#context;
    if (!worksOnSeeds(request)) return {};
    const worked = set.seeds.filter((seed) => chosen.has(fullName(seed)));
    for (const seed of worked)
      await this.#build(seed, () => applySeed(this.#tables, seed, request.fullRefresh ?? false, edge));
    return this.#reportsOf(worked);
  }

  /** Resolves the reports of the models alone. */
  async models({ set, chosen }: ChosenModels): Promise<LayersResult['reports']> {
    const { request } = this.#context;
    const worked = set.models.filter((model) => chosen.has(fullName(model)) && worksOn(request, model.layer));
    for (const model of worked) await this.#model(model, set);
    return this.#reportsOf(worked);
  }

  #reportsOf(tables: readonly LayerTable[]): LayersResult['reports'] {
    return Object.fromEntries(
      tables.flatMap((table) => {
        const report = this.#reports[fullName(table)];
        return report === undefined ? [] : [[fullName(table), report]];
      }),
    );
  }

  /** Looks for tables that nothing makes any more: by listing the layers, once for the tables that are made. */
  async findOrphans({ set }: ChosenModels, memory: CycleMemory | undefined): Promise<void> {
    const { config, storage } = this.#context.request;
    const made = madeTables(config, set);
    if (memory?.isOther(made) === false) return;
    this.#orphans = (await layerTablesIn(storage, made)).map(fullName);
    memory?.rememberMade(made);
  }

  /** Takes reports of models over from an earlier cycle: their tables are as they were, though time has passed. */
  async standingModels({ set, chosen }: ChosenModels, known: LayersResult['reports']): Promise<void> {
    for (const seed of set.seeds) {
      const report = known[fullName(seed)];
      if (report !== undefined) this.#tell(seed, report);
    }
    for (const model of set.models) {
      const report = chosen.has(fullName(model)) ? known[fullName(model)] : undefined;
      if (report !== undefined) await this.#build(model, () => checkStanding(this.#tables, model, report));
    }
  }

  async #model(model: Model, set: ModelSet): Promise<void> {
    const fullRefresh = this.#context.request.fullRefresh ?? false;
    await this.#build(model, async () => {
      const held = await this.#heldBackBy(model, set.checked.get(fullName(model)) ?? []);
      if (held !== undefined) return skipped(held);
      const request = { model, versions: this.#versions, fullRefresh };
      let report: LayerReport;
      try {
        report = await buildModel(this.#tables, request);
      } catch (thrown) {
        const unknown = typesUnknown(asIgarapeError(thrown), model, set, recordedIn(this.#newest));
        if (unknown === undefined) throw thrown;
        return skipped(unknown);
      }
      const stands = report.operation === 'unchanged';
      const told = stands ? await checkStanding(this.#tables, model, report) : report;
      return describeTable(this.#tables, model, told);
    });
  }

  async #heldBackBy(model: Model, checked: readonly LayerTable[]): Promise<string | undefined> {
    for (const source of model.sources) {
      const held = this.#heldBack(source) ?? (await this.#missing(source, model));
      if (held !== undefined) return held;
    }
    for (const table of checked)
      if ((await this.#tables.find(table)) === undefined)
        return `${fullName(table)}, which a check reads, does not exist yet.`;
    return undefined;
  }

  #heldBack(source: LayerTable): string | undefined {
    const name = fullName(source);
    const operation = this.#reports[name]?.operation;
    return isTrouble(operation) ? waitsFor(name, operation) : undefined;
  }

  /** Notes the version that the run reads of a source. */
  async #missing(source: LayerTable, model: Model): Promise<string | undefined> {
    const name = fullName(source);
    if (this.#versions.has(name)) return undefined;
    const snapshot = await this.#tables.newest(source);
    if (snapshot === undefined) return notThereYet(source, model, this.#context.request);
    this.#versions.set(name, snapshot.version);
    return undefined;
  }

  async #build(table: LayerTable, work: () => Promise<LayerReport>): Promise<void> {
    const done = Math.min(this.#done, this.#count);
    this.#context.edge.onProgress({ step: 'layer', table: fullName(table), done, total: this.#count });
    this.#done += 1;
    this.current = fullName(table);
    await this.#orFail(table, async () => {
      const report = await work();
      this.#tell(table, report);
      if (COMMITTED.has(report.operation))
        await maintain(this.#tables, table, this.#context.request.config.maintenance);
    });
  }

  /** What fails concerns this table alone. */
  async #orFail(table: LayerTable, work: () => Promise<void>): Promise<void> {
    const { edge } = this.#context;
    edge.signal.throwIfAborted();
    try {
      await work();
    } catch (thrown) {
      edge.signal.throwIfAborted();
      const error = asIgarapeError(thrown);
      edge.log.debug({ table: fullName(table), err: error }, 'what went wrong');
      this.#exitCodes.push(error.code === 'DELTA_CONFLICT' ? 6 : error.exitCode);
      this.#tell(table, {
        operation: 'failed',
        ...NO_ROWS,
        version: null,
        reason: sentence(error),
        code: error.code,
      });
    }
  }

  #tell(table: LayerTable, found: LayerReport): void {
    const report: LayerReport = found.operation === 'held' ? { ...found, code: 'GUARD' } : found;
    this.#reports[fullName(table)] = report;
    if (report.code !== undefined && report.operation !== 'failed')
      this.#exitCodes.push(exitCodeOf(report.code));
    const level = report.operation === 'held' || report.operation === 'failed' ? 'warn' : 'info';
    this.#context.edge.log[level](
      { table: fullName(table), ...report },
      `${fullName(table)}: ${report.operation}`,
    );
  }
}

function skipped(reason: string): LayerReport {
  return { operation: 'skipped', ...NO_ROWS, version: null, reason };
}
