import { asIgarapeError, type IgarapeError } from '../../core/errors.ts';
import { silentLogger } from '../../core/log.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { openMemoryStorage } from '../../storage/memory.ts';
import { buildGold } from '../gold/build.ts';
import { howGoldIsBuilt } from '../gold/how-built.ts';
import { fullName } from '../layer.ts';
import { LayerTables } from '../layer-tables.ts';
import { buildSilver } from '../silver/build.ts';
import { howSilverIsBuilt } from '../silver/how-built.ts';
import type { ModelSet } from './graph.ts';
import type { HowBuilt } from './lineage.ts';
import { isDated, type Model } from './model.ts';

/** What a model was found to be over the columns of its sources, without a row of them. */
export type TriedModel =
  | {
      readonly kind: 'fits';
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly built: HowBuilt;
    }
  /** Why a run could not compute it. */
  | { readonly kind: 'broken'; readonly error: IgarapeError }
  /** It reads a table whose columns are not known yet, or one that does not fit. */
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * Tries models on a lake of empty tables, in memory: what fails there, by its SELECT, its header or its checks, would
 * fail in a run.
 *
 * @param bronze The bronze tables' columns, by name, as far as they are known.
 * @returns By full name, in the order of the set.
 */
export async function tryModels(
  engine: Engine,
  workDir: string,
  { models }: ModelSet,
  bronze: ReadonlyMap<string, StructType>,
): Promise<ReadonlyMap<string, TriedModel>> {
  const storage = openMemoryStorage();
  const tables = new LayerTables({ storage, engine, workDir, clock: () => 0, log: silentLogger });
  for (const [name, schema] of bronze) await tables.create({ layer: 'bronze', name }, { schema });
  const tried = new Map<string, TriedModel>();
  for (const model of models) tried.set(fullName(model), await tryModel(tables, model));
  return tried;
}

async function tryModel(tables: LayerTables, model: Model): Promise<TriedModel> {
  for (const source of model.sources) {
    const isBronze = source.layer === 'bronze';
    if ((await tables.find(source)) === undefined)
      return {
        kind: 'unknown',
        reason: `${fullName(source)} ${isBronze ? 'has no columns that are known yet' : 'is not known to fit'}`,
      };
  }
  const [build, howBuilt] = isDated(model) ? [buildGold, howGoldIsBuilt] : [buildSilver, howSilverIsBuilt];
  try {
    const request = { versions: new Map<string, number>(), fullRefresh: false };
    const { operation } = await build(tables, { model, ...request });
    // Of no rows a check may rightly not hold: it fits the table nevertheless.
    if (operation === 'held')
      await build(tables, { model: { ...model, header: { ...model.header, checks: [] } }, ...request });
    const delta = await tables.require(model);
    await using rows = await delta.read();
    return { kind: 'fits', columns: rows.columns, built: await howBuilt(tables, model) };
  } catch (thrown) {
    return { kind: 'broken', error: asIgarapeError(thrown) };
  }
}
