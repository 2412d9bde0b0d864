import type { ScaleTime } from 'd3-scale';
import type { JSX } from 'preact';
import { useSpeech } from '../speech.ts';
import { ticksOf } from './ticks.ts';

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
  const speech = useSpeech();
  return (
    <>
      {ticksOf(x, width, hasHours).map(({ at, as }) => (
        <text
          key={at.getTime()}
          class="tick"
          x={Math.min(x(at), width - LABEL / 2)}
          y={y}
          text-anchor="middle"
        >
          {speech[as](at.toISOString())}
        </text>
      ))}
    </>
  );
}
