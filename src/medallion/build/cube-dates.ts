import type { Snapshot } from '../../delta/log/snapshot.ts';
import { TIMES } from '../net-changes.ts';
import { type Cube, DATE_COLUMN } from './cube.ts';
import { sortedDates } from './day-number.ts';
import { referenceDates } from './dates.ts';
import { hasDates } from './layout.ts';

/** Every date that there is, written `2024-01-31`, ascending. */
export async function allDates(cube: Cube): Promise<readonly string[]> {
  return datesOf(cube, await datesNow(cube));
}

/** SQL: every date that there is. */
export async function datesNow(cube: Cube): Promise<string> {
  return referenceDates(`FROM ${await cube.days()}`, cube.dates.windowDays);
}

/** SQL: the dates that there were before the date source's rows changed. @param changes As `netChanges`; undefined where they have not. */
export async function datesBefore(cube: Cube, changes: string | undefined): Promise<string> {
  if (changes === undefined) return datesNow(cube);
  const { dayOf, windowDays } = cube.dates;
  const moved = `SELECT ${dayOf} AS day, -${TIMES} AS n FROM ${changes} WHERE isfinite(${dayOf})`;
  const days = `SELECT day FROM (SELECT day, n FROM ${await cube.days()} UNION ALL ${moved}) GROUP BY day HAVING sum(n) > 0`;
  return referenceDates(days, windowDays);
}

/** Dates that SQL gives as `dt_ref`, ascending, each once. */
export async function datesOf({ tables }: Pick<Cube, 'tables'>, sql: string): Promise<readonly string[]> {
  const rows = await tables.edge.engine.rows(
    `SELECT DISTINCT CAST(dt_ref AS VARCHAR) AS date FROM (${sql}) WHERE dt_ref IS NOT NULL`,
  );
  return sortedDates(rows.map(({ date }) => String(date)));
}

/** The dates that a gold table has rows of, ascending; none where there is no table, or one that has no dates. */
export async function storedDates(
  { tables, model }: Cube,
  snapshot: Snapshot | undefined,
): Promise<readonly string[]> {
  if (snapshot === undefined || !hasDates(snapshot)) return [];
  const delta = await tables.require(model);
  await using rows = await delta.read({ at: snapshot.version, columns: [DATE_COLUMN] });
  return await datesOf({ tables }, rows.sql);
}
