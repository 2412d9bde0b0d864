import { HelperTables } from '../../delta/read/relation.ts';
import { type AdditiveUpdate, updateByMovedRows } from './additive-dates.ts';
import { type Cube, invalid, isEngineError } from './cube.ts';
import { checkDates, type CubeRows, emptyCubeRows } from './cube-rows.ts';
import { sortedDates } from './day-number.ts';
import { computeDateByDate } from './date-by-date.ts';
import { computeInOnePass } from './one-pass.ts';

/**
 * Computes a cube's dates.
 *
 * @param dates Written `2024-01-31`, each once.
 * @param helpers Takes the table with the rows.
 * @param update Of an additive cube, where the gold table has dates already.
 * @throws IgarapeError CONFIG_INVALID where the SELECT fails on the rows
 */
export async function computeDates(
  cube: Cube,
  dates: readonly string[],
  helpers: HelperTables,
  update?: AdditiveUpdate,
): Promise<CubeRows> {
  const rows = await emptyCubeRows(cube, helpers);
  const scratch = new HelperTables(cube.tables.edge.engine);
  try {
    const sorted = sortedDates(dates);
    const whole =
      update === undefined ? sorted : await updateByMovedRows(cube, update, sorted, rows, scratch);
    const { left, empty } =
      whole.length > 1 ? await computeInOnePass(cube, whole, rows, scratch) : { left: whole, empty: [] };
    await computeDateByDate(cube, sortedDates([...left, ...empty]), rows, scratch);
  } catch (error) {
    throw isEngineError(error) ? invalid(cube.model, error) : error;
  } finally {
    await scratch.drop();
  }
  await checkDates(cube, rows);
  return rows;
}
