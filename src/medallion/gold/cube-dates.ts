import { HelperTables } from '../../delta/relation.ts';
import type { Snapshot } from '../../delta/snapshot.ts';
import type { SourceRange } from '../step.ts';
import { TIMES } from '../net-changes.ts';
import { type ChangedRows, changedRows, rangeOfSource } from './changed-rows.ts';
import { type Cube, DATE_COLUMN, isEngineError } from './cube.ts';
import { datesThatSee, referenceDates } from './dates.ts';
import { daysReached } from './reach.ts';

/** Dates of a gold table, written `2024-01-31`, ascending. */
export interface CubeDates {
  readonly compute: readonly string[];
  /** Those that the table has, and that there are no more. */
  readonly vanished: readonly string[];
}

/** Every date that there is. */
export async function allDates(cube: Cube): Promise<CubeDates> {
  const compute = await datesOf(cube, referenceDates(`FROM ${await cube.days()}`, cube.dates.windowDays));
  return { compute, vanished: await vanishedDates(cube, compute) };
}

/**
 * The dates whose rows may have changed since the table was made: those that see changed rows of the date source, those
 * that changed rows of other sources reach, and those that have come with a newer row.
 *
 * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING where the changes cannot be read
 */
export async function datesToUpdate(cube: Cube, ranges: readonly SourceRange[]): Promise<CubeDates> {
  const { dates, sources } = cube;
  const helpers = new HelperTables(cube.tables.edge.engine);
  try {
    const changed: ChangedRows[] = [];
    for (const source of sources.all) {
      const range = rangeOfSource(ranges, source);
      if (range !== undefined) changed.push(await changedRows(cube, source, range, helpers));
    }
    const now = await cube.days();
    const own = changed.find(({ source }) => source === dates.source);
    const touched: string[] = [];
    if (own !== undefined) touched.push(`SELECT DISTINCT ${dates.day} AS day FROM ${own.table}`);
    for (const rows of changed) {
      if (rows !== own) touched.push(await reachedOrAll(cube, rows, changed, helpers, now));
    }
    const days = `SELECT day FROM (${[...touched, 'SELECT CAST(NULL AS DATE) AS day'].join(' UNION ')}) WHERE isfinite(day)`;
    const all = await helpers.createAs(referenceDates(`FROM ${now}`, dates.windowDays));
    const seeing = datesThatSee(`FROM ${all}`, days, dates.windowDays);
    const compute = await datesOf(
      cube,
      own === undefined ? seeing : `${seeing} UNION (FROM ${all} EXCEPT ${datesBefore(cube, now, own)})`,
    );
    return { compute, vanished: await vanishedDates(cube, await datesOf(cube, `FROM ${all}`)) };
  } finally {
    await helpers.drop();
  }
}

/** Columns that the SELECT compares as other types than theirs may not be comparable as they are: then it is all days. */
async function reachedOrAll(
  cube: Cube,
  rows: ChangedRows,
  changed: readonly ChangedRows[],
  helpers: HelperTables,
  now: string,
): Promise<string> {
  try {
    return await daysReached(cube, rows, changed, helpers);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return `SELECT day FROM ${now}`;
  }
}

/** SQL: the dates that there were before the date source's rows changed. */
function datesBefore({ dates }: Cube, now: string, own: ChangedRows): string {
  const changes = `SELECT ${dates.day} AS day, -${TIMES} AS n FROM ${own.table} WHERE isfinite(${dates.day})`;
  const days = `SELECT day FROM (SELECT day, n FROM ${now} UNION ALL ${changes}) GROUP BY day HAVING sum(n) > 0`;
  return referenceDates(days, dates.windowDays);
}

async function datesOf({ tables }: Cube, sql: string): Promise<readonly string[]> {
  const rows = await tables.edge.engine.rows(
    `SELECT DISTINCT CAST(dt_ref AS VARCHAR) AS date FROM (${sql}) WHERE dt_ref IS NOT NULL`,
  );
  return rows.map(({ date }) => String(date)).toSorted();
}

async function vanishedDates({ tables, model }: Cube, all: readonly string[]): Promise<readonly string[]> {
  const there = new Set(all);
  return storedDates(await (await tables.find(model))?.snapshot()).filter((date) => !there.has(date));
}

/** The dates that a gold table has partitions of, ascending; none where there is no table. */
export function storedDates(snapshot: Snapshot | undefined): readonly string[] {
  const dates = new Set<string>();
  for (const { partitionValues } of snapshot?.files() ?? []) {
    const date = partitionValues[DATE_COLUMN];
    if (typeof date === 'string') dates.add(date);
  }
  return [...dates].toSorted();
}
