import type { Engine } from '../engine/engine.ts';
import type { Told } from '../core/language/sentence.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import type { Model } from '../medallion/models/model.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import { loadModels } from '../medallion/models/load.ts';
import { selectTables } from '../medallion/models/select.ts';
import { bronzeNames, type RunRequest } from './context.ts';

/**
 * The models of a configuration, with the values that it gives their variables; none where it names no layer that has any.
 *
 * @throws IgarapeError CONFIG_INVALID with every problem of every model
 */
export async function projectModels(engine: Engine, config: RunRequest['config']): Promise<ModelSet> {
  if (!config.layers.includes('silver')) return { seeds: [], models: [], checked: new Map() };
  return loadModels(engine, config.models, {
    tables: bronzeNames(config),
    values: config.vars,
    seeds: config.seeds,
  });
}

/** That a model's source is missing, and how a run of some models alone makes it, too. */
export function notThereYet(
  source: LayerTable,
  model: Model,
  { models }: Pick<RunRequest, 'models'>,
): string {
  const name = fullName(source);
  const told: Told =
    models === undefined || source.layer === 'bronze'
      ? `${name} does not exist yet.`
      : `${name} does not exist yet: igarape run --models +${fullName(model)} makes it, too.`;
  return told;
}

/**
 * The full names of the tables that words select; of all layers where there are none.
 *
 * @throws IgarapeError USAGE for a word that names nothing
 */
export function selectedNames(
  config: RunRequest['config'],
  set: ModelSet,
  words: readonly string[] | undefined,
): ReadonlySet<string> {
  return new Set(selectTables(set, bronzeNames(config), words ?? ['seed', ...config.layers]).map(fullName));
}
