/** What a directive of a date format stands for, as a pattern; `%d` and the like also without their leading zero. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  d: '(?:0?[1-9]|[12][0-9]|3[01])',
  m: '(?:0?[1-9]|1[0-2])',
  Y: '[0-9]{4}',
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
