import type { ScaleTime } from 'd3-scale';
import type { JSX } from 'preact';
import { useSpeech } from '../speech.ts';
import { DAY_MS } from './days.ts';

/** As wide as a day's name may be, in pixels. */
const LABEL = 60;

/** Days under a chart, as many as there is room for, none beyond its edge. */
export function DayAxis({
  x,
  y,
  width,
}: {
  readonly x: ScaleTime<number, number>;
  readonly y: number;
  readonly width: number;
}): JSX.Element {
  const { day } = useSpeech();
  const days = x.ticks(Math.max(2, Math.floor(width / 110))).filter((tick) => tick.getTime() % DAY_MS === 0);
  return (
    <>
      {days.map((each) => (
        <text
          key={each.getTime()}
          class="tick"
          x={Math.min(x(each), width - LABEL / 2)}
          y={y}
          text-anchor="middle"
        >
          {day(each.toISOString())}
        </text>
      ))}
    </>
  );
}
