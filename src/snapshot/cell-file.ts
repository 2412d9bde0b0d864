import { quoteName, quotePaths, quoteText } from '../engine/quote.ts';
import type { RawColumn, RawTable } from './raw-table.ts';

/**
 * A file of rows on their way from a format that DuckDB does not read, or not without loss: a JSON object a line, its
 * members the columns by index, each a text that begins with the kind of the cell:
 *
 * - `s` a text, which is no number even where it looks like one;
 * - `n` a number or a boolean, as the file writes it;
 * - `x` a number with an exponent: in the one spelling that numbers are read in, a blank, and as the file writes it.
 */
export interface CellFile {
  readonly path: string;
  readonly names: readonly string[];
  /** Where each of them is in the file's rows; as they stand, unless it is told otherwise. */
  readonly indexes?: readonly number[];
  /** The longest line, in bytes. */
  readonly longestLine: number;
  readonly rows: number;
}

const SHORTEST_LIMIT_BYTES = 1024 * 1024;

/** The cell of a number, given as JSON and most programs write it: `-1.5`, `1E6`. */
export function canonicalNumber(number: string): string {
  const at = number.search(/[eE]/);
  if (at === -1) return number === '-0' ? 'x0 -0' : `n${number}`;
  const sign = number.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = number.slice(sign.length, at).split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const leading = whole.length + fraction.length - digits.length;
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return `x${sign}0e+00 ${number}`;
  const exponent = BigInt(number.slice(at + 1)) + BigInt(whole.length - 1 - leading);
  const size = String(exponent < 0n ? -exponent : exponent).padStart(2, '0');
  const rest = significant.length > 1 ? `.${significant.slice(1)}` : '';
  return `x${sign}${significant.slice(0, 1)}${rest}e${exponent < 0n ? '-' : '+'}${size} ${number}`;
}

/** A cell file as a relation of raw columns. `dialect` tells apart formats whose equal cells differ in meaning. */
export function openCells(file: CellFile, name: string, dialect: string): RawTable {
  const { path, names, longestLine, rows, indexes = [...names.keys()] } = file;
  const read = indexes.map((index) => `${quoteText(String(index))}: 'VARCHAR'`).join(', ');
  const limit = Math.max(SHORTEST_LIMIT_BYTES, longestLine + 1);
  const cells = names
    .map((column, at) => `${quoteName(String(indexes[at]))} AS ${quoteName(column)}`)
    .join(', ');
  const relationOf = (paths: readonly string[]): string =>
    `(SELECT ${cells} FROM read_json(${quotePaths(paths)}, format = 'newline_delimited', auto_detect = false,
      compression = 'uncompressed', maximum_object_size = ${limit}, columns = {${read}}))`;
  return {
    name,
    rows,
    dialect,
    columns: names.map(rawColumn),
    relation: relationOf([path]),
    scan: { path, relationOf },
    // What is in the file was written here: an error on reading it is not about the source.
    explain: (error) => error,
  };
}

function rawColumn(name: string): RawColumn {
  const cell = quoteName(name);
  return {
    name,
    text: `CASE WHEN ${cell}[1] = 'x' THEN split_part(${cell}, ' ', 2) ELSE ${cell}[2:] END`,
    // The statements of thousands of columns take the longer to plan, the more is asked of each: a number has no blank.
    scalar: `CASE WHEN ${cell}[1] = 's' THEN ${cell} ELSE split_part(${cell}[2:], ' ', 1) END`,
    hashed: cell,
  };
}
