import { alikeIn, quoteName } from '../../engine/quote.ts';
import { valueName } from '../incremental/nodes.ts';
import { ACT, ACTS, IS, WAS } from './merge-rows.ts';

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

/** SQL of the rows that are not touched. @param had SQL of the table's rows. */
export function stayingRows(had: string, { from, on }: Touched): string {
  return `SELECT r.* FROM (${had}) AS r ANTI JOIN ${from} ON ${on}`;
}

/** Rows that stay and may have the key of one that has come, where the key is not all that those are looked for by. */
export function clashingRows(
  had: string,
  rows: string,
  { from, on }: Touched,
  key: readonly string[],
): string {
  return `SELECT r.* FROM (${had}) AS r SEMI JOIN (${rows}) AS n ON ${alikeIn(key, 'r', 'n')} ANTI JOIN ${from} ON ${on}`;
}

/** What becomes of touched rows, for {@link mergeRows}. */
export function mergedRows(had: string, rows: string, touched: Touched, key: readonly string[]): string {
  const { from, on } = touched;
  const names = key.map(quoteName);
  const gone = touched.isByKey
    ? `SELECT ${names.map((name, index) => `${valueName(index)} AS ${name}`).join(', ')}, true AS ${WAS} FROM ${from}`
    : `SELECT ${names.join(', ')}, true AS ${WAS} FROM (${had}) AS r SEMI JOIN ${from} ON ${on}`;
  const either = names.map((name) => `coalesce(n.${name}, o.${name}) AS ${name}`).join(', ');
  const set =
    touched.isFollowed === true
      ? `unnest(if(o.${WAS} IS NULL, [${ACTS.set}, ${ACTS.isNew}], [if(n.${IS} IS NULL, ${ACTS.drop}, ${ACTS.set})]))`
      : `if(n.${IS} IS NULL, ${ACTS.drop}, ${ACTS.set})`;
  return `SELECT n.* EXCLUDE (${IS}) REPLACE (${either}), ${set} AS ${ACT} FROM (SELECT *, true AS ${IS} FROM (${rows})) AS n FULL JOIN (${gone}) AS o ON ${alikeIn(key, 'n', 'o')}`;
}
