import { sameName } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import type { RawTable } from './raw-table.ts';

/** Columns that a snapshot has beside the table's own: 64-bit hashes of the key and of what makes a change. */
export const KEY_HASH = '_igarape_key_hash';
export const ROW_HASH = '_igarape_row_hash';

/** The columns that the hashes are taken over, in order. */
export interface HashedColumns {
  readonly key: readonly string[];
  readonly row: readonly string[];
}

/**
 * SQL: both hashes of a raw row, `AS` their names.
 *
 * They are taken over the values as the file has them, before these get a type. So a row whose hashes are known is one
 * whose values were checked against their types before, and a type that widens changes no hash. A value that is only
 * written in another way changes its hash, and is then seen to be the same.
 */
export function hashColumns(table: RawTable, hashed: HashedColumns): string {
  const hash = (names: readonly string[]): string => {
    const values = names.flatMap(
      (name) => table.columns.find((column) => sameName(column.name, name))?.hashed ?? [],
    );
    return `hash(${values.length === 0 ? '0' : values.join(', ')})`;
  };
  return `${hash(hashed.key)} AS ${KEY_HASH}, ${hash(hashed.row)} AS ${ROW_HASH}`;
}

/** Two snapshots' hashes can be compared only where this is equal: DuckDB's hash function, what it is taken over. */
export async function hashVersion(engine: Engine, table: RawTable, hashed: HashedColumns): Promise<string> {
  const [row] = await engine.rows('SELECT version() AS version');
  return JSON.stringify({ by: `duckdb ${String(row?.['version'])}`, over: table.dialect, ...hashed });
}
