import { ROW_KEY } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { sameName } from '../core/schema.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import type { RawTable } from './raw-table.ts';

const DIGEST = '_igarape_digest';

/**
 * The table with a column that tells its rows apart though none of its own does: a digest of the row as the file writes
 * it and, after a hyphen, which of the rows that are alike it is, counted from 1. A value that is null adds nothing to
 * the digest, so that a new column changes the key of no row that has nothing in it.
 *
 * @param ignore Columns that make no other row.
 * @throws IgarapeError TABLE_UNREADABLE the file has a column of that name.
 */
export function withRowKey(table: RawTable, ignore: readonly string[]): RawTable {
  if (table.columns.some(({ name }) => sameName(name, ROW_KEY))) {
    throw new IgarapeError(
      'TABLE_UNREADABLE',
      `${table.name}: with the whole row for a key, the column ${ROW_KEY} is added, and it has one.`,
      { hint: `Rename the column, or name the columns of the key in "pk".` },
    );
  }
  const values = table.columns
    .filter(({ name }) => !ignore.some((other) => sameName(other, name)))
    .map(({ name, hashed }) => ({ label: name.toLowerCase(), value: `CAST(${hashed} AS VARCHAR)` }))
    .toSorted((left, right) => (left.label < right.label ? -1 : 1))
    .map(
      ({ label, value }) =>
        `${quoteText(`${JSON.stringify(label)}:`)} || strlen(${value}) || ':' || ${value}`,
    );
  const digest = values.length === 0 ? `''` : `md5(concat(${values.join(', ')}))`;
  const key = `${DIGEST} || '-' || row_number() OVER (PARTITION BY ${DIGEST})`;
  const value = quoteName(ROW_KEY);
  return {
    ...table,
    columns: [
      ...table.columns,
      { name: ROW_KEY, text: value, scalar: value, hashed: value, typed: { type: 'text', sql: value } },
    ],
    relation: `(SELECT * EXCLUDE (${DIGEST}), ${key} AS ${value} FROM (SELECT *, ${digest} AS ${DIGEST} FROM ${table.relation}))`,
  };
}
