import type { ScaleTime } from 'd3-scale';
import { DAY_MS } from './days.ts';

export interface Tick {
  readonly at: Date;
  /** What it is called by. */
  readonly as: 'hour' | 'day' | 'year';
}

/** Days, as many as there is room for, a year by its first; of less than two days of what has hours, their hours. */
export function ticksOf(x: ScaleTime<number, number>, width: number, hasHours: boolean): Tick[] {
  const [first, last] = [x.domain()[0]?.getTime() ?? 0, x.domain()[1]?.getTime() ?? 0];
  const isShort = hasHours && last - first < 2 * DAY_MS;
  return x
    .ticks(Math.max(2, Math.floor(width / 110)))
    .filter((at) => isShort || at.getTime() % DAY_MS === 0)
    .map((at) => ({ at, as: isShort ? 'hour' : isNewYear(at) ? 'year' : 'day' }));
}

function isNewYear(day: Date): boolean {
  return day.getUTCMonth() === 0 && day.getUTCDate() === 1;
}
