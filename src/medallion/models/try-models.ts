import { asIgarapeError, type IgarapeError } from '../../core/errors.ts';
import { silentLogger } from '../../core/log.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { openMemoryStorage } from '../../storage/memory.ts';
import { misdescribed } from '../describe.ts';
import { fullName, type LayerTable } from '../layer.ts';
import { mustFollow, notRebuilt } from '../required.ts';
import { LayerTables } from '../layer-tables.ts';
import { buildModel } from '../build/build.ts';
import { certainlyRebuilt, howBuilt } from '../build/how-built.ts';
import type { ModelSet } from './graph.ts';
import type { HowBuilt } from './lineage.ts';
import { type Model, unchecked } from './model.ts';

/** What a model was found to be over the columns of its sources, without a row of them. */
export type TriedModel =
  | {
      readonly kind: 'fits';
      readonly schema: StructType;
      readonly built: HowBuilt;
      /** What is wrong with its header, though a run can compute it. */
      readonly flaw: string | undefined;
    }
  /** Why a run could not compute it. */
  | { readonly kind: 'broken'; readonly error: IgarapeError }
  /** It reads a table whose columns are not known yet, or one that does not fit. */
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /** True where a run leaves it as it is until values tell the types of columns. */
      readonly waits?: boolean;
      readonly built: HowBuilt | undefined;
      readonly flaw: string | undefined;
    };

/**
 * Tries models on a lake of empty tables, in memory: what fails there, by its SELECT, its header or its checks, would
 * fail in a run.
 *
 * @param known The columns of bronze tables and seeds, as far as they are known.
 * @returns By full name, in the order of the set.
 */
export async function tryModels(
  engine: Engine,
  workDir: string,
  { models }: Pick<ModelSet, 'models'>,
  known: ReadonlyMap<LayerTable, StructType>,
): Promise<ReadonlyMap<string, TriedModel>> {
  const storage = openMemoryStorage();
  const tables = new LayerTables({ storage, engine, workDir, clock: () => 0, log: silentLogger });
  for (const [table, schema] of known) await tables.create(table, { schema });
  const tried = new Map<string, TriedModel>();
  for (const model of models) tried.set(fullName(model), await tryModel(tables, model));
  return tried;
}

/** A header that asks for what the SELECT does not allow. */
function neverFollowed(model: Model, built: HowBuilt): string | undefined {
  return built.kind === 'rebuild' && mustFollow(model, false) ? notRebuilt(model, built.reason) : undefined;
}

async function tryModel(tables: LayerTables, model: Model): Promise<TriedModel> {
  for (const source of model.sources) {
    const isGiven = source.layer === 'bronze' || source.layer === 'seed';
    if ((await tables.find(source)) === undefined) {
      const built = await certainlyRebuilt(tables, model);
      return {
        kind: 'unknown',
        reason: `${fullName(source)} ${isGiven ? 'has no columns that are known yet' : 'is not known to fit'}`,
        built,
        flaw: built === undefined ? undefined : neverFollowed(model, built),
      };
    }
  }
  try {
    const { operation } = await buildModel(tables, { model });
    // Of no rows a check may rightly not hold: it fits the table nevertheless.
    if (operation === 'held') await buildModel(tables, { model: unchecked(model) });
    const { schema } = await (await tables.require(model)).snapshot();
    const built = await howBuilt(tables, model);
    const names = schema.fields.map(({ name }) => name);
    const flaw = misdescribed(model.header, names) ?? neverFollowed(model, built);
    return { kind: 'fits', schema, built, flaw };
  } catch (thrown) {
    return { kind: 'broken', error: asIgarapeError(thrown) };
  }
}
