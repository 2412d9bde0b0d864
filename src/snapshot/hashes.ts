import { byName, type ColumnType, type Schema } from '../core/schema.ts';
import { engineVersion } from '../engine/duckdb.ts';
import { readerOf } from './column-types.ts';
import type { RawColumn, RawTable } from './raw-table.ts';

/** Columns that a snapshot has beside the table's own: 64-bit hashes of the key and of what makes a change. */
export const KEY_HASH = '_igarape_key_hash';
export const ROW_HASH = '_igarape_row_hash';

/** The columns that the hashes are taken over, in order. */
export interface HashedColumns {
  readonly key: Schema;
  readonly row: readonly string[];
}

/**
 * SQL: both hashes of a raw row, `AS` their names.
 *
 * The row hash is taken over the values as the file has them, before these get a type. So a row whose hashes are known
 * is one whose values were checked against their types before, and a type that widens changes no hash. A value that is
 * only written in another way changes the row hash, and is then seen to be the same. The key hash is taken over the
 * key's values, so that equal keys have equal hashes, however they are written.
 */
export function hashColumns(table: RawTable, hashed: HashedColumns): string {
  const findColumn = byName(table.columns);
  const key = hashed.key.flatMap(({ name, type }) => {
    const column = findColumn(name);
    return column === undefined ? [] : [keyValue(column, type)];
  });
  const row = hashed.row.flatMap((name) => findColumn(name)?.hashed ?? []);
  return `${hash(key)} AS ${KEY_HASH}, ${hash([ROW_SEED, ...row])} AS ${ROW_HASH}`;
}

/** SQL: begins the row hash, so that two keys of one hash, which it is taken over too, do not make two rows of one hash. */
const ROW_SEED = `'row'`;

/** What stands for a version where a snapshot has no hashes: its rows are told apart by their keys. */
export const NO_HASHES = 'none';

/** Two snapshots' hashes can be compared only where this is equal: DuckDB's hash function, what it is taken over. */
export function hashVersion(table: RawTable, hashed: HashedColumns): string {
  return JSON.stringify({
    by: `duckdb ${engineVersion()}`,
    over: table.dialect,
    seed: ROW_SEED,
    ...hashed,
  });
}

/** Text and integers are written in one way only; anything else is hashed as the value that it stands for. */
function keyValue(column: RawColumn, type: ColumnType): string {
  if (column.typed?.type === type) return column.typed.sql;
  if (type === 'text') return column.text;
  return type === 'bigint' ? column.scalar : readerOf(type, column).value;
}

function hash(values: readonly string[]): string {
  return `hash(${values.length === 0 ? '0' : values.join(', ')})`;
}
