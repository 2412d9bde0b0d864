import type { PastRun } from '../../src/lake/past-runs.ts';

export const DAY_MS = 86_400_000;

/** What happened to a table on a day, or over several runs. */
export interface DayCell {
  readonly state: 'full-load' | 'held' | 'changed' | 'unchanged';
  readonly rows: number;
  /** The newest run of the day that did this. */
  readonly run: number;
}

export interface HeatMap {
  readonly tables: readonly string[];
  /** ISO dates without a gap, oldest first. */
  readonly days: readonly string[];
  /** By table and day; undefined where no run looked at the table. */
  readonly cells: ReadonlyMap<string, DayCell>;
}

/** The runs of the last so many days as a map of tables by days; `runs` come newest first. */
export function heatMap(runs: readonly PastRun[], tables: readonly string[], mostDays: number): HeatMap {
  const newest = runs[0];
  const oldest = runs.at(-1);
  if (newest === undefined || oldest === undefined) return { tables, days: [], cells: new Map() };
  const last = dayStart(newest.at);
  const first = Math.max(dayStart(oldest.at), last - (mostDays - 1) * DAY_MS);
  const days: string[] = [];
  for (let day = first; day <= last; day += DAY_MS) days.push(isoDay(day));
  const cells = new Map<string, DayCell>();
  for (const { run, at, tables: reports } of runs.toReversed()) {
    const day = isoDay(dayStart(at));
    for (const [table, report] of Object.entries(reports)) {
      const name = cellName(table, day);
      const before = cells.get(name);
      const rows = report.inserted + report.updated + report.deleted;
      const isHeld = report.operation === 'held' || report.operation === 'failed';
      const isLoad = report.operation === 'full-load' || before?.state === 'full-load';
      const sum = (before?.rows ?? 0) + rows;
      const state = isHeld ? 'held' : isLoad ? 'full-load' : sum > 0 ? 'changed' : 'unchanged';
      cells.set(name, {
        state,
        rows: sum,
        run: rows > 0 || isHeld || before === undefined ? run : before.run,
      });
    }
  }
  return { tables, days, cells };
}

export function cellName(table: string, day: string): string {
  return `${day} ${table}`;
}

function dayStart(iso: string): number {
  return Date.parse(`${iso.slice(0, 10)}T00:00:00Z`);
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A level from 1 to 5 on a scale by powers, for a number of rows above 0. */
export function heatLevel(rows: number, most: number): number {
  if (most <= 1) return 5;
  return Math.min(5, 1 + Math.floor((Math.log(rows) / Math.log(most)) * 4.999));
}
