import type { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import { type Cube, DAY, showWindow } from './cube.ts';
import type { CubeRows } from './cube-rows.ts';
import { dateLiteral, seenDays } from './dates.ts';

/**
 * Computes dates one after the other. The rows of the date source that they see are sorted by day once, so that each
 * date reads little of them.
 *
 * @param dates Ascending.
 */
export async function computeDateByDate(
  cube: Cube,
  dates: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
): Promise<void> {
  if (dates.length === 0) return;
  const { engine } = cube.tables.edge;
  const seen = await helpers.createAs(`${await seenRows(cube, dates)} ORDER BY ${DAY}`);
  for (const date of dates) {
    await showWindow(cube, seen, dateLiteral(date));
    // In a pair of brackets of their own, as a comment or a WITH may begin the text.
    await engine.run(`INSERT INTO ${into.table} SELECT *, ${dateLiteral(date)} FROM (${cube.sqlOf(date)})`);
  }
}

/** SQL: the rows of the date source that some date of a range may see, with {@link DAY}. */
async function seenRows({ dates, rows, understood }: Cube, range: readonly string[]): Promise<string> {
  const { source, dayOf, windowDays, between } = dates;
  const { first, last } = seenDays(range, windowDays);
  const columns = understood.columns.get(source) ?? [];
  const list = [...columns.map(quoteName), `${dayOf} AS ${DAY}`].join(', ');
  await rows.look(source, between(first, last));
  return `SELECT ${list} FROM ${await rows.now(source)}`;
}
