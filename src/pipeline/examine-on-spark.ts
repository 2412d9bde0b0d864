import { BASE } from '../changes/base.ts';
import { ADDED_HASHES, pairsOf, type Pairing, takePairs } from '../changes/suspects-there.ts';
import type { TableConfig } from '../config/config.ts';
import { EngineError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import { byName, sameNames } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { isSameSchema, type SchemaChange } from '../snapshot/evolve.ts';
import { hashVersion, KEY_HASH, NO_HASHES } from '../snapshot/hashes.ts';
import type { Fetched, TableState } from '../source/port.ts';
import { cannotReadFiles } from '../spark/cluster.ts';
import type { OnSpark } from '../spark/on-spark.ts';
import { rewrittenBase, showBase } from './base-on-spark.ts';
import { changedThere, STATEMENTS_THERE } from './changed-on-spark.ts';
import { compareFound, type Found } from './compare-table.ts';
import { type ExaminedOnSpark, isLarge, openOnSpark, refused } from './comparing-spark.ts';
import type { ComparingSpark, RunContext } from './context.ts';
import { conclude, type KnownTable, recordedColumns } from './examine.ts';
import { alike, FILE, type FilesAlike, type FilesThere, openThere, showFiles } from './files-there.ts';
import { examineFirstOnSpark } from './first-on-spark.ts';
import { likelyChange } from './fit-types.ts';
import { withFolderTypes } from './folder-columns.ts';
import { readAs } from './read-as.ts';
import { hashedColumns, openTableFile } from './table-file.ts';

/**
 * As `examineTable`, of Parquet files in a bucket, with rows that Spark has found to be others than the base's: no file is
 * fetched, and neither is the base. Which of them are changes, and all that follows, is decided here as always.
 *
 * @throws IgarapeError SPARK_…
 */
export async function examineOnSpark(
  context: RunContext,
  configured: TableConfig,
  state: Extract<TableState, { kind: 'present' }>,
  known: KnownTable | undefined,
): Promise<ExaminedOnSpark> {
  const { spark, request } = context;
  const { engine } = request.config;
  if (engine.type === 'databricks' && engine.compute.kind === 'warehouse')
    return refused('a warehouse of Databricks reads no files in the types that are expected');
  const early = refusalOf(configured);
  if (early !== undefined) return refused(early);
  const there = await openThere(context, state);
  if (typeof there === 'string') return refused(there);
  if (spark === undefined) throw new RangeError('Where Spark is configured, it is at hand.');
  if (known === undefined) return examineFirstOnSpark(context, spark, configured, there);
  const opened = await open(context, configured, there, known);
  if (typeof opened === 'string') return refused(opened);
  return compareThere(context, spark, opened);
}

/** What is known before the files are looked at. */
function refusalOf({ mode, isRowKey, duplicates }: TableConfig): Told | undefined {
  if (mode === 'append') return 'it only ever grows';
  if (isRowKey) return 'its key is the whole row';
  return duplicates === undefined ? undefined : 'it has "duplicates"';
}

/** A table that Spark can compare. */
interface Opened extends Pairing {
  readonly table: TableConfig;
  readonly file: Fetched;
  readonly files: readonly FilesAlike[];
  readonly known: KnownTable;
  readonly change: SchemaChange;
}

/** The table as its files and the lake have it; a text says why Spark does not compare it. */
async function open(
  context: RunContext,
  configured: TableConfig,
  there: FilesThere,
  known: KnownTable,
): Promise<Opened | Told> {
  const { state } = known;
  const file = there.opened;
  const { raw: read, table } = await openTableFile(context, configured, file, state.schema);
  const raw = await withFolderTypes(context.engine, read, table, state.schema);
  if (typeof raw === 'string') return raw;
  if (!sameNames(state.primaryKey, table.key)) return 'its key is another than before';
  const reading = { context, table, raw, recorded: recordedColumns(state) };
  const change = await likelyChange(reading);
  const hashed = hashedColumns(raw, table, change.schema);
  const isAsBefore =
    isSameSchema(change, state.schema) &&
    state.readAs === readAs(configured) &&
    (hasNoHashes(state) || hashVersion(raw, hashed) === state.base.hashVersion);
  if (!isAsBefore || state.base.rows === 0)
    return 'its columns, their types or how it is read are others than when its base was written';
  const typeIn = byName(state.schema);
  const other = raw.columns.find((column) => typeIn(column.name)?.type !== column.typed?.type);
  if (other !== undefined) return `the lake has its column ${other.name} in another type than its file`;
  const types = (await context.engine.describe(`SELECT * FROM ${raw.relation}`)).map(({ type }) => type);
  const files = alike(there, raw);
  return { raw, types, schema: state.schema, key: table.key, hashed, table, file, files, known, change };
}

function hasNoHashes({ base }: KnownTable['state']): boolean {
  return base.hashVersion === NO_HASHES;
}

const ADDED = 'igarape_added';

async function compareThere(
  context: RunContext,
  comparing: ComparingSpark,
  opened: Opened,
): Promise<ExaminedOnSpark> {
  const { engine, edge } = context;
  const { raw, table, file, known, change } = opened;
  const { state } = known;
  await using spark = openOnSpark(context, comparing, state.schema, comparing.staging);
  const shown = (await showFiles(spark, opened.files)) ?? (await showBase(context, spark, state));
  const rendered = shown ?? (await spark.render(pairsOf(opened, FILE, BASE)));
  if (rendered.kind === 'refused')
    return refused(`Spark has no equal for ${rendered.refusals.map(({ what }) => what).join(', ')}`);
  edge.onProgress({ step: 'spark', table: table.name, done: 0 });
  const computed = await spark
    .compute(rendered)
    .catch((error: unknown) => cannotReadFiles(error) ?? Promise.reject(error));
  if (typeof computed === 'string')
    return refused(`Spark cannot read its files: ${computed}`, spark.statements);
  await file.confirm();
  const found = await spark.stored(computed);
  if (await isLarge(context, found)) {
    const keys = found.map(({ key }) => key);
    spark.keep(keys);
    comparing.leftovers.push(...keys);
    const changed = await changedThere(context, comparing, spark, computed, { ...opened, state });
    if (changed.kind === 'refused') return refused(changed.reason, spark.statements);
    const outcome = await conclude(context, { table, raw, file, known }, changed);
    const statements = changed.changedRows > 0 ? STATEMENTS_THERE : spark.statements;
    return { kind: 'examined', outcome, statements };
  }
  const { sql } = await spark.fetch(computed);
  const taken = await takePairs(engine, sql, opened, state.base.rows).catch((error: unknown) => {
    // What the engine reads in the file itself, it tells the file's reader of.
    if (error instanceof EngineError && /UTF-?8/i.test(error.message)) return undefined;
    throw error;
  });
  if (taken === undefined) return refused('a text in it is not UTF-8', spark.statements);
  const mayShareHash = taken.kind === 'found' && taken.added > 0 && !hasNoHashes(state);
  if (taken.kind === 'not-unique' || (mayShareHash && (await hasSharedHash(engine, spark))))
    return refused('its keys, or the hashes of these, are not unique', spark.statements);
  const reading = { context, table, raw, recorded: recordedColumns(state) };
  const suspects: Found = {
    table: taken.table,
    isBaseWhole: false,
    withBase: (_, compareBase) => compareBase(BASE),
  };
  const compared = await compareFound({ ...reading, state }, change, suspects);
  if (compared === undefined) return refused('a type has changed its meaning', spark.statements);
  const isBaseLarge = await isLarge(context, state.base.segments);
  const outcome = await conclude(
    context,
    { table, raw, file, known },
    isBaseLarge
      ? {
          ...compared,
          rewrittenBase: () => rewrittenBase(context, comparing, { name: table.name, state }, compared.rows),
        }
      : compared,
  );
  return { kind: 'examined', outcome, statements: spark.statements };
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
