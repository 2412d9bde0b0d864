import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { appliedRun } from '../medallion/bronze/applied-run.ts';
import { foreignPending } from '../medallion/bronze/foreign-pending.ts';
import { openForeignTable } from '../medallion/bronze/foreign-table.ts';
import { pendingFiles } from '../medallion/bronze/pending.ts';
import { howGoldIsBuilt } from '../medallion/gold/how-built.ts';
import { planGold } from '../medallion/gold/plan.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { isDated, type Model } from '../medallion/models/model.ts';
import { howSilverIsBuilt } from '../medallion/silver/how-built.ts';
import { planSilver } from '../medallion/silver/plan.ts';
import { anotherTable, appliedVersion, newSource } from '../medallion/source-identity.ts';
import type { LayerStep } from '../medallion/step.ts';
import { bronzeColumns, triedModels } from './check.ts';
import { type RunContext, sourceTables, worksOn } from './context.ts';
import type { ChosenModels } from './layers.ts';
import { sentence } from './outcome.ts';
import type { TablePlan } from './plan.ts';

/** What a run would do with a table of a layer, and why it would make it as a whole. */
export interface LayerPlan {
  /** `skipped`: what it reads is not there; `failed`: a run could not compute it. */
  readonly operation: LayerStep['kind'] | 'skipped' | 'failed';
  readonly reason?: string;
  /** Of a bronze table that files of others feed: how many have come or changed, though one run may take fewer. */
  readonly newFiles?: number;
}

/** What a run would do with the layers, given what it would do with the tables of the source. */
export async function planLayers(
  context: RunContext,
  newest: LedgerEntry | undefined,
  raw: Readonly<Record<string, TablePlan>>,
  models: ChosenModels | undefined,
): Promise<Readonly<Record<string, LayerPlan>>> {
  const { request, engine, runDir, edge } = context;
  const { storage, config, fullRefresh = false } = request;
  const tables = new LayerTables({ storage, engine, workDir: runDir, clock: edge.clock, log: edge.log });
  const plans = worksOn(request, 'bronze')
    ? { ...(await planBronze(tables, context, newest, raw)), ...(await planForeign(tables, context)) }
    : {};
  const added = Object.fromEntries(Object.entries(raw).map(([name, { schema }]) => [name, schema.added]));
  const tried =
    models &&
    (await triedModels(
      engine,
      runDir,
      config,
      models.set,
      await bronzeColumns(tables, config, newest, added),
    ));
  for (const model of models?.set.models ?? []) {
    const name = fullName(model);
    if (models?.chosen.has(name) !== true || !worksOn(request, model.layer)) continue;
    if (!config.layers.includes(model.layer)) continue;
    const found = tried?.get(name);
    plans[name] =
      found?.kind === 'broken'
        ? { operation: 'failed', reason: sentence(found.error) }
        : await planModel(tables, model, fullRefresh, plans);
  }
  return plans;
}

async function planBronze(
  tables: LayerTables,
  { request }: RunContext,
  newest: LedgerEntry | undefined,
  raw: Readonly<Record<string, TablePlan>>,
): Promise<Record<string, LayerPlan>> {
  const { storage, fullRefresh = false } = request;
  const plans: Record<string, LayerPlan> = {};
  for (const { name } of sourceTables(request)) {
    const table = { layer: 'bronze', name } as const;
    const delta = await tables.find(table);
    const after = await appliedRun(delta);
    const isNew = raw[name]?.operation === 'full-load' || raw[name]?.operation === 'cdc';
    const isKnown = newest?.tables[name] !== undefined;
    if (!isNew && !isKnown) continue;
    const pending = await pendingFiles(storage, newest, new Map([[name, { after, past: false }]]));
    plans[fullName(table)] = bronzePlan(delta !== undefined, isNew || pending.has(name), fullRefresh);
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
    const { exists, files, isUnfinished, reason } = pending;
    const hasNews = files > 0 || isUnfinished;
    const plan = hasNews ? bronzePlan(exists, true, fullRefresh) : ({ operation: 'unchanged' } as const);
    plans[`bronze.${name}`] = { ...plan, newFiles: files, ...(reason === undefined ? {} : { reason }) };
  }
  return plans;
}

function bronzePlan(exists: boolean, hasNews: boolean, fullRefresh: boolean): LayerPlan {
  if (!exists) return { operation: 'create' };
  if (fullRefresh) return { operation: 'rebuild', reason: 'a full refresh was asked for' };
  return { operation: hasNews ? 'update' : 'unchanged' };
}

/** A model whose sources are about to change is planned by how it is built, for what they will be is not known yet. */
async function planModel(
  tables: LayerTables,
  model: Model,
  fullRefresh: boolean,
  plans: Readonly<Record<string, LayerPlan>>,
): Promise<LayerPlan> {
  const isNew = (source: LayerTable): boolean => plans[fullName(source)]?.operation === 'create';
  for (const source of model.sources) {
    const operation = plans[fullName(source)]?.operation;
    const isHeldBack = operation === 'skipped' || operation === 'failed';
    const isThere = isNew(source) || (await tables.find(source)) !== undefined;
    if (isHeldBack || !isThere)
      return {
        operation: 'skipped',
        reason: isHeldBack
          ? `${fullName(source)} is ${operation}.`
          : `${fullName(source)} does not exist yet.`,
      };
  }
  const target = await (await tables.find(model))?.snapshot();
  if (target === undefined) return { operation: 'create' };
  const created = model.sources.filter(isNew).map(fullName)[0];
  if (created !== undefined) {
    const isKnown = appliedVersion(target, created) !== undefined;
    return { operation: 'rebuild', reason: isKnown ? anotherTable(created) : newSource(created) };
  }
  const request = { model, versions: new Map<string, number>(), fullRefresh };
  const step = await (isDated(model) ? planGold : planSilver)(tables, request);
  if (step.kind === 'rebuild') return { operation: 'rebuild', reason: step.reason };
  const isStill = (source: LayerTable): boolean =>
    (plans[fullName(source)]?.operation ?? 'unchanged') === 'unchanged';
  if (step.kind !== 'unchanged' || model.sources.every(isStill)) return { operation: step.kind };
  const built = await (isDated(model) ? howGoldIsBuilt : howSilverIsBuilt)(tables, model);
  return built.kind === 'rebuild' ? { operation: 'rebuild', reason: built.reason } : { operation: 'update' };
}
