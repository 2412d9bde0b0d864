import { columnsIn, wordsOf } from '../incremental/tree.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { HowBuilt } from '../models/lineage.ts';
import { isDated, type Model } from '../models/model.ts';
import { NEVER } from '../required.ts';
import { planOf } from './decide.ts';
import { isOneToOne } from './notes.ts';
import { openSources, sourceName } from './sources.ts';
import { describeReasons, understand, understandOver } from './understand.ts';

/**
 * Why a model's table is made as a whole, as far as that is certain without the columns of its sources; undefined where
 * nothing is.
 */
export async function certainlyRebuilt(tables: LayerTables, model: Model): Promise<HowBuilt | undefined> {
  if (model.header.incremental === 'never') return { kind: 'rebuild', reason: NEVER };
  if (isDated(model)) return undefined;
  const mentioned = columnsIn(model.tree).flatMap((each) => wordsOf(each));
  // Any of them may be of any source: what is not certain of columns is no certain reason either.
  const columns = [...new Set(mentioned)];
  const sources = model.sources.map((table) => ({ table, columns }));
  const reasons = (await understand(tables, model, sources)).incremental.certainReasons;
  return reasons.length === 0 ? undefined : { kind: 'rebuild', reason: describeReasons(model, reasons) };
}

/**
 * How a model's table is brought up to date when any of its sources has changed, by its SELECT and the columns that its
 * sources have now. Every source has to exist.
 */
export async function howBuilt(tables: LayerTables, model: Model): Promise<HowBuilt> {
  const sources = await openSources(tables, { model }, undefined);
  const understood = await understandOver(tables, model, sources);
  if (model.header.incremental === 'never') return { kind: 'rebuild', reason: NEVER };
  const target = await tables.newest(model);
  const mayFollow = target === undefined || isOneToOne(target);
  const plan = planOf({ understood, target }, model, new Set(model.sources.map(sourceName)), mayFollow);
  return plan.kind === 'whole'
    ? { kind: 'rebuild', reason: describeReasons(model, plan.reasons) }
    : { kind: 'incremental' };
}
