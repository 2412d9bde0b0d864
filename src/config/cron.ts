import { Cron } from 'croner';

/** A cron pattern of five fields, or six with seconds first, read in an IANA time zone. Throws where it is none. */
export function openCron(pattern: string, timezone: string): Cron {
  return new Cron(pattern, { timezone, mode: '5-or-6-parts', paused: true });
}

/** Whether the pattern can be read and ever comes due: `0 0 30 2 *` does not. */
export function isCronPattern(pattern: string): boolean {
  try {
    return openCron(pattern, 'UTC').nextRun(new Date(0)) !== null;
  } catch {
    return false;
  }
}

/** What a cron pattern is to be, told to whoever wrote `pattern`: the field that is wrong, where it is one. */
export function cronRule(pattern: string): string {
  const rule = 'a cron pattern that comes due, of 5 fields (or 6, seconds first), such as 0 */6 * * *';
  const fields = pattern.trim().split(/\s+/);
  const seconds = fields.length === 6 ? [{ name: 'second', from: 0, to: 59 }] : [];
  const ranges = [...seconds, ...RANGES];
  if (fields.length !== ranges.length) return rule;
  const wrong = ranges.flatMap(({ name, from, to }, index) => {
    const numbers = (fields[index] ?? '').replace(/\/\d+/g, '').match(/\d+/g) ?? [];
    const outside = numbers.find((number) => Number(number) < from || Number(number) > to);
    return outside === undefined ? [] : [`the ${name} ${outside} is none, for it goes from ${from} to ${to}`];
  });
  return wrong.length === 0 ? rule : `${rule}; ${wrong.join('; ')}`;
}

const RANGES = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12 },
  { name: 'day of the week', from: 0, to: 7 },
] as const;

/** Whether the name is a time zone that this Node.js knows. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
