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

/** Whether the name is a time zone that this Node.js knows. */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
