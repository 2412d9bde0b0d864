import type { LayerTables } from '../layer-tables.ts';
import type { HowBuilt } from '../models/lineage.ts';
import type { Model } from '../models/model.ts';
import { openCube } from './cube.ts';
import { pathsToDates } from './reach.ts';

/**
 * How a gold table is brought up to date, by its SELECT and the columns that its sources have now: all of its dates are
 * computed where a source reaches none. Every source has to exist.
 *
 * @throws IgarapeError CONFIG_INVALID where the SELECT does not fit the sources
 */
export async function howGoldIsBuilt(tables: LayerTables, model: Model): Promise<HowBuilt> {
  await using cube = await openCube(tables, model, new Map());
  for (const source of model.sources) {
    const paths = pathsToDates(cube, cube.sources.of(source));
    if (paths.kind === 'none') return { kind: 'rebuild', reason: paths.reason };
  }
  return { kind: 'incremental' };
}
