import { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { TIMES } from '../net-changes.ts';
import type { ChangedRows } from './changed-rows.ts';
import { type Cube, DATE_COLUMN, DAY } from './cube.ts';
import { sortedDates } from './day-number.ts';
import { datesThatSee, referenceDates } from './dates.ts';
import type { TouchedRows } from './touched-rows.ts';

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
 * The dates whose rows may have changed since the table was made: those that see touched rows, and those that have come
 * with a newer row.
 */
export async function datesToUpdate(cube: Cube, { changed, table }: TouchedRows): Promise<CubeDates> {
  const { windowDays, source } = cube.dates;
  const helpers = new HelperTables(cube.tables.edge.engine);
  try {
    const now = await cube.days();
    const days = table === undefined ? `SELECT day FROM ${now}` : `SELECT ${DAY} AS day FROM ${table}`;
    const all = await helpers.createAs(referenceDates(`FROM ${now}`, windowDays));
    const seeing = datesThatSee(`FROM ${all}`, days, windowDays);
    const own = changed.find((rows) => rows.source === source);
    const compute = await datesOf(
      cube,
      own === undefined ? seeing : `${seeing} UNION (FROM ${all} EXCEPT ${datesBefore(cube, now, own)})`,
    );
    return { compute, vanished: await vanishedDates(cube, await datesOf(cube, `FROM ${all}`)) };
  } finally {
    await helpers.drop();
  }
}

/** SQL: the dates that there were before the date source's rows changed. */
function datesBefore({ dates }: Cube, now: string, own: ChangedRows): string {
  const changes = `SELECT ${dates.day} AS day, -${TIMES} AS n FROM ${own.table} WHERE isfinite(${dates.day})`;
  const days = `SELECT day FROM (SELECT day, n FROM ${now} UNION ALL ${changes}) GROUP BY day HAVING sum(n) > 0`;
  return referenceDates(days, dates.windowDays);
}

async function datesOf({ tables }: Pick<Cube, 'tables'>, sql: string): Promise<readonly string[]> {
  const rows = await tables.edge.engine.rows(
    `SELECT DISTINCT CAST(dt_ref AS VARCHAR) AS date FROM (${sql}) WHERE dt_ref IS NOT NULL`,
  );
  return sortedDates(rows.map(({ date }) => String(date)));
}

async function vanishedDates(cube: Cube, all: readonly string[]): Promise<readonly string[]> {
  const there = new Set(all);
  const before = await (await cube.tables.find(cube.model))?.snapshot();
  return (await storedDates(cube, before)).filter((date) => !there.has(date));
}

/** The dates that a gold table has rows of, ascending; none where there is no table. */
export async function storedDates(
  { tables, model }: Cube,
  snapshot: Snapshot | undefined,
): Promise<readonly string[]> {
  if (snapshot === undefined) return [];
  const delta = await tables.require(model);
  await using rows = await delta.read({ at: snapshot.version, columns: [DATE_COLUMN] });
  return await datesOf({ tables }, rows.sql);
}
