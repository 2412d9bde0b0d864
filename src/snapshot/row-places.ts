import { FILE_COLUMN, ROW_COLUMN } from '../core/row-place.ts';
import { sameName } from '../core/schema.ts';
import { IgarapeError } from '../core/errors.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import type { RawColumn, RawTable } from './raw-table.ts';

/**
 * A table of many files with the place of each row, its file and its number there, as two columns more; without the
 * first rows of each file that are not wanted.
 *
 * @throws IgarapeError TABLE_UNREADABLE where a file has a column of such a name itself.
 */
export function withRowPlaces(
  { files = [], ...raw }: RawTable,
  skippedRows: ReadonlyMap<string, number>,
): RawTable {
  const clash = raw.columns.find(({ name }) => PLACES.some((place) => sameName(place.name, name)));
  if (clash !== undefined) {
    throw new IgarapeError(
      'TABLE_UNREADABLE',
      `${raw.name}: the column ${clash.name} has the name of one that "mode": "append" adds.`,
      { hint: 'Rename it at the source.' },
    );
  }
  const [file, row] = PLACES.map(({ name }) => quoteName(name));
  const relations = files.map(({ name, relation }) => {
    // A window without an order numbers the rows as they are read, in the order of the file.
    const numbered = `SELECT ${quoteText(name)} AS ${file}, row_number() OVER () AS ${row}, * FROM ${relation}`;
    return `SELECT * FROM (${numbered}) WHERE ${row} > ${skippedRows.get(name) ?? 0}`;
  });
  const skipped = [...skippedRows.values()].reduce((sum, rows) => sum + rows, 0);
  return {
    ...raw,
    rows: raw.rows - skipped,
    columns: [...PLACES, ...raw.columns],
    relation: `(${relations.join(' UNION ALL ')})`,
    isPartial: true,
  };
}

const PLACES: readonly RawColumn[] = [placeColumn(FILE_COLUMN, 'text'), placeColumn(ROW_COLUMN, 'bigint')];

function placeColumn(name: string, type: 'text' | 'bigint'): RawColumn {
  const sql = quoteName(name);
  const text = `CAST(${sql} AS VARCHAR)`;
  return { name, text, scalar: text, hashed: sql, typed: { type, sql } };
}
