import type { TableConfig } from '../config/config.ts';
import { asIgarapeError, type ErrorCode, type ExitCode, IgarapeError } from '../core/errors.ts';
import { describedType, type Schema } from '../core/schema.ts';
import { deltaTypeOf } from '../delta/schema/sql-schema.ts';
import { findField, type StructField, type StructType } from '../delta/schema/schema.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import type { Engine } from '../engine/engine.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { BATCH_APP, otherFeed } from '../medallion/bronze/applied-run.ts';
import { progressOf } from '../medallion/bronze/progress.ts';
import { VERSION_COLUMNS } from '../medallion/bronze/scd2-versions.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import type { HowBuilt } from '../medallion/models/lineage.ts';
import type { Seed } from '../medallion/models/seeds.ts';
import { type TriedModel, tryModels } from '../medallion/models/try-models.ts';
import { BRONZE_COLUMNS } from '../medallion/source-views.ts';
import { bronzeNames, type Edge, type EngineName, type RunRequest } from './context.ts';
import { modelsOnSpark, type SparkRefusal } from './models-on-spark.ts';
import { projectModels, selectedNames } from './models.ts';
import { sentence } from './outcome.ts';
import { readSeed, type SeedReading } from './seeds.ts';
import { typesUnknown } from './unknown-types.ts';
import { withEngine } from './with-engine.ts';

/** What a project's models are over the columns that the lake knows; no row is read. */
export interface CheckReport {
  /** By full name. */
  readonly models: Readonly<Record<string, CheckedModel>>;
}

export interface CheckedModel {
  /** True where it is right, false where a run cannot compute it or its header is wrong, null where the columns that it reads are not known yet. */
  readonly fits: boolean | null;
  /** Why it does not fit, or why that is not known. */
  readonly reason: string | null;
  /** The code of what does not fit; null where nothing is wrong, or nothing is known. */
  readonly code: ErrorCode | null;
  /** How a run brings it up to date; null where that is not known. */
  readonly build: HowBuilt | null;
  readonly columns: readonly SqlColumn[];
  /** What in it Spark has no equal for, where it was asked and the model fits; nothing: it runs there. */
  readonly onSpark?: readonly SparkRefusal[];
}

export interface CheckOptions {
  /** The models to tell of, as `run --models` selects them; all where left out. */
  readonly models?: readonly string[] | undefined;
  /** `spark`: tell, too, which models could run there; no Spark is asked. */
  readonly engine?: EngineName | undefined;
}

/**
 * Checks what can be checked before a run: the models' files, and each model against the columns of what it reads.
 *
 * @returns Exit code 2 where a model does not fit, or cannot run on the engine that is asked about.
 * @throws IgarapeError CONFIG_INVALID with every problem of every model's file
 */
export async function check(
  { config, storage }: Pick<RunRequest, 'config' | 'storage'>,
  edge: Edge,
  { models: words, engine: on }: CheckOptions = {},
): Promise<{ report: CheckReport; exitCode: ExitCode }> {
  if (!config.layers.includes('silver')) return { report: { models: {} }, exitCode: 0 };
  return withEngine(config, edge, async (engine, folder) => {
    const set = await projectModels(engine, config);
    const chosen = selectedNames(config, set, words);
    const lake = new LayerTables({ storage, engine, workDir: folder, clock: edge.clock, log: edge.log });
    const newest = await readNewestEntry(storage);
    const known = await bronzeColumns(lake, config, newest);
    const seeds = await triedSeeds({ engine, folder, edge }, set);
    const models = await triedModels(engine, folder, config, set, { bronze: known, seeds, newest });
    const tried = [...brokenSeeds(seeds), ...models];
    const told = tried.filter(([name]) => chosen.has(name));
    const onSpark =
      on === 'spark'
        ? await modelsOnSpark(folder, set.models, models, columnsGiven(known, seeds))
        : undefined;
    const checked = Object.fromEntries(
      told.map(([name, model]) => {
        const refusals = onSpark?.get(name);
        return [name, { ...checkedModel(model), ...(refusals === undefined ? {} : { onSpark: refusals }) }];
      }),
    );
    const isBroken = Object.values(checked).some(
      (model) => model.fits === false || (model.onSpark ?? []).length > 0,
    );
    return { report: { models: checked }, exitCode: isBroken ? 2 : 0 };
  });
}

/** As {@link tryModels}, of the layers that a configuration names. */
export async function triedModels(
  engine: Engine,
  folder: string,
  { layers }: RunRequest['config'],
  set: ModelSet,
  { bronze, seeds, newest }: KnownColumns,
): Promise<ReadonlyMap<string, TriedModel>> {
  const models = set.models.filter(({ layer }) => layers.includes(layer));
  const tried = new Map(await tryModels(engine, folder, { models }, columnsGiven(bronze, seeds)));
  for (const model of models) {
    const found = tried.get(fullName(model));
    const reason = found?.kind === 'broken' ? typesUnknown(found.error, model, set, newest) : undefined;
    if (reason !== undefined)
      tried.set(fullName(model), {
        kind: 'unknown',
        reason: reason.replace(/\.$/, ''),
        built: undefined,
        flaw: undefined,
      });
  }
  return tried;
}

/** The columns of bronze tables and seeds, as far as they are known. */
export function columnsGiven(
  bronze: KnownColumns['bronze'],
  seeds: TriedSeeds,
): ReadonlyMap<LayerTable, StructType> {
  const known = new Map<LayerTable, StructType>();
  for (const [name, schema] of bronze) known.set({ layer: 'bronze', name }, schema);
  for (const [seed, tried] of seeds) if (!(tried instanceof IgarapeError)) known.set(seed, tried);
  return known;
}

/** What is known of the columns that models read. */
export interface KnownColumns {
  /** By name. */
  readonly bronze: ReadonlyMap<string, StructType>;
  readonly seeds: TriedSeeds;
  /** The ledger's newest entry. */
  readonly newest: LedgerEntry | undefined;
}

/** Of each seed its columns, or why it cannot be read. */
export type TriedSeeds = ReadonlyMap<Seed, StructType | IgarapeError>;

export async function triedSeeds(
  reading: SeedReading,
  { seeds }: Pick<ModelSet, 'seeds'>,
): Promise<TriedSeeds> {
  const tried = new Map<Seed, StructType | IgarapeError>();
  for (const seed of seeds) {
    try {
      tried.set(seed, (await readSeed(reading, seed)).schema);
    } catch (thrown) {
      tried.set(seed, asIgarapeError(thrown));
    }
  }
  return tried;
}

function brokenSeeds(seeds: TriedSeeds): [string, TriedModel][] {
  return [...seeds].flatMap(([seed, tried]) =>
    tried instanceof IgarapeError ? [[fullName(seed), { kind: 'broken', error: tried }]] : [],
  );
}

/**
 * The columns of bronze tables: as the lake has them, else, and where a run makes them anew, as the ledger has recorded those
 * that they will get.
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
    const table = config.tables.find((each) => each.name === name);
    const there = await lake.newest({ layer: 'bronze', name });
    const anew =
      table === undefined
        ? otherFeed(there, BATCH_APP)
        : progressOf(there, table, recorded ?? [], false).anew;
    const made = table && recorded && structOf(recorded, table);
    const schema = there === undefined || anew !== undefined ? made : there.schema;
    if (schema === undefined) continue;
    const coming = [...(recorded ?? []), ...(added[name] ?? [])].filter(
      (column) => findField(schema, column.name) === undefined,
    );
    known.set(name, { ...schema, fields: [...schema.fields, ...coming.map(fieldOf)] });
  }
  return known;
}

function structOf(schema: Schema, { history }: Pick<TableConfig, 'history'>): StructType {
  const { from, to, current } = VERSION_COLUMNS;
  const versions = [
    { name: from, type: 'timestamptz' },
    { name: to, type: 'timestamptz' },
    { name: current, type: 'boolean' },
  ] as const;
  const own = [
    ...(history === 'scd2' ? versions : []),
    { name: BRONZE_COLUMNS.run, type: 'bigint' },
    { name: BRONZE_COLUMNS.timestamp, type: 'timestamptz' },
  ] as const;
  return { type: 'struct', fields: [...schema, ...own].map(fieldOf) };
}

function fieldOf({ name, type }: Schema[number]): StructField {
  return { name, type: deltaTypeOf(describedType(type), name), nullable: true, metadata: {} };
}

function checkedModel(tried: TriedModel): CheckedModel {
  switch (tried.kind) {
    case 'fits':
      return {
        fits: tried.flaw === undefined,
        reason: tried.flaw ?? null,
        code: tried.flaw === undefined ? null : 'CONFIG_INVALID',
        build: tried.built,
        columns: tried.columns,
      };
    case 'broken':
      return { fits: false, reason: sentence(tried.error), code: tried.error.code, build: null, columns: [] };
    case 'unknown':
      return {
        fits: tried.flaw === undefined ? null : false,
        reason: tried.flaw ?? `${tried.reason}.`,
        code: tried.flaw === undefined ? null : 'CONFIG_INVALID',
        build: tried.built ?? null,
        columns: [],
      };
    default:
      return tried satisfies never;
  }
}
