import { howGoldIsBuilt } from '../medallion/gold/how-built.ts';
import { fullName } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import { type HowBuilt, type Lineage, lineage } from '../medallion/models/lineage.ts';
import { loadModels } from '../medallion/models/load.ts';
import { isDated, type Model } from '../medallion/models/model.ts';
import { howSilverIsBuilt } from '../medallion/silver/how-built.ts';
import { bronzeNames, type Edge, type RunRequest } from './context.ts';
import { withEngine } from './with-engine.ts';

/**
 * What is made of what, by the configuration and the models' files; and how each model is brought up to date, where the
 * tables that it reads exist already.
 *
 * @throws IgarapeError CONFIG_INVALID as {@link loadModels}
 */
export async function graph(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
): Promise<Lineage> {
  const { layers, models } = config;
  if (!layers.includes('silver')) return lineage(config, { models: [], checked: new Map() });
  return withEngine(config, edge, async (engine, folder) => {
    const set = await loadModels(engine, models, bronzeNames(config));
    const { clock, log } = edge;
    const tables = new LayerTables({ storage, engine, workDir: folder, clock, log });
    const built = new Map<string, HowBuilt>();
    for (const model of set.models) {
      const how = layers.includes(model.layer) ? await howBuilt(tables, model) : undefined;
      if (how !== undefined) built.set(fullName(model), how);
    }
    return lineage(config, set, (model) => built.get(fullName(model)));
  });
}

async function howBuilt(tables: LayerTables, model: Model): Promise<HowBuilt | undefined> {
  for (const source of model.sources) if ((await tables.find(source)) === undefined) return undefined;
  return (isDated(model) ? howGoldIsBuilt : howSilverIsBuilt)(tables, model);
}
