import type { CubeRows } from '../../src/explore/cube.ts';
import { DAY_MS } from './days.ts';

type Values = readonly (number | null)[];

/** The last days of a cube's rows, and as many days before them. */
export interface Period {
  readonly dates: readonly string[];
  /** By series. */
  readonly values: readonly Values[];
  readonly before: {
    /** As many days later than they are, so that they stand below those that they are compared with. */
    readonly dates: readonly string[];
    readonly values: readonly Values[];
  };
}

const DAYS = [7, 28, 91, 365];

/** Of so many days may be told what was before: of no more than half of all. */
export function periodsOf(dates: readonly string[]): number[] {
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return [];
  const span = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1;
  return DAYS.filter((days) => 2 * days <= span && dates.filter((date) => isIn(date, last, days)).length > 1);
}

/** @param days All of them where it is left out; nothing is before them. */
export function periodOf({ dates, series }: CubeRows, days: number | undefined): Period {
  const last = dates.at(-1) ?? '';
  const end = days === undefined ? '' : shifted(last, -days);
  const places = dates.map((_, place) => place);
  const now = places.filter((place) => days === undefined || isIn(dates[place] ?? '', last, days));
  const then = places.filter((place) => days !== undefined && isIn(dates[place] ?? '', end, days));
  const at = (wanted: readonly number[]): Values[] =>
    series.map(({ values }) => wanted.map((place) => values[place] ?? null));
  return {
    dates: now.map((place) => dates[place] ?? ''),
    values: at(now),
    before: { dates: then.map((place) => shifted(dates[place] ?? '', days ?? 0)), values: at(then) },
  };
}

/** Whether a date is one of the days that end with another. */
function isIn(date: string, last: string, days: number): boolean {
  return shifted(last, -days) < date && date <= last;
}

function shifted(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** What a period comes to: the sum of its values where they may be added up, else the last of them. */
export function worthOf(values: Values, isSum: boolean): number | null {
  const known = values.filter((value) => value !== null);
  return isSum && known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : (known.at(-1) ?? null);
}
