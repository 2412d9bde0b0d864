import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { Engine } from '../engine/engine.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import { type HowBuilt, type Lineage, lineage } from '../medallion/models/lineage.ts';
import { loadModels } from '../medallion/models/load.ts';
import type { Model } from '../medallion/models/model.ts';
import type { Edge } from './context.ts';
import { withRunDir } from './run-dir.ts';

/**
 * What is made of what, by the configuration and the models' files alone; the lake is not read. `howBuilt` tells how a
 * model is brought up to date, where that is known.
 *
 * @throws IgarapeError CONFIG_INVALID as {@link loadModels}
 */
export async function graph(
  config: Config,
  edge: Edge,
  howBuilt?: (model: Model) => HowBuilt | undefined,
): Promise<Lineage> {
  return lineage(config, await modelsOf(config, edge), howBuilt);
}

async function modelsOf(config: Config, edge: Edge): Promise<ModelSet> {
  const { layers, memoryLimit, models, tables, foreignTables, workDir } = config;
  if (!layers.includes('silver') && !layers.includes('gold')) return { models: [], checked: new Map() };
  return withRunDir(workDir, edge, async (folder) => {
    const engine = await Engine.open({ memoryLimit, spillDir: join(folder, 'spill') });
    try {
      return await loadModels(
        engine,
        models,
        [...tables, ...foreignTables].map(({ name }) => name),
      );
    } finally {
      engine.close();
    }
  });
}
