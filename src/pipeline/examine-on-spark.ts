import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BASE, LIVE, liveRows, overridesOf } from '../changes/base.ts';
import { guardKey } from '../changes/guards.ts';
import { ADDED_HASHES, pairsOf, type Pairing, takePairs } from '../changes/suspects-there.ts';
import type { TableConfig } from '../config/config.ts';
import { EngineError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import { byName, describedType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName, quotePath } from '../engine/quote.ts';
import { isSameSchema, type SchemaChange } from '../snapshot/evolve.ts';
import { hashVersion, KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import { writeParquetEnd } from '../snapshot/parquet-end.ts';
import { isCut } from '../snapshot/parquet-nanoseconds.ts';
import { readParquetSchema } from '../snapshot/parquet-schema.ts';
import type { FileThere, TableState } from '../source/port.ts';
import { cannotReadFiles } from '../spark/cluster.ts';
import { sparkType } from '../spark/dialect/types.ts';
import { sparkName } from '../spark/dialect/quote.ts';
import { OnSpark, type SparkColumn } from '../spark/on-spark.ts';
import { compareFound } from './compare-table.ts';
import type { RunContext } from './context.ts';
import { acceptedBy, conclude, type KnownTable, recordedColumns } from './examine.ts';
import { likelyChange } from './fit-types.ts';
import type { TableOutcome } from './outcome.ts';
import { readAs } from './read-as.ts';
import { hashedColumns, openTableFile } from './table-file.ts';

export type ExaminedOnSpark =
  | { readonly kind: 'examined'; readonly outcome: TableOutcome; readonly statements: number }
  /** A run would examine it so; this one does not. */
  | { readonly kind: 'would' }
  /** DuckDB examines it: why, for users. */
  | { readonly kind: 'refused'; readonly reason: Told; readonly statements: number };

/**
 * As `examineTable`, of a Parquet file in a bucket, with rows that Spark has found to be others than the base's: the file is
 * not fetched, and neither is the base. Which of them are changes, and all that follows, is decided here as always.
 *
 * @throws IgarapeError SPARK_…
 */
export async function examineOnSpark(
  context: RunContext,
  configured: TableConfig,
  state: Extract<TableState, { kind: 'present' }>,
  known: KnownTable | undefined,
): Promise<ExaminedOnSpark> {
  const { engine } = context.request.config;
  if (engine.type === 'databricks' && engine.compute.kind === 'warehouse')
    return refused('a warehouse of Databricks reads no files in the types that are expected');
  const early = refusalOf(configured, state, known);
  if (early !== undefined) return refused(early);
  const { there } = state;
  if (there === undefined || known === undefined) throw new RangeError('Its refusal was told.');
  const opened = await open(context, configured, there, known);
  if (typeof opened === 'string') return refused(opened);
  if (context.spark === undefined) return { kind: 'would' };
  return compareThere(context, context.spark, opened);
}

function refused(reason: Told, statements = 0): ExaminedOnSpark {
  return { kind: 'refused', reason, statements };
}

/** What is known before the file is looked at. */
function refusalOf(
  { mode, isRowKey, duplicates }: TableConfig,
  { there, many }: Extract<TableState, { kind: 'present' }>,
  known: KnownTable | undefined,
): Told | undefined {
  if (mode === 'append') return 'it only ever grows';
  if (many !== undefined) return 'it is made of many files';
  if (there === undefined) return 'its file is no object below a prefix of a bucket';
  if (/[*?[\]{}\\:]|(?:^|\/)[_.][^/]*$/.test(there.seen.name))
    return 'Spark takes the name of its file for a pattern, or passes over it';
  if (known === undefined) return 'it is loaded for the first time, or anew';
  if (isRowKey) return 'its key is the whole row';
  if (duplicates !== undefined) return 'it has "duplicates"';
  return undefined;
}

/** A table that Spark can compare. */
interface Opened extends Pairing {
  readonly table: TableConfig;
  readonly there: FileThere;
  readonly known: KnownTable;
  readonly change: SchemaChange;
}

/** Opens the file by its end alone; a text says why Spark does not compare it. */
async function open(
  context: RunContext,
  configured: TableConfig,
  there: FileThere,
  known: KnownTable,
): Promise<Opened | Told> {
  const { runDir } = context;
  const { state } = known;
  const path = join(runDir, `${randomUUID()}.parquet`);
  const { name, sizeBytes } = there.seen;
  if (!(await writeParquetEnd({ sizeBytes, end: (bytes) => there.end(bytes) }, path)))
    return 'its file is not Parquet';
  const types = await typesOf(context, path);
  if (typeof types === 'string') return types;
  const file = {
    kind: 'file',
    path,
    name,
    hash: async () => there.seen,
    confirm: () => there.confirm(),
  } as const;
  const { raw, table } = await openTableFile(context, configured, file, state.schema);
  if (guardKey(state.primaryKey, table.key).length > 0) return 'its key is another than before';
  const reading = { context, table, raw, recorded: recordedColumns(state), accept: () => true };
  const change = await likelyChange(reading);
  const hashed = hashedColumns(raw, table, change.schema);
  const isAsBefore =
    isSameSchema(change, state.schema) &&
    state.readAs === readAs(configured) &&
    hashVersion(raw, hashed) === state.base.hashVersion;
  if (!isAsBefore || state.base.rows === 0)
    return 'its columns, their types or how it is read are others than when its base was written';
  const typeIn = byName(state.schema);
  const other = raw.columns.find((column) => typeIn(column.name)?.type !== column.typed?.type);
  if (other !== undefined) return `the lake has its column ${other.name} in another type than its file`;
  return { raw, types, schema: state.schema, key: table.key, hashed, table, there, known, change };
}

/** What Spark reads columns of these types as; it reads no others as DuckDB does. */
const READ_AS: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'TINYINT',
  SMALLINT: 'SMALLINT',
  INTEGER: 'INTEGER',
  BIGINT: 'BIGINT',
  UTINYINT: 'SMALLINT',
  USMALLINT: 'INTEGER',
  UINTEGER: 'BIGINT',
  UBIGINT: 'DECIMAL(20,0)',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'VARCHAR',
  DATE: 'DATE',
  TIMESTAMP_MS: 'TIMESTAMP',
  TIMESTAMP: 'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP WITH TIME ZONE',
};

function readType(type: string): string | undefined {
  return type.startsWith('DECIMAL(') ? type : READ_AS[type];
}

/** The types of a file's columns; a text where Spark reads one of them otherwise. */
async function typesOf({ engine }: RunContext, path: string): Promise<readonly string[] | Told> {
  try {
    const elements = await readParquetSchema(engine, path);
    const described = await engine.describe(`SELECT * FROM ${parquetFile(path)}`);
    const strange = elements.findIndex(
      (element, index) =>
        element.parts.length > 0 || isCut(element) || readType(described[index]?.type ?? '') === undefined,
    );
    if (strange >= 0) {
      const { name, logicalType, physicalType, parts } = elements[strange] ?? {};
      const type = (parts ?? []).length > 0 ? 'nested' : logicalType === '' ? physicalType : logicalType;
      return `Spark may read other values of its column ${name ?? ''} (${type ?? ''})`;
    }
    // Dates before 1582 in files of old Sparks are those of another calendar, which Spark alone goes by.
    const [old] = await engine.rows(`SELECT 1 FROM parquet_kv_metadata(${quotePath(path)})
      WHERE decode(key) IN ('org.apache.spark.legacyDateTime', 'org.apache.spark.legacyINT96')
        OR (decode(key) = 'org.apache.spark.version' AND regexp_matches(decode(value), '^[12]\\.'))`);
    return old === undefined ? described.map(({ type }) => type) : 'its file has dates of another calendar';
  } catch (error) {
    if (error instanceof EngineError && !error.isInternal) return 'its file is no readable Parquet';
    throw error;
  }
}

const FILE = 'igarape_file';
const OVERRIDES = 'igarape_overrides';
const ADDED = 'igarape_added';

async function compareThere(
  context: RunContext,
  { clusterFor, staging }: NonNullable<RunContext['spark']>,
  opened: Opened,
): Promise<ExaminedOnSpark> {
  const { engine, runDir, edge } = context;
  const { raw, table, there, known, change } = opened;
  const { state } = known;
  const hasDoubles = state.schema.some(({ type }) => type === 'double');
  await using spark = new OnSpark(
    { engine, workDir: runDir, log: edge.log, storage: staging },
    clusterFor(hasDoubles),
  );
  const shown = await show(context, spark, opened);
  const rendered = shown ?? (await spark.render(pairsOf(opened, FILE, BASE)));
  if (rendered.kind === 'refused')
    return refused(`Spark has no equal for ${rendered.refusals.map(({ what }) => what).join(', ')}`);
  edge.onProgress({ step: 'spark', table: table.name, done: 0 });
  const computed = await spark
    .compute(rendered)
    .catch((error: unknown) => cannotReadFiles(error) ?? Promise.reject(error));
  if (typeof computed === 'string')
    return refused(`Spark cannot read its files: ${computed}`, spark.statements);
  const { sql } = await spark.fetch(computed);
  await there.confirm();
  const taken = await takePairs(engine, sql, opened, state.base.rows).catch((error: unknown) => {
    // What the engine reads in the file itself, it tells the file's reader of.
    if (error instanceof EngineError && /UTF-?8/i.test(error.message)) return undefined;
    throw error;
  });
  if (taken === undefined) return refused('a text in it is not UTF-8', spark.statements);
  if (taken.kind === 'not-unique' || (taken.added > 0 && (await hasSharedHash(engine, spark))))
    return refused('its keys, or the hashes of these, are not unique', spark.statements);
  const reading = {
    context,
    table,
    raw,
    recorded: recordedColumns(state),
    accept: acceptedBy(context, table, state),
  };
  const found = { table: taken.table, base: BASE, isBaseWhole: false };
  const compared = await compareFound({ ...reading, state }, change, found);
  if (compared === undefined) return refused('a type has changed its meaning', spark.statements);
  const outcome = await conclude(
    context,
    { table, raw, file: { hash: async () => there.seen }, known },
    compared,
  );
  return { kind: 'examined', outcome, statements: spark.statements };
}

/** Lets names stand for the file and for the base, as they lie there. */
async function show(
  { request: { storage } }: RunContext,
  spark: OnSpark,
  { raw, types, schema, there, known }: Opened,
): ReturnType<OnSpark['define']> {
  const own = raw.columns.map(({ name }, index) => ({ name, type: readType(types[index] ?? '') ?? '' }));
  await spark.show(FILE, expected(there.uri, own));
  const hashes = [KEY_HASH, ROW_HASH].map((name) => ({ name, type: 'DECIMAL(20,0)' }));
  const columns = [...schema.map(({ name, type }) => ({ name, type: describedType(type) })), ...hashes];
  const live = { name: LIVE, type: 'BOOLEAN' };
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const segments: string[] = [];
  for (const [index, { key }] of known.state.base.segments.entries()) {
    const name = `igarape_segment_${index}`;
    await spark.show(name, expected(`${storage.uri}/${key}`, index === 0 ? columns : [...columns, live]));
    segments.push(name);
  }
  const [full = '', ...later] = segments;
  const rowsOf = (name: string): string => `SELECT ${names} FROM ${name}`;
  if (later.length === 0) return spark.define(BASE, rowsOf(full));
  return (
    (await spark.define(OVERRIDES, overridesOf(later))) ??
    (await spark.define(BASE, liveRows(rowsOf(full), later.map(rowsOf), OVERRIDES)))
  );
}

function expected(uri: string, columns: readonly SparkColumn[]): Parameters<OnSpark['show']>[1] {
  const schema = columns.map(({ name, type }) => `${sparkName(name)} ${sparkType(type)}`).join(', ');
  return { from: { uri, schema }, columns };
}

/** Whether a row that is new has the hash of another key's, by which the base would lose that one. */
async function hasSharedHash(engine: Engine, spark: OnSpark): Promise<boolean> {
  await spark.show(ADDED, await spark.upload(ADDED_HASHES));
  const rendered = await spark.render(
    `SELECT ${KEY_HASH} FROM ${BASE} SEMI JOIN ${ADDED} USING (${KEY_HASH})`,
  );
  if (rendered.kind === 'refused') throw new RangeError('A join by hashes is rendered.');
  const { sql } = await spark.fetch(await spark.compute(rendered));
  return (await engine.rows(`${sql} LIMIT 1`)).length > 0;
}
