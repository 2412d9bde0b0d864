import { HelperTables } from '../../delta/read/relation.ts';
import type { LayerTables } from '../layer-tables.ts';
import { isDated } from '../models/model.ts';
import { heldReport, type LayerReport, NO_ROWS, withCost, withSpark } from '../report.ts';
import { mustFollow, notRebuilt } from '../required.ts';
import type { StepRequest } from '../step.ts';
import { commitRows, type Computed } from './commit.ts';
import { computeDates } from './compute-dates.ts';
import { openCube } from './cube.ts';
import { allDates, type CubeDates } from './cube-dates.ts';
import { type CubeRows, hasSchema } from './cube-rows.ts';
import { decide, type Decision } from './decide.ts';
import { laidOut } from './layout.ts';
import { OTHER_COLUMNS } from './model-error.ts';
import { appliedVersions, madeOf } from './notes.ts';
import { retried } from './retried.ts';
import { update, type Updated } from './update.ts';
import { updateDates } from './update-dates.ts';
import { makeWhole } from './whole.ts';

/**
 * Brings a model's table up to versions of its sources, in one commit: by what has changed in them, where its model
 * allows, else as a whole. Either way its rows are those that its SELECT gives of these versions. Of a table with dates
 * those are replaced whose rows change.
 *
 * @throws IgarapeError CONFIG_INVALID where the model's SQL or a check of it does not fit the sources; DELTA_NOT_FOUND,
 * DELTA_VERSION for a source; DELTA_CONFLICT where somebody else has committed to the table meanwhile
 */
export async function buildModel(tables: LayerTables, request: StepRequest): Promise<LayerReport> {
  const { model } = request;
  if (!isDated(model)) return build(tables, request);
  return retried(tables.edge.log, model, async () => {
    await laidOut(tables, model);
    return build(tables, request);
  });
}

async function build(tables: LayerTables, request: StepRequest): Promise<LayerReport> {
  const { model, fullRefresh } = request;
  const decision = await decide(tables, request);
  const { step, target } = decision;
  const version = target?.version ?? null;
  if (step.kind === 'unchanged') return { operation: 'unchanged', ...NO_ROWS, version };
  await tables.fitEngine([...decision.sources.map(({ wanted }) => wanted), ...(target ? [target] : [])]);
  await using work = isDated(model)
    ? await byDates(tables, request, decision)
    : byRows(tables, request, decision);
  const updated = step.kind === 'update' ? await work.update() : undefined;
  if (updated?.kind === 'done') return updated.report;
  const reason = step.kind === 'rebuild' ? step.reason : updated?.reason;
  if (reason !== undefined && mustFollow(model, fullRefresh)) return heldReport(version, notRebuilt(reason));
  return await work.whole(reason);
}

/** What can be done with a table: by its rows, or by its dates. */
interface Work extends AsyncDisposable {
  readonly update: () => Promise<Updated>;
  /** @param reason Why it is made anew; undefined where it is made for the first time. */
  readonly whole: (reason: string | undefined) => Promise<LayerReport>;
}

function byRows(
  tables: LayerTables,
  { model, fullRefresh: isFullRefresh }: StepRequest,
  { target, sources, understood }: Decision,
): Work {
  return {
    update: () => update(tables, { model, sources, ...known(target, understood) }),
    whole: (reason) => makeWhole(tables, { model, target, sources, isFullRefresh, reason }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function byDates(
  tables: LayerTables,
  { model, fullRefresh: isFullRefresh }: StepRequest,
  { target: before, sources, understood }: Decision,
): Promise<Work> {
  const cube = await openCube(tables, model, sources, understood);
  const helpers = new HelperTables(tables.edge.engine);
  const notes = { ...appliedVersions(sources), configuration: madeOf(model, sources) };
  const commit = async (
    { compute, vanished }: CubeDates,
    rows: CubeRows,
    how: Pick<Computed, 'operation' | 'reason'>,
  ): Promise<LayerReport> => {
    const dates = [...compute, ...vanished];
    const computed = { model, sources, target: before, ...rows, dates, isFullRefresh, notes, ...how };
    return withSpark(await commitRows(tables, computed, helpers), cube.rows.spark, cube.rows.refused);
  };
  return {
    update: async () => {
      const { target } = known(before, understood);
      if (!(await hasSchema(cube, target.schema))) return { kind: 'rebuild', reason: OTHER_COLUMNS };
      const updated = await updateDates(cube, target, helpers);
      if (updated.kind === 'rebuild') return updated;
      const report = await commit(updated, updated.rows, { operation: 'updated' });
      return { kind: 'done', report: withCost(report, updated.cost) };
    },
    whole: async (reason) => {
      const dates = await allDates(cube, before);
      const rows = await computeDates(cube, dates.compute, helpers);
      return commit(dates, rows, { operation: 'rebuilt', reason });
    },
    [Symbol.asyncDispose]: async () => {
      await helpers.drop();
      await cube[Symbol.asyncDispose]();
    },
  };
}

function known(
  target: Decision['target'],
  understood: Decision['understood'],
): Required<Pick<Decision, 'understood'>> & { readonly target: NonNullable<Decision['target']> } {
  if (target === undefined || understood === undefined)
    throw new RangeError('An update has a table, and a SELECT that is understood.');
  return { target, understood };
}
