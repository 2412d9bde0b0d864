import type { LayerTables } from '../layer-tables.ts';
import { type LayerReport, NO_ROWS } from '../report.ts';
import type { StepRequest } from '../step.ts';
import { mustFollow, notRebuilt } from '../required.ts';
import { decide } from './decide.ts';
import { update } from './update.ts';
import { held } from './reports.ts';
import { makeWhole } from './whole.ts';

/**
 * Brings a table of silver, or of gold without dates, up to versions of its sources, in one commit: by what has changed in them, where its model
 * allows, else as a whole. Either way its rows are those that its SELECT gives of these versions.
 *
 * @throws IgarapeError CONFIG_INVALID where the model's SQL or a check of it does not fit the sources; DELTA_NOT_FOUND,
 * DELTA_VERSION for a source; DELTA_CONFLICT where somebody else has committed to the table meanwhile
 */
export async function buildSilver(tables: LayerTables, request: StepRequest): Promise<LayerReport> {
  const { model, fullRefresh: isFullRefresh } = request;
  const { step, target, sources, understood } = await decide(tables, request);
  const whole = { model, target, sources, isFullRefresh };
  const rebuild = async (reason: string): Promise<LayerReport> =>
    mustFollow(model, isFullRefresh)
      ? held(target?.version ?? null, notRebuilt(reason))
      : makeWhole(tables, { ...whole, reason });
  switch (step.kind) {
    case 'unchanged':
      return { operation: 'unchanged', ...NO_ROWS, version: target?.version ?? null };
    case 'create':
      return makeWhole(tables, { ...whole, reason: undefined });
    case 'rebuild':
      return rebuild(step.reason);
    case 'update': {
      if (target === undefined || understood === undefined)
        throw new RangeError('An update has a table, and a SELECT that is understood.');
      const updated = await update(tables, { model, target, sources, understood });
      return updated.kind === 'done' ? updated.report : rebuild(updated.reason);
    }
    default:
      return step satisfies never;
  }
}
