import { expect, test } from 'vitest';
import { periodOf, periodsOf, worthOf } from '../../web/charts/period.ts';
import type { CubeRows } from '../../src/explore/cube.ts';

/** A cube whose value of a date is that of its day, with the dates that are given. */
function rowsOf(dates: readonly string[]): CubeRows {
  const values = dates.map((date) => Number(date.slice(-2)));
  return {
    table: 'gold.t',
    measure: { name: 'n', kind: 'distinct', adds: 'nothing' },
    by: null,
    dates,
    series: [{ key: null, values, total: null }],
    rest: 0,
  };
}

/** Days of March, without Sundays. */
const DAYS = Array.from({ length: 31 }, (_, index) => `2025-03-${String(index + 1).padStart(2, '0')}`).filter(
  (date) => new Date(date).getUTCDay() !== 0,
);

test('of dates with gaps the days before are those of the calendar, and stand below the days that they are compared with', () => {
  const { dates, values, before } = periodOf(rowsOf(DAYS), 7);
  expect(dates).toEqual(['2025-03-25', '2025-03-26', '2025-03-27', '2025-03-28', '2025-03-29', '2025-03-31']);
  expect(values).toEqual([[25, 26, 27, 28, 29, 31]]);
  expect(before.dates).toEqual(dates);
  expect(before.values).toEqual([[18, 19, 20, 21, 22, 24]]);
});

test('a period is offered where there are as many days before it', () => {
  expect(periodsOf(DAYS)).toEqual([7]);
  expect(periodsOf(DAYS.slice(0, 10))).toEqual([]);
  expect(periodsOf(['2023-01-01', '2023-06-01', '2024-01-01', '2024-06-01', '2025-01-01'])).toEqual([365]);
  expect(periodsOf([])).toEqual([]);
});

test('without a period all dates are shown, and nothing is before them', () => {
  const { dates, before } = periodOf(rowsOf(DAYS), undefined);
  expect(dates).toEqual(DAYS);
  expect(before).toEqual({ dates: [], values: [[]] });
});

test('what may not be added up comes to its last value, what may to its sum, and none to none', () => {
  expect(worthOf([1, null, 3, null], false)).toBe(3);
  expect(worthOf([1, null, 3, null], true)).toBe(4);
  expect([worthOf([null], true), worthOf([], false)]).toEqual([null, null]);
});
