import type { LayerTables } from '../layer-tables.ts';
import type { LayerStep, StepRequest } from '../step.ts';
import { decide } from './decide.ts';

/**
 * What a run has to do with a silver table, without doing it.
 *
 * @throws IgarapeError DELTA_NOT_FOUND where a source does not exist yet, DELTA_VERSION
 */
export async function planSilver(tables: LayerTables, request: StepRequest): Promise<LayerStep> {
  return (await decide(tables, request)).step;
}
