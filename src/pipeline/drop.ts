import { IgarapeError } from '../core/errors.ts';
import { fullName, type LayerTable, parseFullName, sameTable } from '../medallion/layer.ts';
import { loadModels } from '../medallion/models/load.ts';
import type { Model } from '../medallion/models/model.ts';
import { orphanedTables, removeTable } from '../medallion/orphans.ts';
import { bronzeNames, type Edge, type RunRequest } from './context.ts';
import { withEngine } from './with-engine.ts';

export interface DropReport {
  /** The table's full name, as the lake has it. */
  readonly table: string;
  readonly files: number;
  readonly sizeBytes: number;
}

/** The tables that a configuration's layers make. */
export function madeTables(config: RunRequest['config'], models: readonly Model[]): readonly LayerTable[] {
  const bronze = bronzeNames(config).map((name): LayerTable => ({ layer: 'bronze', name }));
  return [...bronze, ...models];
}

/**
 * Removes a table of the layers that nothing makes any more, with all of its versions.
 *
 * @throws IgarapeError USAGE for a table that is still made, or that the lake does not have
 */
export async function dropTable(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  name: string,
  edge: Edge,
): Promise<DropReport> {
  const models = config.layers.includes('silver')
    ? await withEngine(config, edge, async (engine) => loadModels(engine, config.models, bronzeNames(config)))
    : { models: [] };
  const wanted = parseFullName(name);
  const made = madeTables(config, models.models);
  const orphans = await orphanedTables(storage, made);
  const table = orphans.find((each) => wanted !== undefined && sameTable(each, wanted));
  if (table !== undefined) return { table: fullName(table), ...(await removeTable(storage, table)) };
  const isMade = made.some((each) => wanted !== undefined && sameTable(each, wanted));
  throw new IgarapeError(
    'USAGE',
    isMade
      ? `${name} is made by ${wanted?.layer === 'bronze' ? 'the configuration' : 'a model'}: the next run would make it again.`
      : `The lake has no table ${JSON.stringify(name)} that nothing makes any more.`,
    {
      hint: isMade
        ? 'Remove its model first, or the table from the configuration.'
        : orphans.length === 0
          ? 'Every table of its layers has a model, or is in the configuration.'
          : `There are: ${orphans.map(fullName).join(', ')}.`,
    },
  );
}
