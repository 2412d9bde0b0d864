import type { TableConfig } from '../config/config.ts';
import { asIgarapeError, type ErrorCode, type ExitCode, IgarapeError } from '../core/errors.ts';
import { describedType, type Schema } from '../core/schema.ts';
import type { Snapshot } from '../delta/log/snapshot.ts';
import { deltaTypeOf, sqlColumns } from '../delta/schema/sql-schema.ts';
import { findField, type StructField, type StructType } from '../delta/schema/schema.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import type { Engine } from '../engine/engine.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import { BATCH_APP, otherFeed } from '../medallion/bronze/applied-run.ts';
import { progressOf } from '../medallion/bronze/progress.ts';
import { rewriteReason } from '../medallion/bronze/whole-table.ts';
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
import { type Recorded, recordedIn } from './recorded.ts';
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
    const recorded = recordedIn(await readNewestEntry(storage));
    const known = await bronzeColumns(lake, config, recorded);
    const seeds = await triedSeeds({ engine, folder, edge }, set);
    const models = await triedModels(engine, folder, config, set, { bronze: known, seeds, recorded });
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
  { bronze, seeds, recorded }: KnownColumns,
): Promise<ReadonlyMap<string, TriedModel>> {
  const models = set.models.filter(({ layer }) => layers.includes(layer));
  const tried = new Map(await tryModels(engine, folder, { models }, columnsGiven(bronze, seeds)));
  for (const model of models) {
    const found = tried.get(fullName(model));
    const reason = found?.kind === 'broken' ? typesUnknown(found.error, model, set, recorded) : undefined;
    if (reason !== undefined)
      tried.set(fullName(model), {
        kind: 'unknown',
        reason: reason.replace(/\.$/, ''),
        waits: true,
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
  readonly recorded: Recorded;
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
 * The columns that bronze tables have once a run has fed them; those of the lake where nobody knows others.
 *
 * @param stays Whether a table is not fed.
 */
export async function bronzeColumns(
  lake: LayerTables,
  config: RunRequest['config'],
  recorded: Recorded,
  stays: (name: string) => boolean = () => false,
): Promise<ReadonlyMap<string, StructType>> {
  const known = new Map<string, StructType>();
  for (const name of bronzeNames(config)) {
    const there = await lake.newest({ layer: 'bronze', name });
    const table = config.tables.find((each) => each.name === name);
    const schema = stays(name) ? there?.schema : columnsFed(there, table, recorded(name)?.schema);
    if (schema !== undefined) known.set(name, schema);
  }
  return known;
}

/** @param table Undefined for one that files of others feed. */
function columnsFed(
  there: Snapshot | undefined,
  table: TableConfig | undefined,
  schema: Schema | undefined,
): StructType | undefined {
  if (table === undefined) return otherFeed(there, BATCH_APP) === undefined ? there?.schema : undefined;
  const added = addedColumns(table);
  const made: StructType | undefined = schema && {
    type: 'struct',
    fields: [...schema, ...added].map(fieldOf),
  };
  if (there === undefined || progressOf(there, table, schema ?? [], false).anew !== undefined) return made;
  if (schema === undefined) return there.schema;
  const names = added.map(({ name }) => name);
  if (rewriteReason(there.schema, schema, names) !== undefined) return made;
  const coming = schema.filter((column) => findField(there.schema, column.name) === undefined);
  return { ...there.schema, fields: [...there.schema.fields, ...coming.map(fieldOf)] };
}

/** The columns that bronze adds to a table's own. */
function addedColumns({ history }: Pick<TableConfig, 'history'>): Schema {
  const { from, to, current } = VERSION_COLUMNS;
  const versions: Schema = [
    { name: from, type: 'timestamptz' },
    { name: to, type: 'timestamptz' },
    { name: current, type: 'boolean' },
  ];
  return [
    ...(history === 'scd2' ? versions : []),
    { name: BRONZE_COLUMNS.run, type: 'bigint' },
    { name: BRONZE_COLUMNS.timestamp, type: 'timestamptz' },
  ];
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
        columns: sqlColumns(tried.schema.fields),
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
