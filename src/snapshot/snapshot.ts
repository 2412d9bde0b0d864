import type { Schema } from '../core/schema.ts';
import { sameName, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { readerOf } from './column-types.ts';
import type { RawColumn, RawTable } from './raw-table.ts';

/** The columns that a snapshot file has beside the table's own: 64-bit hashes of the key and of what makes a change. */
export const KEY_HASH = '_igarape_key_hash';
export const ROW_HASH = '_igarape_row_hash';

/** A table at one source version, as a local Parquet file. */
export interface Snapshot {
  readonly path: string;
  readonly rows: number;
  readonly schema: Schema;
  /** How its hashes were taken; hashes of two snapshots can be compared only where this is equal. */
  readonly hashVersion: string;
}

/** What the hashes are taken over. */
export interface HashedColumns {
  readonly key: readonly string[];
  readonly row: readonly string[];
}

const DRIFT = 'igarape: a value does not fit its column';

/**
 * Reads the whole table into a Parquet file, every value in the type that `schema` says.
 *
 * @returns undefined where a value does not keep its meaning in its type, so that the schema has to change first.
 */
export async function writeSnapshot(
  engine: Engine,
  table: RawTable,
  schema: Schema,
  hashed: HashedColumns,
  path: string,
): Promise<Snapshot | undefined> {
  const values = schema.map((column) => {
    const raw = table.columns.find((candidate) => sameName(candidate.name, column.name));
    return `${raw === undefined ? `CAST(NULL AS ${sqlType(column.type)})` : typedValue(raw, column.type)} AS ${quoteName(column.name)}`;
  });
  const typed = `SELECT ${values.join(', ')} FROM ${table.relation}`;
  try {
    const rows = await copyWithHashes(engine, typed, hashed, path);
    return { path, rows, schema, hashVersion: await hashVersion(engine, schema, hashed) };
  } catch (error) {
    if (error instanceof Error && error.message.includes(DRIFT)) return undefined;
    throw table.explain(error);
  }
}

/** Writes a relation of typed columns as a snapshot file; resolves the number of rows. */
export async function copyWithHashes(
  engine: Engine,
  select: string,
  hashed: HashedColumns,
  path: string,
): Promise<number> {
  const [copied] = await engine.rows(
    `COPY (SELECT *, ${hash(hashed.key)} AS ${KEY_HASH}, ${hash(hashed.row)} AS ${ROW_HASH} FROM (${select}))
     TO ${quoteText(path)} (FORMAT parquet)`,
  );
  return Number(copied?.['Count'] ?? 0);
}

/** Changes with DuckDB's hash function, the columns that are hashed, and their types. */
export async function hashVersion(engine: Engine, schema: Schema, hashed: HashedColumns): Promise<string> {
  const [engineVersion] = await engine.rows('SELECT version() AS version');
  const typeOf = (name: string): string => `${name} ${schema.find((column) => column.name === name)?.type ?? ''}`;
  return JSON.stringify({ 
    by: `duckdb ${String(engineVersion?.['version'])}`,
    key: hashed.key.map(typeOf),
    row: hashed.row.map(typeOf),
  });
}

function hash(columns: readonly string[]): string {
  return columns.length === 0 ? 'hash(0)' : `hash(${columns.map(quoteName).join(', ')})`;
}

function typedValue(raw: RawColumn, type: Schema[number]['type']): string {
  if (raw.typed?.type === type) return raw.typed.sql;
  if (type === 'text') return raw.typed === undefined ? raw.text : `CAST(${raw.typed.sql} AS VARCHAR)`;
  const reader = readerOf(type, raw);
  return `CASE WHEN ${raw.text} IS NULL THEN NULL WHEN ${reader.holds} THEN ${reader.value} ELSE error('${DRIFT}') END`;
}
