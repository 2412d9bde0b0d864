import picomatch from 'picomatch';
import type { DatedName, DateWanted, FoundDate, SeenFile } from './port.ts';

/** Stands in a pattern for the date of a snapshot: each date is a version of the table. */
export const DATE_MARK = '{date}';

/**
 * 2024-01-31, 20240131, 2024-01, 202401, 2024, also with `_`, `.` or `/` between the parts, alike but where a folder ends:
 * `2024-01/31`, `2024/0131`. After `-`, `_` and `/` a month and a day may be of one digit; 2024.1 is the first half-year to
 * whoever writes so. The groups' names begin so.
 */
function dateForm(name: string): string {
  return String.raw`(?<!\d)(?<${name}year>(?:19|20|21)\d\d)(?:(?<${name}mark>[-_./]?)(?<${name}month>0[1-9]|1[0-2]|${ONE_DIGIT})(?:(?:\k<${name}mark>|\/|(?<=\/\d\d?)[-_.]|(?<=\/\d\d))(?<${name}day>0[1-9]|[12]\d|3[01]|${ONE_DIGIT}))?)?(?!\d)`;
}

const ONE_DIGIT = String.raw`(?<=[-_/])[1-9]`;

const DATE: string = dateForm('');

/** Nobody's character, so that a glob takes it for itself. */
const PLACE = '\uE000';

export function isDated(pattern: string): boolean {
  return pattern.includes(DATE_MARK);
}

/**
 * The date in each name that matches the pattern, `YYYY-MM-DD`; a month and a year stand for their first day. Where a
 * pattern has several places for it, it is the most exact one, which the others must agree with.
 */
export function datedNames(pattern: string, names: readonly string[]): DatedName[] {
  let places = 0;
  const matches = matcher(pattern, () => dateForm(placeName(places++)));
  return names.flatMap((name) => {
    const { groups } = matches.exec(name.normalize()) ?? {};
    const date = groups === undefined ? undefined : agreedDate(groups, places);
    return date === undefined ? [] : [{ name, date }];
  });
}

/** Of names without such a date those that have something like one in its place: `2024-02-30`, `2024.1`, `31-01-2024`. */
export function misdatedNames(pattern: string, names: readonly string[]): string[] {
  const matches = matcher(pattern, () => LIKE_A_DATE);
  const dated = new Set(datedNames(pattern, names).map(({ name }) => name));
  return names.filter((name) => !dated.has(name) && matches.test(name.normalize()));
}

/** Also with the year last, which is no date here: which of the others is the month cannot be told. */
const LIKE_A_DATE = String.raw`(?<!\d)(?:(?:19|20|21)\d\d(?:[-_./]?\d\d?){0,2}|(?:(?:\d\d?[-_./]){1,2}|\d{4})(?:19|20|21)\d\d)(?!\d)`;

function matcher(pattern: string, place: () => string): RegExp {
  const glob = picomatch.makeRe(pattern.normalize().replaceAll(DATE_MARK, PLACE), {
    dot: true,
    windows: false,
    nocase: true,
  });
  return new RegExp(glob.source.replaceAll(/\\?\uE000/g, place), glob.flags);
}

function placeName(index: number): string {
  return `place${index}`;
}

function agreedDate(groups: Readonly<Record<string, string>>, places: number): string | undefined {
  const found = Array.from({ length: places }, (_, index) => partsOf(groups, placeName(index)));
  const [exact = [], ...others] = found.toSorted((one, other) => other.length - one.length);
  return others.every((date) => agrees(date, exact)) ? dateOf(exact) : undefined;
}

function partsOf(groups: Readonly<Record<string, string>> = {}, place = ''): string[] {
  return ['year', 'month', 'day'].flatMap((part) => groups[place + part]?.padStart(2, '0') ?? []);
}

function agrees(date: readonly string[], exact: readonly string[]): boolean {
  return date.every((part, index) => part === exact[index]);
}

/**
 * A name by the dates in it, which are its odd parts: the first in the file's own name, or else the last in its folders;
 * and of the others those that agree with it. Undefined where it has none.
 */
export function splitByDates(name: string): string[] | undefined {
  const found = [...name.matchAll(new RegExp(DATE, 'g'))];
  const ownFrom = name.lastIndexOf('/') + 1;
  const told = found.find(({ 0: date, index }) => index + date.length > ownFrom) ?? found.at(-1);
  if (told === undefined) return undefined;
  const exact = partsOf(told.groups);
  const parts: string[] = [];
  let from = 0;
  for (const { 0: date, index, groups } of found) {
    if (!agrees(partsOf(groups), exact)) continue;
    parts.push(name.slice(from, index), date);
    from = index + date.length;
  }
  return [...parts, name.slice(from)];
}

/** A date as a user writes it, as {@link datedNames} has it, with the last day that it stands for. */
export function readDate(text: string): { readonly first: string; readonly last: string } | undefined {
  const parts = partsOf(new RegExp(`^${DATE}$`).exec(text)?.groups);
  const first = dateOf(parts);
  if (first === undefined) return undefined;
  return { first, last: parts.length === 3 ? first : `${first.slice(0, parts.length === 1 ? 4 : 7)}-99` };
}

/** Midnight UTC, in microseconds since 1970. */
export function microsOfDate(date: string): bigint {
  return BigInt(Date.parse(`${date}T00:00:00Z`)) * 1000n;
}

type TakenDates = Pick<SeenFile, 'date' | 'daysBack'>;

/** What is remembered of a date that is taken after others. */
export function datesWith(known: TakenDates, date: string): TakenDates {
  const { date: last = date, daysBack } = known;
  if (date <= last) return { date, ...(daysBack === undefined ? {} : { daysBack }) };
  const days = (Date.parse(date) - Date.parse(last)) / DAY_MS;
  return { date, daysBack: [days, ...(daysBack === undefined ? [] : [daysBack])].join(' ') };
}

/** Of names with dates those that were not taken. */
export function untakenNames({ date, daysBack }: TakenDates, names: readonly DatedName[]): string[] {
  const taken = new Set<number>();
  if (date !== undefined) {
    let time = Date.parse(date);
    taken.add(time);
    for (const days of daysBack?.split(' ') ?? []) {
      time -= Number(days) * DAY_MS;
      taken.add(time);
    }
  }
  return names.filter((one) => !taken.has(Date.parse(one.date))).map(({ name }) => name);
}

const DAY_MS = 24 * 60 * 60 * 1000;

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

function dateOf([year, month = '01', day = '01']: readonly (string | undefined)[]): string | undefined {
  if (year === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const time = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(date) ? date : undefined;
}
