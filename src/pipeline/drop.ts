import { IgarapeError } from '../core/errors.ts';
import { fullName, type LayerTable, parseFullName, sameTable } from '../medallion/layer.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import { layerTablesIn } from '../medallion/layer-names.ts';
import { removeTable } from '../medallion/remove-table.ts';
import { bronzeNames, type Edge, type RunRequest } from './context.ts';
import { projectModels } from './models.ts';
import { withEngine } from './with-engine.ts';

export interface DropReport {
  /** The table's full name, as the lake has it. */
  readonly table: string;
  readonly files: number;
  readonly sizeBytes: number;
}

/** The tables that a configuration's layers make. */
export function madeTables(
  config: RunRequest['config'],
  { seeds, models }: Pick<ModelSet, 'seeds' | 'models'>,
): readonly LayerTable[] {
  const bronze = bronzeNames(config).map((name): LayerTable => ({ layer: 'bronze', name }));
  return [...seeds, ...bronze, ...models];
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
  const set = await withEngine(config, edge, async (engine) => projectModels(engine, config));
  const wanted = parseFullName(name);
  const made = madeTables(config, set);
  const orphans = await layerTablesIn(storage, made);
  const table = orphans.find((each) => wanted !== undefined && sameTable(each, wanted));
  if (table !== undefined) return { table: fullName(table), ...(await removeTable(storage, table)) };
  const isMade = made.some((each) => wanted !== undefined && sameTable(each, wanted));
  throw new IgarapeError(
    'USAGE',
    isMade
      ? `${name} is made by ${MADE_BY[wanted?.layer ?? 'bronze']}: the next run would make it again.`
      : `The lake has no table ${JSON.stringify(name)} that nothing makes any more.`,
    {
      hint: isMade
        ? 'Remove its model or its file first, or the table from the configuration.'
        : orphans.length === 0
          ? 'Every table of its layers has a model, or is in the configuration.'
          : `There are: ${orphans.map(fullName).join(', ')}.`,
    },
  );
}

const MADE_BY = {
  seed: 'a file beside the models',
  bronze: 'the configuration',
  silver: 'a model',
  gold: 'a model',
} as const;
