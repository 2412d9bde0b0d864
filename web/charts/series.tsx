import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, line, stack } from 'd3-shape';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useSpeech } from '../speech.ts';
import { alone } from './alone.ts';
import { DayAxis } from './day-axis.tsx';
import { useWidth } from './width.ts';

export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Of what is past: where its values stand, behind the others and dashed. */
  readonly pastDates?: readonly string[];
}

const [TOP, BOTTOM, LEFT, HEIGHT] = [10, 24, 52, 300];

/** Values over dates, as lines or stacked; only what may be added up is to be stacked. */
export function Series({
  label,
  dates,
  of,
  isStacked,
}: {
  readonly label: string;
  /** ISO dates, ascending. */
  readonly dates: readonly string[];
  readonly of: readonly Line[];
  readonly isStacked: boolean;
}): JSX.Element {
  const { short, count, date } = useSpeech();
  const [element, width] = useWidth<HTMLDivElement>(900);
  const [picked, setPicked] = useState<number>();
  const times = dates.map(timeOf);
  const x = scaleUtc([times[0] ?? 0, times.at(-1) ?? 1], [LEFT, width - 12]);
  const own = of.filter(({ pastDates }) => pastDates === undefined);
  const layers = isStacked
    ? stack<number, number>()
        .keys(own.map((_, index) => index))
        .value((row, series) => own[series]?.values[row] ?? 0)(times.map((_, row) => row))
    : [];
  const all = isStacked
    ? layers.flatMap((layer) => layer.flatMap((point) => [point[0], point[1]]))
    : of.flatMap(({ values }) => values.filter((value) => value !== null));
  const y = scaleLinear([Math.min(0, ...all), Math.max(1, ...all)], [HEIGHT - BOTTOM, TOP]).nice(5);
  const at = picked ?? times.length - 1;
  const nearest = (offset: number): number => {
    const distances = times.map((time) => Math.abs(x(time) - offset));
    return distances.indexOf(Math.min(...distances));
  };
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    setPicked(Math.max(0, Math.min(times.length - 1, at + by)));
  };
  const drawn = ({ values, pastDates }: Line): string => {
    const places = pastDates?.map(timeOf) ?? times;
    const path = line<number | null>()
      .defined((value) => value !== null)
      .x((_, index) => x(places[index] ?? 0))
      .y((value) => y(value ?? 0));
    return path([...values]) ?? '';
  };
  const valueOf = ({ values, pastDates }: Line): number | null | undefined =>
    values[pastDates === undefined ? at : pastDates.indexOf(dates[at] ?? '')];
  const filled = area<readonly [number, number]>()
    .x((_, index) => x(times[index] ?? 0))
    .y0((point) => y(point[0]))
    .y1((point) => y(point[1]));
  return (
    <div ref={element} class="chart">
      <svg
        width={width}
        height={HEIGHT}
        role="application"
        aria-label={label}
        tabIndex={0}
        onPointerMove={(event) => setPicked(nearest(event.offsetX))}
        onPointerLeave={() => setPicked(undefined)}
        onKeyDown={move}
      >
        {y.ticks(5).map((tick) => (
          <g key={tick}>
            <line class={tick === 0 ? 'axis' : 'gridline'} x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
            <text class="tick" x={LEFT - 8} y={y(tick)} text-anchor="end" dominant-baseline="central">
              {short(tick)}
            </text>
          </g>
        ))}
        <DayAxis x={x} y={HEIGHT - 6} width={width} />
        {layers.map((layer, index) => (
          <path
            key={own[index]?.name}
            class={`area series-${index % 10}`}
            d={filled(layer.map((point) => [point[0], point[1]] as const)) ?? ''}
          />
        ))}
        {isStacked
          ? null
          : of.map((each, index) => (
              <path
                key={each.name}
                class={each.pastDates === undefined ? `line series-${index % 10}` : 'line past'}
                d={drawn(each)}
              />
            ))}
        {isStacked
          ? null
          : own.flatMap(({ name, values }, index) =>
              alone(values).map((place) => (
                <circle
                  key={`${name} ${place}`}
                  class={`dot series-${index % 10}`}
                  cx={x(times[place] ?? 0)}
                  cy={y(values[place] ?? 0)}
                  r={times.length === 1 ? 4 : 2.5}
                />
              )),
            )}
        {picked === undefined ? null : (
          <line class="cursor" x1={x(times[at] ?? 0)} x2={x(times[at] ?? 0)} y1={TOP} y2={HEIGHT - BOTTOM} />
        )}
      </svg>
      <p class="hint" aria-live="polite">
        <span class="legend">
          <b>{date(dates[at] ?? '1970-01-01')}</b>
          {of.map((each, index) => {
            const value = valueOf(each);
            return (
              <span key={each.name}>
                <i class={each.pastDates === undefined ? `swatch series-${index % 10}` : 'swatch past'} />{' '}
                <bdi>{each.name}</bdi> <b>{value == null ? '–' : count(value)}</b>
              </span>
            );
          })}
        </span>
      </p>
    </div>
  );
}

function timeOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}
