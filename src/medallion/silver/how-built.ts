import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { HowBuilt } from '../models/lineage.ts';
import type { Model } from '../models/model.ts';
import { NEVER } from '../required.ts';
import { exactColumns } from './add-sums.ts';
import { columnNames, openSources } from './sources.ts';
import { describeReasons, sourceName, understand } from './understand.ts';

/**
 * How a silver table is brought up to date when any of its sources has changed, by its SELECT and the columns that its
 * sources have now. Every source has to exist.
 */
export async function howSilverIsBuilt(tables: LayerTables, model: Model): Promise<HowBuilt> {
  const request = { model, versions: new Map<string, number>(), fullRefresh: false };
  const sources = await openSources(tables, request, undefined);
  const known = sources.map(({ table, wanted }) => ({ table, columns: columnNames(wanted) }));
  const understood = await understand(tables, model, known);
  if (understood === undefined) return { kind: 'rebuild', reason: 'its SQL is no SELECT' };
  const changed = new Set(sources.map(({ table }) => sourceName(table)));
  const { key } = model.header;
  if (model.header.incremental === 'never') return { kind: 'rebuild', reason: NEVER };
  const target = await (await tables.find(model))?.snapshot();
  const isExact = target === undefined ? (): boolean => true : exactColumns(target);
  const asked = { key, changed, isExact, isOneToOne: false, prefix: fullName(model) };
  const plan = understood.incremental.plan(asked);
  return plan.kind === 'whole'
    ? { kind: 'rebuild', reason: describeReasons(model, plan.reasons) }
    : { kind: 'incremental' };
}
