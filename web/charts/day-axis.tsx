import type { ScaleTime } from 'd3-scale';
import type { JSX } from 'preact';
import { useSpeech } from '../speech.ts';
import { DAY_MS } from './days.ts';

/** As wide as a day's name may be, in pixels. */
const LABEL = 60;

/** Days under a chart, as many as there is room for, none beyond its edge; a year for its first, of less than two days their hours. */
export function DayAxis({
  x,
  y,
  width,
  hasHours = false,
}: {
  readonly x: ScaleTime<number, number>;
  readonly y: number;
  readonly width: number;
  /** What is shown has a time of the day. */
  readonly hasHours?: boolean;
}): JSX.Element {
  const { day, hour, year } = useSpeech();
  const [first, last] = [x.domain()[0]?.getTime() ?? 0, x.domain()[1]?.getTime() ?? 0];
  const isShort = hasHours && last - first < 2 * DAY_MS;
  const ticks = x
    .ticks(Math.max(2, Math.floor(width / 110)))
    .filter((tick) => isShort || tick.getTime() % DAY_MS === 0);
  return (
    <>
      {ticks.map((each) => (
        <text
          key={each.getTime()}
          class="tick"
          x={Math.min(x(each), width - LABEL / 2)}
          y={y}
          text-anchor="middle"
        >
          {(isShort ? hour : isNewYear(each) ? year : day)(each.toISOString())}
        </text>
      ))}
    </>
  );
}

function isNewYear(day: Date): boolean {
  return day.getUTCMonth() === 0 && day.getUTCDate() === 1;
}
