import { parquetFile, quotePath, quoteText } from '../../engine/quote.ts';
import type { Disk } from '../files/disk.ts';
import { type ColumnMapping, fieldId, physicalName } from '../schema/column-mapping.ts';
import type { DeltaType, StructField } from '../schema/schema.ts';

/**
 * Columns that some files hold as bytes where the table has text, which old writers did not mark as such, or the other
 * way round; and the indexes of these files.
 */
export type UnmarkedTexts = ReadonlyMap<StructField, readonly number[]>;

/** Looks into files for such columns, of the outermost ones. */
export async function findUnmarkedTexts(
  { engine }: Disk,
  mapping: ColumnMapping,
  fields: readonly StructField[],
  paths: readonly string[],
): Promise<UnmarkedTexts> {
  const keyOf = (field: StructField): string =>
    mapping === 'id' ? String(fieldId(field)) : physicalName(field, mapping);
  const byKey = new Map(
    fields
      .filter(({ type }) => type === 'string' || type === 'binary')
      .map((field) => [keyOf(field), field] as const),
  );
  const keys = (type: DeltaType): string =>
    [...byKey].flatMap(([key, field]) => (field.type === type ? [quoteText(key)] : [])).join(', ') || 'NULL';
  const key = mapping === 'id' ? 'CAST(field_id AS VARCHAR)' : 'name';
  // Inner columns may have these names, too.
  const candidates = await engine.rows(
    `SELECT DISTINCT file_name, name, ${key} AS key FROM parquet_schema([${[...new Set(paths)].map(quotePath).join(', ')}])
      WHERE (duckdb_type = 'BLOB' AND ${key} IN (${keys('string')})) OR (duckdb_type = 'VARCHAR' AND ${key} IN (${keys('binary')}))`,
  );
  const found = new Map<StructField, number[]>();
  for (const { file_name: file, name, key: at } of candidates) {
    const field = byKey.get(String(at));
    const columns = await engine.describe(`SELECT * FROM ${parquetFile(String(file))}`);
    const column = columns.find((one) => one.name === name);
    if (field === undefined || typeof field.type !== 'string' || column?.type !== OTHER_TYPE[field.type])
      continue;
    const indexes = paths.flatMap((path, index) => (path === file ? [index] : []));
    found.set(field, [...(found.get(field) ?? []), ...indexes]);
  }
  return found;
}

const OTHER_TYPE: Readonly<Record<string, string>> = { string: 'BLOB', binary: 'VARCHAR' };

/** What a column of {@link UnmarkedTexts} is to be read as. Bytes that are read as text are escaped, and come back whole. */
export const UNMARKED_TYPE = 'VARCHAR';

/** @param files SQL that is true for the rows of files that hold it as the other. */
export function unmarkedSql(column: string, { type }: StructField, files: string): string {
  const bytes = `CAST(${column} AS BLOB)`;
  return type === 'string'
    ? `CASE WHEN ${files} THEN decode(${bytes}) ELSE ${column} END`
    : `CASE WHEN ${files} THEN encode(${column}) ELSE ${bytes} END`;
}
