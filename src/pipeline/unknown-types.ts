import type { IgarapeError } from '../core/errors.ts';
import { type LayerTable, sameTable } from '../medallion/layer.ts';
import { dependencies, type ModelSet } from '../medallion/models/graph.ts';
import type { Recorded } from './recorded.ts';

/**
 * What is told of a model that does not fit its sources, where that may be for columns whose types are not known yet: no
 * row has had a value in them, and what stands for them is text. Undefined where it is the model's own fault.
 */
export function typesUnknown(
  error: IgarapeError,
  model: LayerTable,
  set: Pick<ModelSet, 'models'>,
  recorded: Recorded,
): string | undefined {
  // What has no type yet is text meanwhile.
  if (error.code !== 'CONFIG_INVALID' || !error.message.includes('VARCHAR')) return undefined;
  const tables = dependencies(set, model);
  const texts = set.models
    .filter((each) => sameTable(each, model) || tables.some((table) => sameTable(each, table)))
    .map(({ sql }) => wordsOf(sql));
  for (const { layer, name } of tables) {
    const state = layer === 'bronze' ? recorded(name) : undefined;
    const open = state?.schema.filter((column) => column.open === true) ?? [];
    const read = open.find((column) => texts.some((words) => words.has(column.name.toLowerCase())));
    if (open.length > 0 && state?.rows === 0)
      return `bronze.${name} has had no rows yet, so that the types of its columns are not known: ${error.message}`;
    if (read !== undefined)
      return `bronze.${name}.${read.name} has had no value yet, so that its type is not known: ${error.message}`;
  }
  return undefined;
}

function wordsOf(sql: string): ReadonlySet<string> {
  return new Set(sql.toLowerCase().split(/[^\p{L}\p{N}_$]+/u));
}
