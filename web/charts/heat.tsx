import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PastRun } from '../../src/lake/past-runs.ts';
import { ARROWS } from '../arrows.ts';
import { linkTo } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { cellName, type DayCell, heatLevel, heatMap } from './days.ts';
import { useWidth } from './width.ts';

const GAP = 3;
const TOP = 20;
const LARGEST = 26;
const SMALLEST = 7;

/** Which table changed on which day, and how much: one shape a level, however many days there are. */
export function Heat({
  runs,
  tables,
  days: mostDays,
}: {
  readonly runs: readonly PastRun[];
  readonly tables: readonly string[];
  readonly days: number;
}): JSX.Element {
  const { t, day, count } = useSpeech();
  const [element, width] = useWidth<HTMLDivElement>(900);
  const [at, setAt] = useState<readonly [number, number]>();
  const label = Math.min(170, Math.max(90, width * 0.2));
  const fits = Math.max(1, Math.floor((width - label) / (SMALLEST + 1)));
  const map = heatMap(runs, tables, Math.min(mostDays, fits));
  const step = Math.min(LARGEST, (width - label) / Math.max(map.days.length, 1));
  const size = Math.max(step - GAP, step * 0.7);
  const rowStep = Math.max(Math.min(step, LARGEST), 18);
  const most = Math.max(
    1,
    ...[...map.cells.values()].map(({ state, rows }) => (state === 'changed' ? rows : 0)),
  );
  const shapes = new Map<string, string>();
  const marks: { x: number; y: number }[] = [];
  const height = Math.max(size, Math.min(rowStep - GAP, 16));
  for (const [row, table] of map.tables.entries()) {
    for (const [column, each] of map.days.entries()) {
      const cell = map.cells.get(cellName(table, each));
      const [x, y] = [label + column * step, TOP + row * rowStep];
      const level = levelOf(cell, most);
      shapes.set(level, `${shapes.get(level) ?? ''}M${x} ${y}h${size}v${height}h${-size}z`);
      if (level === 'held') marks.push({ x: x + size / 2, y: y + height / 2 });
    }
  }
  const [column, row] = at ?? [-1, -1];
  const [pickedDay, pickedTable] = [map.days[column] ?? '', map.tables[row] ?? ''];
  const picked = map.cells.get(cellName(pickedTable, pickedDay));
  const find = (event: { offsetX: number; offsetY: number }): readonly [number, number] => [
    Math.floor((event.offsetX - label) / step),
    Math.floor((event.offsetY - TOP) / rowStep),
  ];
  const open = (): void => {
    if (picked !== undefined) location.hash = linkTo(['runs', picked.run], { table: pickedTable });
  };
  const move = (event: KeyboardEvent): void => {
    const [dx, dy] = ARROWS[event.key] ?? [0, 0];
    if (event.key === 'Enter') open();
    if (dx === 0 && dy === 0) return;
    event.preventDefault();
    const from = at ?? [map.days.length, 0];
    setAt([clamp(from[0] + dx, map.days.length), clamp(from[1] + dy, map.tables.length)]);
  };
  return (
    <div ref={element} class="chart heat">
      <div class="tall">
        <svg
          width={width}
          height={TOP + map.tables.length * rowStep}
          role="application"
          aria-label={t.changedByDay}
          tabIndex={0}
          class={picked === undefined ? '' : 'clickable'}
          onPointerMove={(event) => setAt(find(event))}
          onPointerLeave={() => setAt(undefined)}
          onClick={open}
          onKeyDown={move}
        >
          {map.tables.map((table, index) => (
            <text
              key={table}
              class="name"
              x={0}
              y={TOP + index * rowStep + height / 2}
              dominant-baseline="central"
            >
              {fitted(table, label)}
            </text>
          ))}
          {dayLabels(map.days, step).map((index) => (
            <text key={index} class="tick" x={label + index * step} y={11}>
              {day(map.days[index] ?? '')}
            </text>
          ))}
          {[...shapes].map(([level, path]) => (
            <path key={level} class={`level-${level}`} d={path} />
          ))}
          {marks.map(({ x, y }) => (
            <text key={`${x} ${y}`} class="mark" x={x} y={y} text-anchor="middle" dominant-baseline="central">
              !
            </text>
          ))}
          {pickedDay === '' || pickedTable === '' ? null : (
            <rect
              class="picked"
              x={label + column * step}
              y={TOP + row * rowStep}
              width={size}
              height={height}
            />
          )}
        </svg>
      </div>
      <p class="hint" aria-live="polite">
        {pickedDay === '' || pickedTable === '' ? (
          <Legend />
        ) : (
          <>
            <b>{pickedTable}</b> {day(pickedDay)}: {cellText(picked, t, count)}
          </>
        )}
      </p>
    </div>
  );
}

function Legend(): JSX.Element {
  const { t } = useSpeech();
  return (
    <span class="legend">
      {t.fewer}
      {[0, 1, 2, 3, 4, 5].map((level) => (
        <i key={level} class={`swatch level-${level}`} />
      ))}
      {t.more}
      <i class="swatch level-full-load" /> {t.fullLoad}
      <i class="swatch level-held" /> {t.held}
      <i class="swatch level-none" /> {t.noRun}
    </span>
  );
}

function cellText(
  cell: DayCell | undefined,
  t: ReturnType<typeof useSpeech>['t'],
  count: (value: number) => string,
): string {
  if (cell === undefined) return t.noRun;
  if (cell.state === 'held') return t.held;
  const rows = t.rowsOf(count(cell.rows));
  if (cell.state === 'full-load') return `${t.fullLoad}, ${rows}`;
  return cell.state === 'unchanged' ? t.nothingChanged : rows;
}

function levelOf(cell: DayCell | undefined, most: number): string {
  if (cell === undefined) return 'none';
  if (cell.state === 'unchanged') return '0';
  return cell.state === 'changed' ? String(heatLevel(cell.rows, most)) : cell.state;
}

/** Days that get a label: one about every 80 pixels. */
function dayLabels(days: readonly string[], step: number): number[] {
  const every = Math.max(1, Math.ceil(64 / step));
  return days.flatMap((_, index) =>
    index === 0 || (index % every === 0 && days.length - index >= Math.min(every, 2)) ? [index] : [],
  );
}

function fitted(name: string, width: number): string {
  const most = Math.floor(width / 7.5);
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}

function clamp(value: number, length: number): number {
  return Math.max(0, Math.min(length - 1, value));
}
