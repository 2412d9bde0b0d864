import { HelperTables } from '../../delta/read/relation.ts';
import { engineComplaint } from './model-error.ts';
import { type Cube, invalid } from './cube.ts';
import { checkDates, type CubeRows, emptyCubeRows } from './cube-rows.ts';
import { computeDateByDate } from './date-by-date.ts';
import { sortedDates } from './day-number.ts';
import { computeInPasses } from './passes.ts';

/**
 * Computes a cube's dates.
 *
 * @param dates Each once.
 * @param helpers Takes the table with the rows.
 * @throws IgarapeError CONFIG_INVALID where the SELECT fails on the rows
 */
export async function computeDates(
  cube: Cube,
  dates: readonly string[],
  helpers: HelperTables,
): Promise<CubeRows> {
  const rows = await emptyCubeRows(cube, helpers);
  await computeInto(cube, dates, rows);
  return rows;
}

/** The same, beside rows of other dates. */
export async function computeInto(cube: Cube, dates: readonly string[], rows: CubeRows): Promise<void> {
  const scratch = new HelperTables(cube.tables.edge.engine);
  try {
    const sorted = sortedDates(dates);
    const { left, empty } =
      sorted.length > 1 ? await computeInPasses(cube, sorted, rows, scratch) : { left: sorted, empty: [] };
    await computeDateByDate(cube, sortedDates([...left, ...empty]), rows, scratch);
  } catch (error) {
    throw engineComplaint(error) === undefined ? error : invalid(cube.model, error);
  } finally {
    await scratch.drop();
  }
  await checkDates(cube, rows);
}
