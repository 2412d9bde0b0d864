import picomatch from 'picomatch';
import type { DateWanted, FoundDate } from './port.ts';

/** Stands in a pattern for the date of a snapshot: each date is a version of the table. */
export const DATE_MARK = '{date}';

/** 2024-01-31, 20240131, 2024-01, 202401, 2024, also with `_` or `.` between the parts. */
const DATE = String.raw`(?<!\d)(?<year>(?:19|20|21)\d\d)(?:(?<mark>[-_.]?)(?<month>0[1-9]|1[0-2])(?:\k<mark>(?<day>0[1-9]|[12]\d|3[01]))?)?(?!\d)`;

/** Nobody's character, so that a glob takes it for itself. */
const PLACE = '\uE000';

export function isDated(pattern: string): boolean {
  return pattern.includes(DATE_MARK);
}

/** The date in each name that matches the pattern, `YYYY-MM-DD`; a month and a year stand for their first day. */
export function datedNames(pattern: string, names: readonly string[]): { name: string; date: string }[] {
  const glob = picomatch.makeRe(pattern.normalize().replace(DATE_MARK, PLACE), {
    dot: true,
    windows: false,
    nocase: true,
  });
  const matches = new RegExp(
    glob.source.replace(/\\?\uE000/, () => DATE),
    glob.flags,
  );
  return names.flatMap((name) => {
    const date = dateOf(matches.exec(name.normalize()));
    return date === undefined ? [] : [{ name, date }];
  });
}

/** A name with the mark of a date in place of one: the first in the file's own name, or else the last in its folders. */
export function withDateMark(name: string): string | undefined {
  for (const [index, part] of name.split('/').toReversed().entries()) {
    const marked = part.replace(new RegExp(DATE), DATE_MARK);
    if (marked !== part) return name.split('/').toReversed().with(index, marked).toReversed().join('/');
  }
  return undefined;
}

/** A date as a user writes it, as {@link datedNames} has it, with the last day that it stands for. */
export function readDate(text: string): { readonly first: string; readonly last: string } | undefined {
  const match = new RegExp(`^${DATE}$`).exec(text);
  const first = dateOf(match);
  if (first === undefined) return undefined;
  const { month, day } = match?.groups ?? {};
  return { first, last: day === undefined ? `${first.slice(0, month === undefined ? 4 : 7)}-99` : first };
}

/** Midnight UTC, in microseconds since 1970. */
export function microsOfDate(date: string): bigint {
  return BigInt(Date.parse(`${date}T00:00:00Z`)) * 1000n;
}

/**
 * Which of a table's dates is to be taken: the first that is wanted; where no beginning is given, and none was taken
 * before, the newest; where none is left, the one that was taken last.
 */
export function chooseDate(
  dates: readonly string[],
  { after, from, until }: DateWanted,
): FoundDate | undefined {
  const inOrder = [...new Set(dates)].toSorted();
  const wanted = inOrder.filter(
    (date) =>
      (after === undefined || date > after) &&
      (from === undefined || date >= from) &&
      (until === undefined || date <= until),
  );
  const isAtNewest = after === undefined && from === undefined;
  const taken = from === undefined ? inOrder.find((date) => date === after) : undefined;
  const value = isAtNewest ? wanted.at(-1) : (wanted[0] ?? taken);
  return value === undefined ? undefined : { value, isLast: value === inOrder.at(-1) };
}

function dateOf(match: RegExpExecArray | null): string | undefined {
  const { year, month = '01', day = '01' } = match?.groups ?? {};
  if (year === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const time = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date) ? date : undefined;
}
