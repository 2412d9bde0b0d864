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
