import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quotePath, quotePaths } from '../../engine/quote.ts';
import { type ColumnMapping, fieldId, physicalName } from '../schema/column-mapping.ts';
import type { StructField } from '../schema/schema.ts';
import { parseSqlType, type SqlType } from '../schema/sql-type.ts';

/** Files that have the same columns. */
export interface AlikeFiles {
  readonly paths: ReadonlySet<string>;
  /** The type that a column of the table has in them; undefined where they lack it. */
  readonly typeOf: (field: StructField) => SqlType | undefined;
}

/** Looks into files, and puts those together that have the same columns: of many there are few kinds. */
export async function alikeFiles(
  engine: Engine,
  mapping: ColumnMapping,
  paths: readonly string[],
): Promise<AlikeFiles[]> {
  const kinds = await engine.rows(
    `SELECT string_agg(file, chr(0)) AS files FROM (
      SELECT file_name AS file, list([name, duckdb_type, CAST(field_id AS VARCHAR), CAST(num_children AS VARCHAR)]) AS columns
      FROM parquet_schema(${quotePaths([...new Set(paths)])}) GROUP BY file_name) GROUP BY columns`,
  );
  return Promise.all(
    kinds.map(async ({ files }) => {
      const [first = '', ...others] = String(files).split('\0');
      const columns = await engine.describe(`SELECT * FROM ${parquetFile(first)}`);
      const types = new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]));
      const names = mapping === 'id' ? await namesById(engine, first) : undefined;
      const typeOf = (field: StructField): SqlType | undefined => {
        const name = names === undefined ? physicalName(field, mapping) : names.get(fieldId(field));
        const type = types.get(name?.toLowerCase() ?? '');
        return type === undefined ? undefined : parseSqlType(type);
      };
      return { paths: new Set([first, ...others]), typeOf };
    }),
  );
}

async function namesById(engine: Engine, path: string): Promise<ReadonlyMap<number, string>> {
  const rows = await engine.rows(
    `SELECT field_id, name FROM parquet_schema(${quotePath(path)}) WHERE field_id IS NOT NULL`,
  );
  return new Map(rows.map(({ field_id: id, name }) => [Number(id), String(name)]));
}
