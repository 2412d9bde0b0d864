import { IgarapeError } from '../../core/errors.ts';
import type { LayerTables } from '../layer-tables.ts';
import { isDated, type Model } from '../models/model.ts';
import { heldReport, type LayerReport, NO_ROWS, withCost, withSpark } from '../report.ts';
import { mustFollow, notRebuilt } from '../required.ts';
import type { StepRequest } from '../step.ts';
import { commitNothing, commitRows } from './commit.ts';
import { openCube } from './cube.ts';
import { decide, type Planned } from './decide.ts';
import { laidOut } from './layout.ts';
import { retried } from './retried.ts';
import { changedSources, type Source } from './sources.ts';
import { ThenAndNow } from './then-and-now.ts';
import { type Rebuild, update, type Updated, type Updating } from './update.ts';
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
  const { model, fullRefresh: isFullRefresh = false } = request;
  const { step, target, sources, planned } = await decide(tables, request);
  const version = target?.version ?? null;
  if (step.kind === 'unchanged' && target !== undefined)
    return changedSources(sources).length === 0
      ? { operation: 'unchanged', ...NO_ROWS, version }
      : commitNothing(tables, { model, sources, target });
  await tables.fitEngine([...sources.map(({ wanted }) => wanted), ...(target ? [target] : [])]);
  const updated = planned === undefined ? step : await follow(tables, model, sources, planned);
  if ('operation' in updated) return updated;
  const reason = updated.kind === 'rebuild' ? updated.reason : undefined;
  if (reason !== undefined && mustFollow(model, isFullRefresh))
    return heldReport(version, notRebuilt(model, reason));
  return makeWhole(tables, { model, target, sources, isFullRefresh, reason });
}

/** Computes what the sources' changes touch, and commits it. */
async function follow(
  tables: LayerTables,
  model: Model,
  sources: readonly Source[],
  planned: Planned,
): Promise<LayerReport | Rebuild> {
  const cube = isDated(model) ? await openCube(tables, model, sources, planned.understood) : undefined;
  await using open = cube ?? new ThenAndNow(tables, model, sources, planned.understood.columns);
  const rows = 'rows' in open ? open.rows : open;
  const updating = { ...planned, tables, model, sources, rows, cube };
  const updated = await update(updating);
  try {
    return await commit(updating, updated);
  } catch (error) {
    const isKnownKey = error instanceof IgarapeError && error.code === 'DELTA_AMBIGUOUS';
    if (!isKnownKey || updated.kind !== 'computed' || updated.rows.touched?.isFollowed !== true) throw error;
    return await commit(updating, await update(updating, false));
  }
}

async function commit(
  { tables, model, sources, target, rows }: Updating,
  updated: Updated,
): Promise<LayerReport | Rebuild> {
  if (updated.kind === 'rebuild') return updated;
  const computed = { model, sources, target, operation: 'updated' } as const;
  const report =
    updated.kind === 'unchanged'
      ? await commitNothing(tables, computed)
      : withCost(await commitRows(tables, { ...computed, ...updated.rows }, rows.helpers), updated.cost);
  return withSpark(report, rows.spark, rows.refused);
}
