import type { ExitCode } from '../core/errors.ts';
import { type Schema, sqlType } from '../core/schema.ts';
import { deltaTypeOf } from '../delta/schema/sql-schema.ts';
import { findField, type StructField, type StructType } from '../delta/schema/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import type { HowBuilt } from '../medallion/models/lineage.ts';
import { loadModels } from '../medallion/models/load.ts';
import { type TriedModel, tryModels } from '../medallion/models/try-models.ts';
import { BRONZE_COLUMNS } from '../medallion/source-views.ts';
import { bronzeNames, type Edge, type RunRequest } from './context.ts';
import { sentence } from './outcome.ts';
import { withEngine } from './with-engine.ts';

/** What a project's models are over the columns that the lake knows; no row is read. */
export interface CheckReport {
  /** By full name. */
  readonly models: Readonly<Record<string, CheckedModel>>;
}

export interface CheckedModel {
  /** True where a run can compute it, false where it cannot, null where the columns that it reads are not known yet. */
  readonly fits: boolean | null;
  /** Why it does not fit, or why that is not known. */
  readonly reason: string | null;
  /** How a run brings it up to date; null where that is not known. */
  readonly build: HowBuilt | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/**
 * Checks what can be checked before a run: the models' files, and each model against the columns of what it reads.
 *
 * @returns Exit code 2 where a model does not fit.
 * @throws IgarapeError CONFIG_INVALID with every problem of every model's file
 */
export async function check(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
): Promise<{ report: CheckReport; exitCode: ExitCode }> {
  if (!config.layers.includes('silver')) return { report: { models: {} }, exitCode: 0 };
  return withEngine(config, edge, async (engine, folder) => {
    const set = await loadModels(engine, config.models, bronzeNames(config));
    const lake = new LayerTables({ storage, engine, workDir: folder, clock: edge.clock, log: edge.log });
    const known = await bronzeColumns(lake, config, await readNewestEntry(storage));
    const tried = await triedModels(engine, folder, config, set, known);
    const models = Object.fromEntries([...tried].map(([name, model]) => [name, checkedModel(model)]));
    const isBroken = [...tried.values()].some(({ kind }) => kind === 'broken');
    return { report: { models }, exitCode: isBroken ? 2 : 0 };
  });
}

/** As {@link tryModels}, of the layers that a configuration names. */
export async function triedModels(
  engine: Engine,
  folder: string,
  { layers }: RunRequest['config'],
  set: ModelSet,
  bronze: ReadonlyMap<string, StructType>,
): Promise<ReadonlyMap<string, TriedModel>> {
  const models = set.models.filter(({ layer }) => layers.includes(layer));
  return tryModels(engine, folder, { ...set, models }, bronze);
}

/**
 * The columns of bronze tables: as the lake has them, else as the ledger has recorded those that they will get.
 *
 * @param added Columns that tables of the source are about to get, by table.
 */
export async function bronzeColumns(
  lake: LayerTables,
  config: RunRequest['config'],
  newest: LedgerEntry | undefined,
  added: Readonly<Record<string, Schema>> = {},
): Promise<ReadonlyMap<string, StructType>> {
  const known = new Map<string, StructType>();
  for (const name of bronzeNames(config)) {
    const recorded = newest?.tables[name]?.schema;
    const isLatest = config.tables.some((table) => table.name === name && table.history === 'latest');
    const there = (await (await lake.find({ layer: 'bronze', name }))?.snapshot())?.schema;
    const schema = there ?? (recorded !== undefined && isLatest ? structOf(recorded) : undefined);
    if (schema === undefined) continue;
    const coming = [...(recorded ?? []), ...(added[name] ?? [])].filter(
      (column) => findField(schema, column.name) === undefined,
    );
    known.set(name, { ...schema, fields: [...schema.fields, ...coming.map(fieldOf)] });
  }
  return known;
}

function structOf(schema: Schema): StructType {
  const own = [
    { name: BRONZE_COLUMNS.run, type: 'bigint' },
    { name: BRONZE_COLUMNS.timestamp, type: 'timestamptz' },
  ] as const;
  return { type: 'struct', fields: [...schema, ...own].map(fieldOf) };
}

function fieldOf({ name, type }: Schema[number]): StructField {
  const described = type === 'timestamptz' ? 'TIMESTAMP WITH TIME ZONE' : sqlType(type);
  return { name, type: deltaTypeOf(described, name), nullable: true, metadata: {} };
}

function checkedModel(tried: TriedModel): CheckedModel {
  switch (tried.kind) {
    case 'fits':
      return { fits: true, reason: null, build: tried.built, columns: tried.columns };
    case 'broken':
      return { fits: false, reason: sentence(tried.error), build: null, columns: [] };
    case 'unknown':
      return { fits: null, reason: `${tried.reason}.`, build: null, columns: [] };
    default:
      return tried satisfies never;
  }
}
