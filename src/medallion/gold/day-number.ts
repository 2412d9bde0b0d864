const DAY_MS = 86_400_000;
/** Days from 0001-01-01 to 1970-01-01: the numbers of all dates are positive. */
const BEFORE_1970 = 719_162;

/** True for a day of the calendar, written `2024-01-31`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '0001-01-01') return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The number of days from 0001-01-01 to a date. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS + BEFORE_1970;
}

export function fromDayNumber(days: number): string {
  return new Date((days - BEFORE_1970) * DAY_MS).toISOString().slice(0, 'yyyy-mm-dd'.length);
}
