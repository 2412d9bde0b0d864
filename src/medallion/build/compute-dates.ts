import { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import type { Cube } from './cube.ts';
import { checkDates, type CubeRows, emptyCubeRows } from './cube-rows.ts';
import { dateLiteral, seenDays } from './dates.ts';
import { sortedDates } from './day-number.ts';
import { asModel } from './model-error.ts';
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
  await asModel(cube.model, async () => {
    await using scratch = new HelperTables(cube.tables.edge.engine);
    const sorted = sortedDates(dates);
    const left = sorted.length > 1 ? await computeInPasses(cube, sorted, rows, scratch) : sorted;
    await computeDateByDate(cube, sortedDates(left), rows, scratch);
  });
  await checkDates(cube, rows);
}

/** The day of a row of the date source, beside the source's columns. */
const DAY = '_igarape_day';

/**
 * Computes dates one after the other. The rows of the date source that they see are sorted by day once, so that each
 * date reads little of them; its SELECT sees those of its window alone.
 *
 * @param range Ascending.
 */
export async function computeDateByDate(
  { dates, rows, understood, tables, sqlOf }: Cube,
  range: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
): Promise<void> {
  if (range.length === 0) return;
  const { engine } = tables.edge;
  const { table, source, dayOf, windowDays, between } = dates;
  const { first, last } = seenDays(range, windowDays);
  const columns = (understood.columns.get(source) ?? []).map(quoteName).join(', ');
  await rows.look(source, between(first, last));
  const seen = await helpers.createAs(
    `SELECT ${columns}, ${dayOf} AS ${DAY} FROM ${await rows.now(source)} ORDER BY ${DAY}`,
  );
  for (const each of range) {
    const date = dateLiteral(each);
    await engine.run(
      `CREATE OR REPLACE VIEW ${table.layer}.${quoteName(table.name)} AS SELECT ${columns} FROM ${seen} WHERE ${DAY} BETWEEN ${date} - ${windowDays - 1} AND ${date}`,
    );
    // In a pair of brackets of their own, as a comment or a WITH may begin the text.
    await engine.run(`INSERT INTO ${into.table} SELECT *, ${date} FROM (${sqlOf(each)})`);
  }
}
