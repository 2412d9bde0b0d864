import { quoteName } from './quote.ts';

/** A column, and its type as the engine has it. */
export interface SqlColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * SQL: a column of rows in which it may have another type, or not be. A value that has no form in its type is null, also one
 * that a cast would round. There is no cast where none is needed: only then does a condition reach down into a file.
 *
 * @param own Its type in the rows; undefined where it is not there.
 * @param from Of the rows, with a point.
 */
export function asColumn(column: SqlColumn, own: string | undefined, from: '' | `${string}.` = ''): string {
  return `${castColumn(column, own, from)} AS ${quoteName(column.name)}`;
}

/** SQL: the same without its name. */
export function castColumn(
  { name, type }: SqlColumn,
  own: string | undefined,
  from: '' | `${string}.` = '',
): string {
  const column = own === undefined ? 'NULL' : `${from}${quoteName(name)}`;
  return own === type ? column : exactCast(column, own, type);
}

const EXACT = /^(?:BIGINT|DECIMAL|DATE|BOOLEAN)/;

/** SQL: a value in another type; null where it has no form in it. @param own Its type; undefined where it is not known. */
export function exactCast(value: string, own: string | undefined, type: string): string {
  const cast = `TRY_CAST(${value} AS ${type})`;
  const isWider = own === type || (own?.includes('INT') === true && type !== 'BOOLEAN');
  if (!EXACT.test(type) || isWider) return cast;
  // What both have a form in; a word has none, but nothing is lost of it.
  const numbers = own?.startsWith('DECIMAL') === true ? own : 'DOUBLE';
  const common = type === 'DATE' ? 'TIMESTAMP' : numbers;
  return `CASE WHEN coalesce(TRY_CAST(${cast} AS ${common}) = TRY_CAST(${value} AS ${common}), true) THEN ${cast} END`;
}
