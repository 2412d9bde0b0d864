import { sameName, type Schema, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { readerOf } from './column-types.ts';
import { type HashedColumns, hashColumns } from './hashes.ts';
import { explained, type RawColumn, type RawTable, requireAllRows } from './raw-table.ts';

const DRIFT = 'igarape: a value does not fit its column';

/**
 * Runs `statement` around the SELECT that reads a raw table in the types that `schema` says, with the row's hashes.
 *
 * @returns undefined where a value does not keep its meaning in its type, so that the schema has to change first.
 */
export async function readTyped<T>(
  table: RawTable,
  schema: Schema,
  hashes: string,
  statement: (select: string) => Promise<T>,
): Promise<T | undefined> {
  const values = schema.map((column) => {
    const raw = table.columns.find((candidate) => sameName(candidate.name, column.name));
    const value = raw === undefined ? `CAST(NULL AS ${sqlType(column.type)})` : typedValue(raw, column.type);
    return `${value} AS ${quoteName(column.name)}`;
  });
  try {
    const select = `SELECT ${[...values, hashes].join(', ')} FROM ${table.relation}`;
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

/** Resolves the number of rows written. */
export async function copyToParquet(engine: Engine, select: string, path: string): Promise<number> {
  const [copied] = await engine.rows(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`);
  return Number(copied?.['Count'] ?? 0);
}

function typedValue(raw: RawColumn, type: Schema[number]['type']): string {
  if (raw.typed?.type === type) return raw.typed.sql;
  if (type === 'text') return raw.typed === undefined ? raw.text : `CAST(${raw.typed.sql} AS VARCHAR)`;
  const reader = readerOf(type, raw);
  return `CASE WHEN ${raw.text} IS NULL THEN NULL WHEN ${reader.holds} THEN ${reader.value} ELSE error('${DRIFT}') END`;
}
