import { type LayerTable, parseFullName } from '../../../src/medallion/layer.ts';
import type { Model } from '../../../src/medallion/models/model.ts';

/** A model that reads the tables of these names, without SQL. */
export function madeModel(
  name: string,
  reads: readonly string[],
  description?: string,
  { folder = '', tags = [] }: { readonly folder?: string; readonly tags?: readonly string[] } = {},
): Model {
  const { layer, name: own } = tableOf(name);
  if (layer === 'bronze' || layer === 'seed') throw new Error('Such tables have no models');
  return {
    layer,
    name: own,
    path: `models/${layer}/${folder}${own}.sql`,
    sql: '',
    tree: {},
    hash: '',
    header: {
      description,
      columns: [],
      tags,
      key: [],
      checks: [],
      joins: [],
      dateColumn: undefined,
      windowDays: 1,
      partition: 'none',
      incremental: 'by cost',
    },
    sources: reads.map(tableOf),
  };
}

export function tableOf(name: string): LayerTable {
  const table = parseFullName(name);
  if (table === undefined) throw new Error(`${name} names no table`);
  return table;
}
