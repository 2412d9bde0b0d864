/** Days from 0001-01-01 to 1970-01-01. */
const BEFORE_1970 = 719_162;

const DATE = /^(\d{4,})-(\d{2})-(\d{2})( \(BC\))?$/;

/** True for a day of the calendar in the years 1 to 9999, written `2024-01-31`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '0001-01-01') return false;
  return fromDayNumber(dayNumber(text)) === text;
}

/**
 * The number of days from 0001-01-01 to a date as the engine writes it: `2024-01-31`, `20205-01-31`, `0044-03-15 (BC)`.
 * Dates are put in order by it, for their texts are not in order beyond four digits.
 */
export function dayNumber(date: string): number {
  const [, years, month, day, beforeChrist] = DATE.exec(date) ?? [];
  if (years === undefined) throw new RangeError(`${date} is no date.`);
  const year = beforeChrist === undefined ? Number(years) : 1 - Number(years);
  // A year of March to February ends with the day that not each has.
  const shifted = Number(month) > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((Number(month) + 9) % 12) + 2) / 5) + Number(day) - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leapDays + dayOfYear - 306;
}

export function fromDayNumber(days: number): string {
  return new Date((days - BEFORE_1970) * 86_400_000).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** Dates as the engine writes them, ascending. */
export function sortedDates(dates: Iterable<string>): string[] {
  return [...dates]
    .map((date) => ({ date, day: dayNumber(date) }))
    .toSorted((one, other) => one.day - other.day)
    .map(({ date }) => date);
}
