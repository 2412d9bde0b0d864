import { type ErrorCode, IgarapeError } from '../core/errors.ts';
import type { Snapshot } from '../delta/log/snapshot.ts';
import type { StructType } from '../delta/schema/schema.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { FULL_REFRESH } from '../medallion/bronze/applied-run.ts';
import { lackedColumns } from '../medallion/bronze/columns.ts';
import { foreignPending } from '../medallion/bronze/foreign-pending.ts';
import { openForeignTable } from '../medallion/bronze/foreign-table.ts';
import { pendingFiles } from '../medallion/bronze/pending.ts';
import { progressOf } from '../medallion/bronze/progress.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { haveSameColumns } from '../medallion/build/columns-alike.ts';
import { movesMonths } from '../medallion/build/layout.ts';
import { planStep } from '../medallion/build/plan.ts';
import { mustFollow, notRebuilt } from '../medallion/required.ts';
import type { TriedModel } from '../medallion/models/try-models.ts';
import { type Cost, isTrouble, waitsFor } from '../medallion/report.ts';
import { anotherTable, appliedVersion, newSource } from '../medallion/source-identity.ts';
import type { LayerStep, StepRequest } from '../medallion/step.ts';
import { bronzeColumns, columnsGiven, triedModels, triedSeeds } from './check.ts';
import { type RunContext, type RunRequest, sourceTables, worksOn, worksOnSeeds } from './context.ts';
import type { ChosenModels } from './layers.ts';
import { notThereYet } from './models.ts';
import { modelsOnSpark } from './models-on-spark.ts';
import { sentence } from './outcome.ts';
import { isSeedApplied } from './seeds.ts';
import type { TablePlan } from './plan.ts';
import type { Recorded } from './recorded.ts';

/** What a run would do with a table of a layer, and why it would make it as a whole. */
export interface LayerPlan {
  /** `skipped`: what it reads is not there; `failed`: a run could not compute it; `held`: it would have to be rebuilt, which its header forbids. */
  readonly operation: LayerStep['kind'] | 'skipped' | 'failed' | 'held';
  readonly reason?: string;
  /** Of one that would follow changes which are there already. */
  readonly cost?: Cost;
  /** Of one that a run could not compute: the code of what it would meet. */
  readonly code?: ErrorCode;
  /** What would compute its rows, where that is not DuckDB. */
  readonly engine?: 'spark';
  /** Of a bronze table that files of others feed: how many have come or changed, though one run may take fewer. */
  readonly newFiles?: number;
}

/** What a run would do with the tables of the source. */
export interface PlannedRaw {
  /** The ledger's newest entry, which it would follow. */
  readonly newest: LedgerEntry | undefined;
  readonly raw: Readonly<Record<string, TablePlan>>;
  /** As it would leave them. */
  readonly recorded: Recorded;
}

/** What a run would do with the layers. */
export async function planLayers(
  context: RunContext,
  planned: PlannedRaw,
  models: ChosenModels | undefined,
): Promise<Readonly<Record<string, LayerPlan>>> {
  const { recorded } = planned;
  const { request, engine, runDir, edge } = context;
  const { storage, config, fullRefresh = false } = request;
  const tables = new LayerTables({ storage, engine, workDir: runDir, clock: edge.clock, log: edge.log });
  const plans = worksOn(request, 'bronze')
    ? { ...(await planBronze(tables, context, planned)), ...(await planForeign(tables, context)) }
    : {};
  const seeds = models && (await triedSeeds({ engine, folder: runDir, edge }, models.set));
  for (const [seed, found] of seeds ?? []) {
    if (models?.chosen.has(fullName(seed)) !== true || !worksOnSeeds(request)) continue;
    plans[fullName(seed)] =
      found instanceof IgarapeError
        ? { operation: 'failed', reason: sentence(found), code: found.code }
        : filesPlan(
            (await tables.find(seed)) !== undefined,
            !(await isSeedApplied(tables, seed)),
            fullRefresh ? FULL_REFRESH : undefined,
          );
  }
  const stays = (name: string): boolean => !isChanging(plans[`bronze.${name}`]);
  const known = await bronzeColumns(tables, config, recorded, stays);
  const tried =
    models &&
    seeds &&
    (await triedModels(engine, runDir, config, models.set, { bronze: known, seeds, recorded }));
  const onSpark =
    config.engine.type !== 'duckdb' && models !== undefined && seeds !== undefined && tried !== undefined
      ? await modelsOnSpark(runDir, models.set.models, tried, columnsGiven(known, seeds))
      : undefined;
  const columnsOf = new Map<string, StructType>();
  for (const [table, schema] of columnsGiven(known, seeds ?? new Map()))
    columnsOf.set(fullName(table), schema);
  for (const model of models?.set.models ?? []) {
    const name = fullName(model);
    if (models?.chosen.has(name) !== true || !worksOn(request, model.layer)) continue;
    if (!config.layers.includes(model.layer)) continue;
    const found = tried?.get(name);
    const coming = new Map<string, StructType | undefined>();
    let isAsTried = true;
    for (const source of model.sources) {
      const columns = columnsOf.get(fullName(source));
      const before = await tables.newest(source);
      if (isChanging(plans[fullName(source)]) || isLaidOut(plans[fullName(source)], before, columns))
        coming.set(fullName(source), columns);
      else if (!haveColumns(before, columns)) isAsTried = false;
    }
    const columns = found?.kind === 'fits' && isAsTried ? found.schema : undefined;
    const plan = await asTried(found, async () =>
      planModel(tables, { model, fullRefresh, coming }, request, plans, columns),
    );
    if (found?.kind === 'fits') columnsOf.set(name, found.schema);
    const reads = plan.operation === 'create' || plan.operation === 'rebuild' || (plan.cost?.reads ?? 0) > 0;
    plans[name] = reads && onSpark?.get(name)?.length === 0 ? { ...plan, engine: 'spark' } : plan;
  }
  return plans;
}

async function planBronze(
  tables: LayerTables,
  { request }: RunContext,
  { newest, raw, recorded }: PlannedRaw,
): Promise<Record<string, LayerPlan>> {
  const { storage, fullRefresh = false } = request;
  const plans: Record<string, LayerPlan> = {};
  for (const config of sourceTables(request)) {
    const { name, history } = config;
    const table = { layer: 'bronze', name } as const;
    const target = await tables.newest(table);
    const state = newest?.tables[name];
    const { after, anew } = progressOf(target, config, state?.schema ?? [], fullRefresh);
    const isNew = raw[name]?.operation === 'full-load' || raw[name]?.operation === 'cdc';
    if (!isNew && state === undefined) continue;
    const pending = await pendingFiles(storage, newest, new Map([[name, { after, past: false }]]));
    const hasColumns = lackedColumns(target, recorded(name)?.schema ?? []).length > 0;
    const plan = filesPlan(target !== undefined, isNew || hasColumns || pending.has(name), anew);
    const isOnSpark = request.config.engine.type !== 'duckdb' && history === 'latest';
    plans[fullName(table)] =
      isOnSpark && plan.operation !== 'unchanged' ? { ...plan, engine: 'spark' } : plan;
  }
  return plans;
}

/** By the listings of their files, which are not read. */
async function planForeign(
  tables: LayerTables,
  { request: { config, env, tables: asked, fullRefresh = false } }: RunContext,
): Promise<Record<string, LayerPlan>> {
  const plans: Record<string, LayerPlan> = {};
  for (const table of config.foreignTables) {
    const { name } = table;
    if (asked !== undefined && !asked.includes(name)) continue;
    const pending = await foreignPending(tables, await openForeignTable(table, env), fullRefresh);
    const { exists, files, isUnfinished, anew, reason } = pending;
    const hasNews = files > 0 || isUnfinished;
    const plan = hasNews ? filesPlan(exists, true, anew) : ({ operation: 'unchanged' } as const);
    plans[`bronze.${name}`] = { ...plan, newFiles: files, ...(reason === undefined ? {} : { reason }) };
  }
  return plans;
}

/**
 * What is planned for a model, as far as it can be computed. Of a table that is to be made it is told already where every
 * change will make it anew.
 */
async function asTried(tried: TriedModel | undefined, planned: () => Promise<LayerPlan>): Promise<LayerPlan> {
  if (tried?.kind === 'broken') {
    const { error } = tried;
    const plan = await planned().catch((thrown: unknown) => {
      if (!(thrown instanceof IgarapeError)) throw thrown;
      return undefined;
    });
    return plan === undefined || isChanging(plan)
      ? { operation: 'failed', reason: sentence(error), code: error.code }
      : plan;
  }
  const plan = await planned();
  if (tried?.kind === 'unknown' && tried.waits === true && isChanging(plan))
    return { operation: 'skipped', reason: `${tried.reason}.` };
  return plan.operation === 'create' && tried?.kind === 'fits' && tried.built.kind === 'rebuild'
    ? { ...plan, reason: `later runs make it anew: ${tried.built.reason}` }
    : plan;
}

function haveColumns(table: Snapshot | undefined, columns: StructType | undefined): boolean {
  return table !== undefined && columns !== undefined && haveSameColumns(table.schema, columns);
}

/** True of a table whose rows stay, and which the run gives another layout with other columns. */
function isLaidOut(
  plan: LayerPlan | undefined,
  table: Snapshot | undefined,
  columns: StructType | undefined,
): boolean {
  if (plan?.operation !== 'unchanged' || table === undefined || columns === undefined) return false;
  return movesMonths(table.schema, columns);
}

/** True of a table that is to have another version after the run. */
function isChanging(plan: LayerPlan | undefined): boolean {
  return plan?.operation === 'create' || plan?.operation === 'update' || plan?.operation === 'rebuild';
}

/** Of a table that is made of files: of bronze, or of a seed. */
function filesPlan(exists: boolean, hasNews: boolean, anew: string | undefined): LayerPlan {
  if (!exists) return { operation: 'create' };
  if (anew !== undefined) return { operation: 'rebuild', reason: anew };
  return { operation: hasNews ? 'update' : 'unchanged' };
}

/** @param columns Those that its rows will have; undefined where nobody knows. */
async function planModel(
  tables: LayerTables,
  request: StepRequest,
  asked: RunRequest,
  plans: Readonly<Record<string, LayerPlan>>,
  columns: StructType | undefined,
): Promise<LayerPlan> {
  const { model, fullRefresh = false } = request;
  const isNew = (source: LayerTable): boolean => plans[fullName(source)]?.operation === 'create';
  for (const source of model.sources) {
    const operation = plans[fullName(source)]?.operation;
    const isThere = isNew(source) || (await tables.find(source)) !== undefined;
    if (isTrouble(operation) || !isThere)
      return {
        operation: 'skipped',
        reason: isTrouble(operation)
          ? waitsFor(fullName(source), operation)
          : notThereYet(source, model, asked),
      };
  }
  const target = await tables.newest(model);
  if (target === undefined) return { operation: 'create' };
  const rebuilt = (reason: string): LayerPlan =>
    mustFollow(model, fullRefresh)
      ? { operation: 'held', reason: notRebuilt(model, reason) }
      : { operation: 'rebuild', reason };
  const created = model.sources.filter(isNew).map(fullName)[0];
  if (created !== undefined) {
    const isKnown = appliedVersion(target, created) !== undefined;
    return rebuilt(isKnown ? anotherTable(created) : newSource(created));
  }
  const step = await planStep(tables, request, columns);
  if (step.kind === 'rebuild') return rebuilt(step.reason);
  return { operation: step.kind, ...(step.kind === 'update' && step.cost && { cost: step.cost }) };
}
