import { quoteName } from './quote.ts';

/** A column, and its type as the engine has it. */
export interface SqlColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * SQL: a column of rows in which it may have another type, or not be. A value that has no form in its type is null. There is
 * no cast where none is needed: only then does a condition reach down into a file.
 *
 * @param own Its type in the rows; undefined where it is not there.
 * @param from Of the rows, with a point.
 */
export function asColumn(
  { name, type }: SqlColumn,
  own: string | undefined,
  from: '' | `${string}.` = '',
): string {
  const column = own === undefined ? 'NULL' : `${from}${quoteName(name)}`;
  return `${own === type ? column : `TRY_CAST(${column} AS ${type})`} AS ${quoteName(name)}`;
}
