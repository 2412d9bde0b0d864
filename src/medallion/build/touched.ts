import { quoteName } from '../../engine/quote.ts';
import { valueName } from '../incremental/nodes.ts';

/** Which rows of a table may be others than they were: those that have some values of some columns. */
export interface Touched {
  /** A table of the values, as `k`. */
  readonly from: string;
  /** Whether a row `r` has such values. */
  readonly on: string;
  /** The columns that have them. */
  readonly by: readonly string[];
  /** True where the values are keys. */
  readonly isByKey: boolean;
  /**
   * True where each row that comes is known to follow from one row of a source: no two have one key, and where they have none
   * of the values, the table has no row of their key, or is none whose rows follow so.
   */
  readonly isFollowed?: boolean;
}

/** @param values A table or SELECT in brackets, with columns named by `valueName` in the order of the columns. */
export function touchedBy(values: string, by: readonly string[], key: readonly string[]): Touched {
  const on = by.map((name, index) => `r.${quoteName(name)} IS NOT DISTINCT FROM k.${valueName(index)}`);
  const isByKey = by.length === key.length && by.every((name, index) => name === key[index]);
  return { from: `${values} AS k`, on: on.join(' AND '), by, isByKey };
}
