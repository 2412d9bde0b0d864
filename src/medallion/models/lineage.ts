import { fullName, type Layer } from '../layer.ts';
import type { ModelSet } from './graph.ts';
import type { Model } from './model.ts';

/** What is made of what, from the source's tables to the cubes. */
export interface Lineage {
  /** Each after those that it is made of. */
  readonly tables: readonly LineageTable[];
}

export interface LineageTable {
  /** `clientes` of the source, `bronze.clientes` of a layer, or a pattern of change files of others. */
  readonly name: string;
  readonly layer: 'raw' | Layer;
  readonly description: string | null;
  /** How a run brings it up to date; null where there is no more to say, or that is not known. */
  readonly build: HowBuilt | null;
  /** Names of the tables that it is made of. */
  readonly sources: readonly string[];
}

export type HowBuilt =
  /** Only what changes touch is computed. */
  | { readonly kind: 'incremental' }
  /** The whole table is computed anew, for a reason that users can read. */
  | { readonly kind: 'rebuild'; readonly reason: string };

/** The tables that a configuration names, and its layers. */
export interface LineageRoots {
  readonly tables: readonly { readonly name: string }[];
  readonly foreignTables: readonly { readonly name: string; readonly from: readonly string[] }[];
  readonly layers: readonly Layer[];
}

/** The lineage of a configuration's tables and models. `howBuilt` tells how a model is brought up to date, where that is known. */
export function lineage(
  { tables, foreignTables, layers }: LineageRoots,
  set: ModelSet,
  howBuilt: (model: Model) => HowBuilt | undefined = () => undefined,
): Lineage {
  const patterns = [...new Set(foreignTables.flatMap(({ from }) => from))];
  const bronze = [
    ...tables.map(({ name }) => ({ name, from: [name] })),
    ...foreignTables.map(({ name, from }) => ({ name, from })),
  ];
  const found: LineageTable[] = [
    ...[...tables.map(({ name }) => name), ...patterns].map((name) => madeOf(name, 'raw', [])),
    ...set.seeds.map((seed) => madeOf(fullName(seed), 'seed', [])),
    ...bronze.map(({ name, from }) => madeOf(fullName({ layer: 'bronze', name }), 'bronze', from)),
    ...set.models.map((model) => ({
      ...madeOf(fullName(model), model.layer, model.sources.map(fullName)),
      description: model.header.description ?? null,
      build: howBuilt(model) ?? null,
    })),
  ];
  const shown = new Set<LineageTable['layer']>(['raw', 'seed', ...layers]);
  return { tables: found.filter(({ layer }) => shown.has(layer)) };
}

/** The part of a lineage that has tables of these full names, and the tables of the source that these are made of. */
export function lineageOf({ tables }: Lineage, names: ReadonlySet<string>): Lineage {
  const chosen = tables.filter(({ name }) => names.has(name));
  const raw = new Set(chosen.filter(({ layer }) => layer === 'bronze').flatMap(({ sources }) => sources));
  const isPart = ({ name, layer }: LineageTable): boolean =>
    layer === 'raw' ? raw.has(name) : names.has(name);
  const part = tables.filter(isPart);
  return {
    tables: part.map((table) => ({
      ...table,
      sources: table.sources.filter((source) => part.some(({ name }) => name === source)),
    })),
  };
}

function madeOf(name: string, layer: LineageTable['layer'], sources: readonly string[]): LineageTable {
  return { name, layer, description: null, build: null, sources };
}
