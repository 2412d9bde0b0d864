import { sameName } from '../core/schema.ts';
import type { DateFormats } from './config.ts';
import type { WrittenCsv, WrittenDateFormats } from './written.ts';

/** A year from 1 on: many readers know none before it. */
export const YEAR = '(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)';

/** What a directive of a date format stands for, as a pattern; `%d` and the like also without their leading zero. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  d: '(?:0?[1-9]|[12][0-9]|3[01])',
  m: '(?:0?[1-9]|1[0-2])',
  Y: YEAR,
  y: '[0-9]{2}',
  b: '[A-Za-z]{3}',
  B: '[A-Za-z]+',
  H: '(?:[01]?[0-9]|2[0-3])',
  I: '(?:0?[1-9]|1[0-2])',
  M: '[0-5][0-9]',
  S: '[0-5][0-9]',
  f: '[0-9]{1,6}',
  p: '[AaPp][Mm]',
  z: '[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?',
  '%': '%',
};

const PART = /%(.)|[^%]/gs;

/** What values of a date format are: dates without a time, times, or instants by an offset to UTC. */
export type DateFormatKind = 'date' | 'timestamp' | 'timestamptz';

/** True where a format says the day, month and year of every value, and its time as a whole or not at all. */
export function isDateFormat(format: string): boolean {
  const parts = directivesOf(format);
  if (parts === undefined || new Set(parts).size < parts.length) return false;
  const has = (...names: readonly string[]): number => names.filter((name) => parts.includes(name)).length;
  const isDay = has('d') === 1 && has('m', 'b', 'B') === 1 && has('Y', 'y') === 1;
  const isTime = has('H', 'I') === 1 && has('M') === 1 && has('I') === has('p');
  const isNone = has('H', 'I', 'M', 'S', 'f', 'p', 'z') === 0;
  return isDay && (isNone || isTime) && (has('f') === 0 || has('S') === 1);
}

export function dateFormatKind(format: string): DateFormatKind {
  const parts = directivesOf(format) ?? [];
  if (parts.includes('z')) return 'timestamptz';
  return parts.includes('H') || parts.includes('I') ? 'timestamp' : 'date';
}

/** A regular expression of the values that are written so, be they in the calendar or not. */
export function dateFormatPattern(format: string): string {
  return format.replace(PART, (part: string, name: string | undefined) =>
    name === undefined ? part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`) : (DIRECTIVES[name] ?? ''),
  );
}

/** The formats of each column that a configuration writes them for, or of all; none where it writes none. */
export function dateFormatsIn(written: WrittenCsv['date_format']): DateFormats[] {
  if (written === undefined) return [];
  const listOf = (formats: WrittenDateFormats): readonly string[] =>
    typeof formats === 'string' ? [formats] : formats;
  if (typeof written === 'string' || isList(written))
    return [{ column: undefined, formats: listOf(written) }];
  return Object.entries(written).map(([column, formats]) => ({ column, formats: listOf(formats) }));
}

/** `Array.isArray` takes no list that cannot be written to for one. */
function isList(value: object): value is readonly string[] {
  return Array.isArray(value);
}

/** The formats that a column's dates are written in. */
export function dateFormatsOf(all: readonly DateFormats[], name: string): string[] {
  return all
    .filter(({ column }) => column === undefined || sameName(column, name))
    .flatMap(({ formats }) => formats);
}

/** Two formats by which one text is a date, and not the same: day and month, or the year, in another order. */
export function contradictingFormats(formats: readonly string[]): readonly [string, string] | undefined {
  for (const [index, one] of formats.entries()) {
    const other = formats
      .slice(index + 1)
      .find((later) => orderOf(later) !== orderOf(one) && fitsDateFormat(exampleOf(one), later));
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

/** A date whose day, month and year may all be taken for one another. */
const EXAMPLE: Readonly<Record<string, string>> = {
  d: '01',
  m: '02',
  Y: '2003',
  y: '03',
  b: 'Feb',
  B: 'February',
  H: '04',
  I: '04',
  M: '05',
  S: '06',
  f: '7',
  p: 'AM',
  z: '+00:00',
  '%': '%',
};

function exampleOf(format: string): string {
  return format.replace(PART, (part: string, letter: string | undefined) =>
    letter === undefined ? part : (EXAMPLE[letter] ?? ''),
  );
}

/** The order of day, month and year. */
function orderOf(format: string): string {
  const letters = directivesOf(format) ?? [];
  return letters
    .map((letter) => letter.toLowerCase().replace('b', 'm'))
    .filter((letter, index) => 'dy'.includes(letter) || (letter === 'm' && letters[index] !== 'M'))
    .join('');
}

/** The letters of a format's directives; undefined for one that nothing is known of. */
function directivesOf(format: string): string[] | undefined {
  const letters: string[] = [];
  for (const [part, letter] of format.matchAll(PART)) {
    if (letter === undefined) continue;
    if (!(letter in DIRECTIVES)) return undefined;
    if (part !== '%%') letters.push(letter);
  }
  return format.replaceAll(PART, '') === '' ? letters : undefined;
}

const DAYS = [
  '%d/%m/%Y',
  '%m/%d/%Y',
  '%Y/%m/%d',
  '%d-%m-%Y',
  '%m-%d-%Y',
  '%d.%m.%Y',
  '%Y%m%d',
  '%d/%m/%y',
  '%m/%d/%y',
  '%d-%b-%Y',
];
const TIMES = [
  '',
  ' %H:%M:%S',
  ' %H:%M',
  ' %H:%M:%S.%f',
  ' %I:%M:%S %p',
  ' %I:%M %p',
  'T%H:%M:%S',
  ' %H:%M:%S %z',
  ' %H:%M:%S%z',
];

/** Formats that files are often written in. */
export const COMMON_DATE_FORMATS: readonly string[] = TIMES.flatMap((time) =>
  DAYS.map((day) => `${day}${time}`),
);

/** A regular expression of values that look like a day, with a time or without. */
export const COMMON_DATES: string = `(?:${DAYS.filter((day) => /[^%\w]/.test(day))
  .map(dateFormatPattern)
  .join('|')})(?:[ T].*)?`;

/** True where a value is written in a format and its day is in the calendar. */
export function fitsDateFormat(value: string, format: string): boolean {
  if (!new RegExp(`^(?:${dateFormatPattern(format)})$`).test(value)) return false;
  const day = partOf(value, format, 'd');
  const month = partOf(value, format, 'm');
  const year = partOf(value, format, 'Y');
  if (day === undefined || month === undefined) return true;
  return (
    new Date(Date.UTC(Number(year ?? 2000), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  );
}

function partOf(value: string, format: string, letter: string): string | undefined {
  const at = format.indexOf(`%${letter}`);
  if (at === -1) return undefined;
  const before = dateFormatPattern(format.slice(0, at));
  const after = dateFormatPattern(format.slice(at + 2));
  return new RegExp(`^${before}(${DIRECTIVES[letter] ?? ''})${after}$`).exec(value)?.[1];
}
