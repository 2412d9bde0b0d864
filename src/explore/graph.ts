import { fullName } from '../medallion/layer.ts';
import type { LayerTables } from '../medallion/layer-tables.ts';
import { type HowBuilt, type Lineage, lineage, lineageOf } from '../medallion/models/lineage.ts';
import type { Model } from '../medallion/models/model.ts';
import { certainlyRebuilt, howBuilt } from '../medallion/build/how-built.ts';
import { projectModels, selectedNames } from '../pipeline/models.ts';
import type { LakeReader } from './reader.ts';

/**
 * What is made of what, by the configuration and the models' files; and how each model is brought up to date: before the
 * tables that it reads exist, as far as that is certain.
 *
 * @param words The tables to tell of, as `run --models` selects them; all where undefined.
 * @throws IgarapeError CONFIG_INVALID as {@link projectModels}
 */
export async function graph(reader: LakeReader, words?: readonly string[]): Promise<Lineage> {
  const { config } = reader.project;
  return reader.quick(async (engine, tables) => {
    const set = await projectModels(engine, config);
    const chosen = words === undefined ? undefined : selectedNames(config, set, words);
    const built = new Map<string, HowBuilt>();
    for (const model of set.models) {
      const isTold = config.layers.includes(model.layer) && chosen?.has(fullName(model)) !== false;
      const how = isTold ? await howBuiltNow(tables, model) : undefined;
      if (how !== undefined) built.set(fullName(model), how);
    }
    const all = lineage(config, set, (model) => built.get(fullName(model)));
    return chosen === undefined ? all : lineageOf(all, chosen);
  });
}

async function howBuiltNow(tables: LayerTables, model: Model): Promise<HowBuilt | undefined> {
  for (const source of model.sources)
    if ((await tables.find(source)) === undefined) return certainlyRebuilt(tables, model);
  return howBuilt(tables, model);
}
