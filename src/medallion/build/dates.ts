import type { DateSource } from './date-source.ts';
import { dayNumber, sortedDates } from './day-number.ts';

/**
 * SQL: the days on which the date source has rows, as `day` and how many as `n`; of a row without a day nothing is
 * known, so that no cube has it.
 */
export function sourceDays({ rows, dayOf }: Pick<DateSource, 'dayOf'> & { readonly rows: string }): string {
  return `SELECT ${dayOf} AS day, count(*) AS n FROM ${rows} WHERE isfinite(${dayOf}) GROUP BY ALL`;
}

/**
 * SQL: the reference dates, as `dt_ref`, that there are where `days` (a relation with `day`, each once) have rows: those
 * in whose window is a row, up to the newest row's.
 */
export function referenceDates(days: string, windowDays: number): string {
  const reach = `SELECT day, least(${windowDays}, coalesce(lead(day) OVER (ORDER BY day) - day, 1)) AS reach FROM (${days})`;
  return `SELECT CAST(day + CAST(step AS INTEGER) AS DATE) AS dt_ref FROM (SELECT day, unnest(range(0, CAST(reach AS BIGINT))) AS step FROM (${reach}))`;
}

/** SQL: dates as `dt_ref`. */
export function dateList(dates: readonly string[]): string {
  return dates.length === 0
    ? 'SELECT CAST(NULL AS DATE) AS dt_ref WHERE false'
    : `SELECT unnest([${dates.map(dateLiteral).join(', ')}]) AS dt_ref`;
}

/** SQL: each of `dates` (a relation with `dt_ref`) beside each of `days` (one with `day`) that it sees. */
export function seenPairs(dates: string, days: string, windowDays: number): string {
  return `SELECT d.day, t.dt_ref FROM (${dates}) AS t JOIN (${days}) AS d ON d.day BETWEEN t.dt_ref - ${windowDays - 1} AND t.dt_ref`;
}

/** SQL of the first and the last day that some dates see. `dates`: ascending, at least one. */
export function seenDays(
  dates: readonly string[],
  windowDays: number,
): { readonly first: string; readonly last: string } {
  const [first = '', last = first] = [dates[0], dates.at(-1)];
  return { first: `${dateLiteral(first)} - ${windowDays - 1}`, last: dateLiteral(last) };
}

/** SQL of a condition that holds for some dates, as the engine writes them, and no others. */
export function isOneOf(column: string, dates: readonly string[]): string {
  if (dates.length === 0) return 'false';
  const ranges: { first: string; last: string }[] = [];
  for (const date of sortedDates(dates)) {
    const range = ranges.at(-1);
    if (range !== undefined && dayNumber(range.last) + 1 === dayNumber(date)) range.last = date;
    else ranges.push({ first: date, last: date });
  }
  const singles = ranges.filter(({ first, last }) => first === last);
  const spans = ranges.filter(({ first, last }) => first !== last);
  return [
    ...(singles.length === 0
      ? []
      : [`${column} IN (${singles.map(({ first }) => dateLiteral(first)).join(', ')})`]),
    ...spans.map(({ first, last }) => `${column} BETWEEN ${dateLiteral(first)} AND ${dateLiteral(last)}`),
  ].join(' OR ');
}

export function dateLiteral(date: string): string {
  if (!/^[\d\w() +-]+$/.test(date)) throw new RangeError(`${date} is no date.`);
  return `DATE '${date}'`;
}
