import type { LayerTables } from '../layer-tables.ts';
import type { HowBuilt } from '../models/lineage.ts';
import type { Model } from '../models/model.ts';
import { shapeOf } from './decide.ts';
import { openSources } from './sources.ts';

/**
 * How a silver table is brought up to date, by its SELECT and the columns that its sources have now. Every source has to
 * exist.
 */
export async function howSilverIsBuilt(tables: LayerTables, model: Model): Promise<HowBuilt> {
  const request = { model, versions: new Map<string, number>(), fullRefresh: false };
  const shape = await shapeOf(tables, request, await openSources(tables, request, undefined));
  return shape.kind === 'rebuild' ? { kind: 'rebuild', reason: shape.reason } : { kind: 'incremental' };
}
