import type { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import { type Cube, DAY, sqlOfDate } from './cube.ts';
import type { CubeRows } from './cube-rows.ts';
import { dateLiteral, seenDays } from './dates.ts';
import { usedColumns } from './used-columns.ts';

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
  const columns = usedColumns(cube.tree, cube.sources, cube.dates.source).map(({ name }) => name);
  const table = await helpers.createAs(`${seenRows(cube, dates, columns)} ORDER BY ${DAY}`);
  const sql = await sqlOfDate(cube, { table, columns });
  for (const date of dates) {
    // In a pair of brackets of their own, as a comment or a WITH may begin the text.
    await engine.run(`INSERT INTO ${into.table} SELECT ${dateLiteral(date)}, * FROM (${sql(date)})`);
  }
}

/** SQL: the rows of the date source that some date of a range may see, with {@link DAY}. */
function seenRows({ dates }: Cube, range: readonly string[], columns: readonly string[]): string {
  const { rows, day, windowDays, between } = dates;
  const { first, last } = seenDays(range, windowDays);
  const list = [...columns.map(quoteName), `${day} AS ${DAY}`].join(', ');
  return `SELECT ${list} FROM ${rows} WHERE ${between(first, last)}`;
}
