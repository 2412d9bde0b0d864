import { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import type { LayerTables } from '../layer-tables.ts';
import { additiveCube } from './additive-shape.ts';
import { movingColumns } from './moved-rows.ts';
import { touchedRows } from './touched-rows.ts';
import { type LayerReport, NO_ROWS } from '../report.ts';
import type { LayerStep, StepRequest } from '../step.ts';
import { commitCube, type Computed } from './commit.ts';
import { computeDates } from './compute.ts';
import { type Cube, openCube } from './cube.ts';
import { allDates, datesToUpdate } from './cube-dates.ts';
import { laidOut } from './layout.ts';
import { pinnedVersions } from './pinned.ts';
import { isLostFeed } from '../net-changes.ts';
import { planByModel, planByVersions } from './plan.ts';
import { mustFollow, NEVER, notRebuilt } from '../required.ts';
import { retried } from './retried.ts';
import { sourceNotes } from './source-notes.ts';

/**
 * Brings a gold table up to versions of its sources, in one commit: dates whose rows change are replaced, the others
 * stay untouched. Where somebody else commits to the table meanwhile, it is looked at anew.
 *
 * @throws IgarapeError as {@link planGold}; DELTA_CONFLICT where others come first again and again
 */
export async function buildGold(tables: LayerTables, request: StepRequest): Promise<LayerReport> {
  const { model } = request;
  const versions = await pinnedVersions(tables, model, request.versions);
  return retried(tables.edge.log, model, () => buildOnce(tables, { ...request, versions }));
}

async function buildOnce(tables: LayerTables, request: StepRequest): Promise<LayerReport> {
  const { model } = request;
  const before = await laidOut(tables, model);
  const planned = await planByVersions(tables, request, before);
  const isNever = planned.kind === 'update' && model.header.incremental === 'never';
  const early: LayerStep = isNever ? { kind: 'rebuild', reason: NEVER } : planned;
  if (early.kind === 'unchanged')
    return { operation: 'unchanged', ...NO_ROWS, version: before?.version ?? null };
  await using cube = await openCube(tables, model, request.versions);
  const step = early.kind === 'update' ? await planByModel(cube, early.sources) : early;
  if (step.kind === 'rebuild' && mustFollow(model, request.fullRefresh))
    return {
      operation: 'held',
      ...NO_ROWS,
      version: before?.version ?? null,
      reason: notRebuilt(step.reason),
    };
  const helpers = new HelperTables(tables.edge.engine);
  try {
    const notes = await sourceNotes(tables, model, request.versions, before);
    const computed = { ...(await compute(cube, step, { request, before, helpers })), before };
    const report = await commitCube(cube, computed, { versions: request.versions, ...notes }, helpers);
    const next = (before?.version ?? -1) + 1;
    // Somebody's commit has slipped in before a rebuild that notes no version, by which it would have been seen.
    if (step.kind === 'rebuild' && (report.version ?? 0) > next)
      return await buildOnce(tables, { ...request, fullRefresh: true });
    return report;
  } finally {
    await helpers.drop();
  }
}

interface Given {
  readonly request: StepRequest;
  /** The gold table; undefined where there is none yet. */
  readonly before: Snapshot | undefined;
  readonly helpers: HelperTables;
}

async function compute(cube: Cube, step: LayerStep, given: Given): Promise<Omit<Computed, 'before'>> {
  if (step.kind === 'unchanged') throw new RangeError('There is nothing to compute.');
  const { request, before, helpers } = given;
  if (step.kind !== 'update' || before === undefined) {
    const dates = await allDates(cube);
    return { step, ...dates, rows: await computeDates(cube, dates.compute, helpers) };
  }
  try {
    const shape = await additiveCube(cube);
    const columns = shape === undefined ? [] : movingColumns(cube, shape.key);
    const touched = await touchedRows(cube, step.sources, columns, helpers);
    const dates = await datesToUpdate(cube, touched);
    const { versions } = request;
    const update = shape && { shape, touched, ranges: step.sources, versions, before };
    return { step, ...dates, rows: await computeDates(cube, dates.compute, helpers, update) };
  } catch (error) {
    if (!isLostFeed(error)) throw error;
    const reason = `the changes of its sources cannot be read: ${error.message}`;
    return compute(cube, { kind: 'rebuild', reason }, given);
  }
}
