import type { HelperTables } from '../../delta/read/relation.ts';
import { withStreamedFiles } from '../../delta/read/streamed-joins.ts';
import { quoteName } from '../../engine/quote.ts';
import { TIMES } from '../net-changes.ts';
import { type Cube, DAY } from './cube.ts';
import { seenDays } from './dates.ts';
import type { TouchedRows } from './touched-rows.ts';
import { usedColumns } from './used-columns.ts';

/** Tables with rows of the date source, in the columns that the cube uses, each as often as it is there. */
export interface MovedRows {
  readonly now: string;
  readonly before: string;
}

/** The columns by which touched rows are told. */
export function movingColumns(cube: Cube, key: string | undefined): readonly string[] {
  return key === undefined ? columnsOf(cube) : [key];
}

/**
 * The rows of the date source, now and before, without which what a cube gives of the other ones would be the same: the
 * touched ones, and those that a window has beside them and that are alike in the key.
 *
 * @param key As of an additive cube.
 * @param touched With {@link movingColumns}.
 * @param dates Ascending: rows that none of them sees may be left out.
 */
export async function movedRows(
  cube: Cube,
  key: string | undefined,
  { changed, table }: { readonly changed: TouchedRows['changed']; readonly table: string },
  dates: readonly string[],
  helpers: HelperTables,
): Promise<MovedRows> {
  const list = columnsOf(cube).map(quoteName).join(', ');
  const own = changed.find(({ source }) => source === cube.dates.source)?.table;
  const times = (sign: '' | '-', of: string): string =>
    `SELECT ${list} FROM (SELECT *, unnest(range(${sign}${TIMES})) FROM ${of} WHERE ${sign}${TIMES} > 0)`;
  if (key === undefined && own !== undefined && changed.length === 1) {
    const [now, before] = [await helpers.createAs(times('', own)), await helpers.createAs(times('-', own))];
    return { now, before };
  }
  const { dates: of, tables } = cube;
  const near = key === undefined ? 0 : of.windowDays - 1;
  const alike = movingColumns(cube, key).map(
    (name) => `r.${quoteName(name)} IS NOT DISTINCT FROM t.${quoteName(name)}`,
  );
  const isNear =
    near === 0 ? `r.${DAY} = t.${DAY}` : `r.${DAY} >= t.${DAY} - ${near} AND r.${DAY} <= t.${DAY} + ${near}`;
  const { first, last } = seenDays(dates, of.windowDays);
  const rows = `SELECT ${list}, ${of.day} AS ${DAY} FROM ${of.source.view} WHERE ${of.between(first, last)}`;
  const now = await withStreamedFiles(tables.edge.engine, () =>
    helpers.createAs(
      `SELECT r.* EXCLUDE (${DAY}) FROM (${rows}) AS r SEMI JOIN ${table} AS t ON ${[...alike, isNear].join(' AND ')}`,
    ),
  );
  if (own === undefined) return { now, before: now };
  const before = await helpers.createAs(
    `(SELECT * FROM ${now} EXCEPT ALL ${times('', own)}) UNION ALL ${times('-', own)}`,
  );
  return { now, before };
}

/** The columns of the date source that the SELECT uses, and the one with its date. */
function columnsOf({ tree, sources, dates }: Cube): readonly string[] {
  const used = usedColumns(tree, sources, dates.source).map(({ name }) => name);
  return used.includes(dates.column) ? used : [...used, dates.column];
}
