import { HelperTables } from '../../delta/relation.ts';
import { type Cube, invalid } from './cube.ts';
import { checkDates, type CubeRows, emptyCubeRows } from './cube-rows.ts';
import { computeDateByDate } from './date-by-date.ts';

/**
 * Computes a cube's dates.
 *
 * @param dates Written `2024-01-31`, each once.
 * @param helpers Takes the table with the rows.
 * @throws IgarapeError CONFIG_INVALID where the SELECT fails on the rows
 */
export async function computeDates(
  cube: Cube,
  dates: readonly string[],
  helpers: HelperTables,
): Promise<CubeRows> {
  const rows = await emptyCubeRows(cube, helpers);
  const scratch = new HelperTables(cube.tables.edge.engine);
  try {
    if (dates.length > 0) await computeDateByDate(cube, dates.toSorted(), rows, scratch);
  } catch (error) {
    throw BY_ENGINE.test(error instanceof Error ? error.message : '') ? invalid(cube.model, error) : error;
  } finally {
    await scratch.drop();
  }
  await checkDates(cube, rows);
  return rows;
}

/** What DuckDB throws where the SELECT does not go together with the rows. */
const BY_ENGINE =
  /^(?:Binder|Parser|Catalog|Conversion|Out of Range|Invalid Input|Not implemented)\b.*Error/i;
