import { scaleLinear, scaleUtc } from 'd3-scale';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PastRun } from '../../src/lake/past-runs.ts';
import { Changed } from '../parts.tsx';
import { linkTo } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { DayAxis } from './day-axis.tsx';
import { DAY_MS } from './days.ts';
import { useWidth } from './width.ts';

const [TOP, BOTTOM, LEFT, HEIGHT] = [14, 32, 44, 200];
const MINUTE_MS = 60_000;
/** Between numbers that stand beside each other, in pixels. */
const APART = 48;

interface Bar {
  readonly run: number;
  readonly at: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly isHeld: boolean;
  readonly isLoad: boolean;
}

/**
 * Runs by their time: above the line what came and changed, below it what went. One bar far above the others is cut and
 * marked, so that these can still be read. Full-loads are marks: their rows are no changes.
 */
export function RunBars({ runs }: { readonly runs: readonly PastRun[] }): JSX.Element {
  const { t, short, time } = useSpeech();
  const [element, width] = useWidth<HTMLDivElement>(900);
  const [picked, setPicked] = useState<number>();
  const bars = runs.map(barOf).toReversed();
  const first = bars[0]?.at ?? 0;
  const last = bars.at(-1)?.at ?? 0;
  // As wide as the runs lie apart: the first ones of a lake are often of one hour.
  const beside = Math.min(DAY_MS / 4, Math.max((last - first) / 8, MINUTE_MS / 2));
  const x = scaleUtc([first - beside, last + beside], [LEFT, width - 8]);
  const gaps = bars.slice(1).map(({ at }, index) => x(at) - x(bars[index]?.at ?? 0));
  const thick = Math.max(2, Math.min(26, Math.min(...gaps, 26) - 2));
  const up = cut(bars.map(({ inserted, updated }) => inserted + updated));
  const down = cut(bars.map(({ deleted }) => deleted));
  const y = scaleLinear([-down, Math.max(up, 1)], [HEIGHT - BOTTOM, TOP]).nice(4);
  const zero = y(0);
  const chosen = bars.find(({ run }) => run === picked);
  const nearest = (offset: number): number | undefined => {
    const distances = bars.map(({ at }) => Math.abs(x(at) - offset));
    return bars[distances.indexOf(Math.min(...distances))]?.run;
  };
  const open = (): void => {
    if (chosen !== undefined) location.hash = linkTo(['runs', chosen.run]);
  };
  const move = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') open();
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const from = chosen === undefined ? bars.length : bars.indexOf(chosen);
    setPicked(bars[Math.max(0, Math.min(bars.length - 1, from + by))]?.run);
  };
  const [low = 0, high = 1] = y.domain();
  return (
    <div ref={element} class="chart">
      <svg
        width={width}
        height={HEIGHT}
        role="application"
        aria-label={t.changesByRun}
        tabIndex={0}
        class="clickable"
        onPointerMove={(event) => setPicked(nearest(event.offsetX))}
        onPointerLeave={() => setPicked(undefined)}
        onClick={open}
        onKeyDown={move}
      >
        {y.ticks(4).map((tick) => (
          <g key={tick}>
            <line class={tick === 0 ? 'axis' : 'gridline'} x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
            <text class="tick" x={LEFT - 8} y={y(tick)} text-anchor="end" dominant-baseline="central">
              {short(Math.abs(tick))}
            </text>
          </g>
        ))}
        <DayAxis x={x} y={HEIGHT - 6} width={width} hasHours />
        {bars.map((bar) => {
          const left = x(bar.at) - thick / 2;
          const top = Math.min(bar.inserted + bar.updated, high);
          const inserted = Math.min(bar.inserted, high);
          return (
            <g key={bar.run} class={bar.run === picked ? 'bar on' : 'bar'}>
              <rect
                class="fill-I"
                x={left}
                width={thick}
                y={y(inserted)}
                height={Math.max(0, zero - y(inserted))}
              />
              <rect
                class="fill-U"
                x={left}
                width={thick}
                y={y(top)}
                height={Math.max(0, y(inserted) - y(top))}
              />
              <rect
                class="fill-D"
                x={left}
                width={thick}
                y={zero}
                height={Math.max(0, y(-Math.min(bar.deleted, -low)) - zero)}
              />
              {bar.isLoad ? <circle class="load" cx={x(bar.at)} cy={zero} r={4} /> : null}
              {bar.isHeld ? (
                <text class="mark" x={x(bar.at)} y={zero + 12} text-anchor="middle">
                  !
                </text>
              ) : null}
            </g>
          );
        })}
        <Cuts
          of={bars.map((bar) => ({ x: x(bar.at), rows: bar.inserted + bar.updated }))}
          above={high}
          sign="▲"
          y={TOP - 3}
        />
        <Cuts
          of={bars.map((bar) => ({ x: x(bar.at), rows: bar.deleted }))}
          above={-low}
          sign="▼"
          y={HEIGHT - BOTTOM + 10}
        />
      </svg>
      <p class="hint" aria-live="polite">
        {chosen === undefined ? (
          <span class="legend">
            <b class="of-I">+ {t.inserted}</b>
            <b class="of-U">~ {t.updated}</b>
            <b class="of-D">− {t.deleted}</b>
            <span>
              <i class="swatch level-full-load round" /> {t.fullLoad}
            </span>
          </span>
        ) : (
          <>
            <b>{t.run(chosen.run)}</b> {time(new Date(chosen.at).toISOString())} <Changed {...chosen} />
            {chosen.isLoad ? ` ${t.fullLoad}` : ''}
          </>
        )}
      </p>
    </div>
  );
}

/** Marks of the bars that go on beyond an axis, with how far, where there is room for the number. */
function Cuts({
  of,
  above,
  sign,
  y,
}: {
  readonly of: readonly { readonly x: number; readonly rows: number }[];
  readonly above: number;
  readonly sign: string;
  readonly y: number;
}): JSX.Element {
  const { short } = useSpeech();
  let numbered = -Infinity;
  return (
    <>
      {of
        .filter(({ rows }) => rows > above)
        .map(({ x, rows }) => {
          const hasRoom = x - numbered >= APART;
          if (hasRoom) numbered = x;
          return (
            <g key={x} class="cut">
              <text x={x} y={y} text-anchor="middle">
                {sign}
              </text>
              {hasRoom ? (
                <text x={x - 8} y={y} text-anchor="end">
                  {short(rows)}
                </text>
              ) : null}
            </g>
          );
        })}
    </>
  );
}

function barOf({ run, at, tables }: PastRun): Bar {
  const reports = Object.values(tables);
  const changes = reports.filter(({ operation }) => operation !== 'full-load');
  const sum = (of: 'inserted' | 'updated' | 'deleted'): number =>
    changes.reduce((total, report) => total + report[of], 0);
  return {
    run,
    at: Date.parse(at),
    inserted: sum('inserted'),
    updated: sum('updated'),
    deleted: sum('deleted'),
    isHeld: reports.some(({ operation }) => operation === 'held' || operation === 'failed'),
    isLoad: reports.some(({ operation }) => operation === 'full-load'),
  };
}

/** How far an axis goes: to the greatest value, unless that is far beyond nearly all others. */
function cut(values: readonly number[]): number {
  const ordered = values.filter((value) => value > 0).toSorted((left, right) => left - right);
  const most = ordered.at(-1) ?? 0;
  const usual = ordered[Math.floor((ordered.length - 1) * 0.9)] ?? most;
  return most > 5 * usual && ordered.length > 4 ? usual * 1.6 : most;
}
