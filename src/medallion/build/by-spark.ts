import type { ParquetFiles } from '../../delta/write/new-rows.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import { sqlColumns } from '../../delta/schema/sql-schema.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import { parquetFile, quoteName, quotePath } from '../../engine/quote.ts';
import { lineAt } from '../../engine/sql-tree.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { haveSameColumns } from './columns-alike.ts';
import { modelSchema } from './model-error.ts';
import type { Fetched, OnSpark, Refused } from '../../spark/on-spark.ts';
import type { Source } from './sources.ts';
import { hiddenColumns } from './understand.ts';

/** All rows of a model, computed by Spark. */
export interface SparkRows {
  /** A SELECT of them, in the columns and types that the model has. */
  readonly sql: string;
  readonly schema: StructType;
  /** Takes the files for the table's own, where they can become that as they are. */
  readonly take: (() => ParquetFiles) | undefined;
}

export type BySpark =
  | { readonly kind: 'computed'; readonly rows: SparkRows }
  /** DuckDB computes it: why, for users. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * The rows of a model of these versions of its sources, computed by Spark in one statement.
 *
 * @throws IgarapeError SPARK_…
 */
export async function rowsBySpark(
  tables: LayerTables,
  spark: OnSpark,
  model: Model,
  sources: readonly Source[],
): Promise<BySpark> {
  for (const { table, delta, wanted } of sources) {
    const hidden = hiddenColumns(table, model);
    const shown = wanted.schema.fields.filter(({ name }) => !hidden.includes(name.toLowerCase()));
    const columns = sqlColumns(shown);
    const from = { uri: delta.uri, version: wanted.version };
    await spark.show(`${quoteName(table.layer)}.${quoteName(table.name)}`, { from, columns });
  }
  const rendered = await spark.render(model.sql);
  if (rendered.kind === 'refused') return { kind: 'refused', reason: noEqual(rendered, model) };
  const { engine } = tables.edge;
  const nulls = rendered.columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`);
  const schema = await modelSchema(engine, model, `SELECT ${nulls.join(', ')}`);
  const fetched = await spark.fetch(await spark.compute(rendered));
  const take = await takenBy(tables, spark, fetched, schema);
  return { kind: 'computed', rows: { sql: fetched.sql, schema, take } };
}

/** Why DuckDB computes what Spark was to, for users. @param model Whose SELECT was refused, as it is written. */
export function noEqual({ refusals }: Refused, model?: Model): string {
  const lines = refusals.map(({ what, offset }) => `${what}${lineOf(model, offset)}`);
  return `Spark has no equal for ${[...new Set(lines)].join(', ')}`;
}

function lineOf(model: Model | undefined, offset: number | undefined): string {
  if (model === undefined || offset === undefined) return '';
  return ` (line ${lineAt(model.sql, offset)})`;
}

/** What takes Spark's files for a table's own; undefined where they cannot become that as they are. */
export async function takenBy(
  { edge: { engine } }: LayerTables,
  spark: OnSpark,
  { files }: Fetched,
  schema: StructType,
): Promise<SparkRows['take']> {
  const all = `SELECT * FROM ${parquetFile(...files.values())}`;
  if (!haveSameColumns(await schemaOf(engine, all), schema)) return undefined;
  // Of no rows Spark writes a file all the same.
  const copies = new Map<string, string>();
  for (const [key, path] of files) {
    const [row] = await engine.rows(`SELECT num_rows FROM parquet_file_metadata(${quotePath(path)})`);
    if (Number(row?.['num_rows']) > 0) copies.set(key, path);
  }
  if (copies.size === 0) return undefined;
  return () => {
    const keys = [...copies.keys()];
    spark.keep(keys);
    return { files: keys, copies };
  };
}
