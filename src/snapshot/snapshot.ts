import { byName, type ColumnType, type Schema, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { readerOf } from './column-types.ts';
import { type HashedColumns, hashColumns } from './hashes.ts';
import {
  alikeColumns,
  columnsToCheck,
  explained,
  listOf,
  type RawColumn,
  type RawRows,
  type RawTable,
  requireAllRows,
} from './raw-table.ts';

const DRIFT = 'igarape: a value does not fit its column';

/**
 * Runs `statement` around the SELECT that reads a raw table in the types that `schema` says, with the row's hashes.
 *
 * @returns undefined where a value does not keep its meaning in its type, so that the schema has to change first.
 */
export async function readTyped<T>(
  table: RawRows,
  schema: Schema,
  hashes: string,
  statement: (select: string) => Promise<T>,
): Promise<T | undefined> {
  const rawColumn = byName(table.columns);
  const values = schema.map(({ name, type }) => {
    const raw = rawColumn(name);
    const value = raw === undefined ? `CAST(NULL AS ${sqlType(type)})` : typedValue(raw, type);
    return `${value} AS ${quoteName(name)}`;
  });
  const checks = [...columnsToCheck(table, schema)].flatMap(([type, columns]) => allHold(type, columns));
  try {
    const where = checks.length === 0 ? '' : ` WHERE ${checks.join(' AND ')}`;
    const select = `SELECT ${[...values, hashes].join(', ')} FROM ${table.relation}${where}`;
    return await explained(table.explain, statement(select));
  } catch (error) {
    if (error instanceof Error && error.message.includes(DRIFT)) return undefined;
    throw error;
  }
}

/** Reads the whole table into a Parquet file; resolves the number of rows, or undefined as {@link readTyped}. */
export async function writeSnapshot(
  engine: Engine,
  table: RawTable,
  schema: Schema,
  hashed: HashedColumns,
  path: string,
): Promise<number | undefined> {
  const rows = await readTyped(table, schema, hashColumns(table, hashed), (select) =>
    copyToParquet(engine, select, path),
  );
  if (rows !== undefined) requireAllRows(table, rows);
  return rows;
}

/**
 * What only igarapé reads may have the newer encodings, which are both smaller and faster. Higher levels of zstd take
 * more time, and of values that repeat little, such as keys, they save nothing.
 */
const OWN_PARQUET = 'FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, COMPRESSION_LEVEL 2';

/** Writes a file of the lake's own; resolves the number of rows. */
export async function copyToParquet(engine: Engine, select: string, path: string): Promise<number> {
  const [copied] = await engine.rows(
    `COPY (${select}) TO ${quoteText(path)} (${OWN_PARQUET}, ${engine.parquetSizes})`,
  );
  return Number(copied?.['Count'] ?? 0);
}

function typedValue(raw: RawColumn, type: ColumnType): string {
  if (raw.typed?.type === type) return raw.typed.sql;
  if (type === 'text') return raw.typed === undefined ? raw.text : `CAST(${raw.typed.sql} AS VARCHAR)`;
  return readerOf(type, raw).value;
}

/** Columns whose values one list holds: with all of a wide table's it would be as large as the table's rows at once. */
const COLUMNS_AT_ONCE = 100;

/** SQL: true, or an error where a value of the columns does not keep its meaning in `type`. */
function allHold(type: ColumnType, columns: readonly RawColumn[]): string[] {
  return alikeColumns(columns, COLUMNS_AT_ONCE).map((some) => {
    const [first] = some;
    const misfit = `${first.text} IS NOT NULL AND NOT (${readerOf(type, first).holds})`;
    const misfits = `list_filter(${listOf(some)}, lambda ${quoteName(first.name)}: ${misfit})`;
    return `CASE WHEN len(${misfits}) = 0 THEN true ELSE error('${DRIFT}') END`;
  });
}
