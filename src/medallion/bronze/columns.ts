import { byName, describedType, type Schema } from '../../core/schema.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { findField } from '../../delta/schema/schema.ts';
import { quoteName } from '../../engine/quote.ts';
import { asColumn, type SqlColumn } from '../../engine/sql-column.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';

/** Columns of changes beside the table's own and those of {@link BRONZE_COLUMNS}. */
export const CHANGE = {
  /** `I`, `U` or `D`. */
  operation: '_igarape_operation',
  /** Rises with the ledger, and within a file with `_cdc_sequence`; never ties for one key. */
  order: '_igarape_order',
  /** Of a key's last change: the operation of its first one, which tells whether the key was there before. */
  first: '_igarape_first',
  /** Of a change in a file of others: the file's name without its folder. */
  file: '_igarape_file',
  /** From the folder that all files have in common; empty for one in it. */
  folder: '_igarape_folder',
  /** Its number in the file, from 0. */
  row: '_igarape_row',
  /** Why it goes to quarantine; null for what is applied. */
  reason: '_igarape_reason',
} as const;

/** Of a table's own columns those that bronze has not got yet: none of its changes has told a value of them. */
export function lackedColumns(table: Snapshot | undefined, schema: Schema): Schema {
  if (table === undefined) return [];
  return schema.filter(({ name }) => findField(table.schema, name) === undefined);
}

/** A bronze table's columns: its own, and those that bronze adds. */
export function bronzeColumns(schema: Schema): string[] {
  return [...schema.map(({ name }) => name), BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp];
}

/**
 * SQL: a table's own columns in their types, of rows that may lack some. A value that has no form in a type which a column
 * has got since is null: each row that still has one is published anew when the type changes.
 *
 * @param alias Of the rows, with a point.
 */
export function typedColumns(
  schema: Schema,
  present: readonly SqlColumn[],
  alias: '' | `${string}.` = '',
): string[] {
  const own = byName(present);
  return schema.map(({ name, type }) =>
    asColumn({ name, type: describedType(type) }, own(name)?.type, alias),
  );
}

/**
 * SQL: the last change of every key, with the operation of its first one.
 *
 * @param order What changes are ordered by, the first of it first; no value is the least.
 */
export function lastChanges(changes: string, key: readonly string[], order: readonly string[]): string {
  const { operation, first } = CHANGE;
  const ofKey = `PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY`;
  const earliest = order.map((name) => `${name} NULLS FIRST`).join(', ');
  const latest = order.map((name) => `${name} DESC NULLS LAST`).join(', ');
  return `SELECT *, first_value(${operation}) OVER (${ofKey} ${earliest}) AS ${first} FROM ${changes}
    QUALIFY row_number() OVER (${ofKey} ${latest}) = 1`;
}
