import type { StructType } from '../../delta/schema/schema.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { unreadable } from '../net-changes.ts';
import type { LayerStep, StepRequest } from '../step.ts';
import { haveSameColumns } from './columns-alike.ts';
import { costOf, dearer } from './cost.ts';
import { decide } from './decide.ts';
import { besideLayout } from './layout.ts';
import { OTHER_COLUMNS } from './model-error.ts';
import { changedSources } from './sources.ts';

/**
 * What a run has to do with a model's table, without doing it.
 *
 * @param columns Those that its rows will have; undefined where nobody knows.
 * @throws IgarapeError DELTA_NOT_FOUND where a source does not exist yet, DELTA_VERSION
 */
export async function planStep(
  tables: LayerTables,
  request: StepRequest,
  columns?: StructType,
): Promise<LayerStep> {
  const { step, sources, planned } = await decide(tables, request);
  if (step.kind !== 'update' || planned === undefined) return step;
  const { target, understood, plan } = planned;
  const { model } = request;
  if (
    columns !== undefined &&
    !haveSameColumns(besideLayout(model, columns), besideLayout(model, target.schema))
  )
    return { kind: 'rebuild', reason: OTHER_COLUMNS };
  let changed = 0;
  for (const { table, delta, applied = 0, wanted } of changedSources(sources)) {
    if (applied === wanted.version) continue;
    try {
      await using feed = await delta.changes({ from: applied + 1, to: wanted.version });
      changed += await feed.count();
    } catch (error) {
      return { kind: 'rebuild', reason: unreadable(fullName(table), applied, error) };
    }
  }
  if ((request.coming?.size ?? 0) > 0) return step;
  const cost = await costOf(plan, understood, sources, changed);
  if (cost === undefined) return step;
  const tooDear = await dearer(cost, model, target);
  return tooDear === undefined ? { ...step, cost } : { kind: 'rebuild', reason: tooDear };
}
