import type { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import type { SourceRange } from '../step.ts';
import { type ChangedRows, changedRows, rangeOfSource } from './changed-rows.ts';
import { type Cube, DAY, isEngineError } from './cube.ts';
import { rowsReached } from './reach.ts';

/** What changes of a cube's sources touch of its date source. */
export interface TouchedRows {
  /** The changed rows of each source that has a newer version. */
  readonly changed: readonly ChangedRows[];
  /**
   * A table with some columns, and the day as {@link DAY}, of rows of the date source, as they are and as they were: every
   * date that has changed sees one of them. Undefined where it is not known which.
   */
  readonly table: string | undefined;
}

/**
 * The rows of the date source that have changed, and those that changed rows of other sources reach.
 *
 * @param columns Of the date source, of those that the SELECT uses.
 * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING where the changes cannot be read
 */
export async function touchedRows(
  cube: Cube,
  ranges: readonly SourceRange[],
  columns: readonly string[],
  helpers: HelperTables,
): Promise<TouchedRows> {
  const { dates, sources } = cube;
  const changed: ChangedRows[] = [];
  for (const source of sources.all) {
    const range = rangeOfSource(ranges, source);
    if (range !== undefined) changed.push(await changedRows(cube, source, range, helpers));
  }
  const list = columns.map((name) => `${quoteName(name)}, `).join('');
  const touched = [`SELECT ${list}${dates.day} AS ${DAY} FROM ${dates.source.view} LIMIT 0`];
  try {
    for (const rows of changed) {
      touched.push(
        rows.source === dates.source
          ? `SELECT ${list}${dates.day} AS ${DAY} FROM ${rows.table}`
          : await rowsReached(cube, rows, changed, columns, helpers),
      );
    }
  } catch (error) {
    // Columns that the SELECT compares as other types than theirs may not be comparable as they are.
    if (!isEngineError(error)) throw error;
    return { changed, table: undefined };
  }
  const table = await helpers.createAs(
    `SELECT DISTINCT * FROM (${touched.map((sql) => `(${sql})`).join(' UNION ALL ')}) WHERE isfinite(${DAY})`,
  );
  return { changed, table };
}
