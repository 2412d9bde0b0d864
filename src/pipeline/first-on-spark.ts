import type { TableConfig } from '../config/config.ts';
import { byName, type Schema } from '../core/schema.ts';
import { quoteName } from '../engine/quote.ts';
import type { RowsThere } from '../lake/stage.ts';
import { evolveSchema } from '../snapshot/evolve.ts';
import { NO_HASHES } from '../snapshot/hashes.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import { cannotReadFiles } from '../spark/cluster.ts';
import { sparkName } from '../spark/dialect/quote.ts';
import type { OnSpark } from '../spark/on-spark.ts';
import { writtenBase } from './base-on-spark.ts';
import { brokenTexts, type ExaminedOnSpark, openOnSpark, refused } from './comparing-spark.ts';
import type { ComparingSpark, RunContext } from './context.ts';
import { alike, FILE, type FilesAlike, type FilesThere, showFiles } from './files-there.ts';
import { firstLoad } from './examine-first.ts';
import { withFolderTypes } from './folder-columns.ts';
import { namesOf, openTableFile } from './table-file.ts';

/** A table that Spark can load. */
interface First {
  readonly table: TableConfig;
  readonly raw: RawTable;
  readonly schema: Schema;
  readonly files: readonly FilesAlike[];
}

/** The check, the rows, their sums. */
const STATEMENTS = 3;

/**
 * As `examineFirst`, of files that Spark reads where they lie. It looks whether they can be a table; the rows are written
 * when the run stages them, in parts that are the full-load and the base alike, so that the base has no hashes.
 *
 * @throws IgarapeError SPARK_…
 */
export async function examineFirstOnSpark(
  context: RunContext,
  comparing: ComparingSpark,
  configured: TableConfig,
  there: FilesThere,
): Promise<ExaminedOnSpark> {
  const { edge } = context;
  const file = there.opened;
  const { raw: read, table } = await openTableFile(context, configured, file, []);
  const raw = await withFolderTypes(context.engine, read, table, []);
  if (typeof raw === 'string') return refused(raw);
  const untyped = raw.columns.find(({ typed }) => typed === undefined);
  if (untyped !== undefined) return refused(`the type of its column ${untyped.name} is found in its values`);
  if (raw.rows === 0) return refused('it has no rows');
  const types = raw.columns.flatMap(({ name, typed }) =>
    typed === undefined ? [] : [{ name, type: typed.type }],
  );
  const { schema } = evolveSchema([], namesOf(raw), types, table.key, table.types);
  const typeOf = byName(types);
  const other = schema.find(({ name, type }) => typeOf(name)?.type !== type);
  if (other !== undefined)
    return refused(`the lake has its column ${other.name} in another type than its file`);
  const first = { table, raw, schema, files: alike(there, raw) };
  await using spark = openOnSpark(context, comparing, schema, comparing.staging);
  const rows = await typedRows(spark, first);
  if (rows.kind === 'refused')
    return refused(`Spark has no equal for ${rows.refusals.map(({ what }) => what).join(', ')}`);
  edge.onProgress({ step: 'spark', table: table.name, done: 0 });
  const found = await spark
    .summary(rows, checksOf(first))
    .catch((error: unknown) => cannotReadFiles(error) ?? Promise.reject(error));
  if (typeof found === 'string') return refused(`Spark cannot read its files: ${found}`, spark.statements);
  await file.confirm();
  if (Number(found['broken']) > 0) return refused('a text in it is not UTF-8', spark.statements);
  if (Number(found['keys']) !== raw.rows)
    return refused('its keys are not unique, or missing', spark.statements);
  const { rows: count } = raw;
  const written = writtenBase(
    context,
    comparing,
    { name: table.name, schema, rows: count, hashVersion: NO_HASHES },
    (place) => typedRows(place, first),
  );
  const write = async (attempt: string): Promise<RowsThere> => {
    const found = await written.write(attempt);
    await file.confirm();
    return found;
  };
  return {
    kind: 'examined',
    outcome: firstLoad({ table, raw, file }, schema, { ...written, write }),
    statements: STATEMENTS,
  };
}

/** The files' rows in the table's types. */
async function typedRows(spark: OnSpark, { raw, files }: First): ReturnType<OnSpark['render']> {
  const strange = await showFiles(spark, files);
  if (strange !== undefined) return strange;
  const list = raw.columns.map(({ name, typed }) => `${typed?.sql ?? 'NULL'} AS ${quoteName(name)}`);
  return spark.render(`SELECT ${list.join(', ')} FROM ${FILE}`);
}

/** Spark SQL: how many keys there are, without those that are null in part, and how many rows with a text that is none. */
function checksOf({ table, schema }: First): string[] {
  return [
    `count(DISTINCT ${table.key.map(sparkName).join(', ')}) AS keys`,
    `${brokenTexts(schema)} AS broken`,
  ];
}
