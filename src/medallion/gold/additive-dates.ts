import { IgarapeError } from '../../core/errors.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { isLostFeed } from '../net-changes.ts';
import type { SourceRange } from '../step.ts';
import type { AdditiveCube } from './additive-shape.ts';
import { combineSums, haveExactSums, type Parts } from './combine-sums.ts';
import { type Cube, openCube, selectColumns } from './cube.ts';
import { storedDates } from './cube-dates.ts';
import { type CubeRows, emptyCubeRows } from './cube-rows.ts';
import { seenDays, sourceDays } from './dates.ts';
import { movedRows } from './moved-rows.ts';
import { computeInOnePass } from './one-pass.ts';
import type { TouchedRows } from './touched-rows.ts';

/** What an additive cube's dates are brought up to date from. */
export interface AdditiveUpdate {
  readonly shape: AdditiveCube;
  readonly touched: TouchedRows;
  /** What has changed since the table was made. */
  readonly ranges: readonly SourceRange[];
  /** The versions of the sources that the cube is opened at. */
  readonly versions: ReadonlyMap<string, number>;
  /** The gold table, as the versions before made it. */
  readonly before: Snapshot;
}

/**
 * Computes dates from the rows that a gold table has for them and from those that changes move: what the moved rows gave
 * before is taken from their groups, and what they give now is added. Nothing is computed where that would read most of
 * the rows anyway.
 *
 * @param dates Ascending.
 * @param into Takes all rows of the dates that are computed.
 * @returns The dates that are left to be computed as a whole.
 */
export async function updateByMovedRows(
  cube: Cube,
  { shape, touched, ranges, versions, before }: AdditiveUpdate,
  dates: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
): Promise<readonly string[]> {
  const { changed, table } = touched;
  const stored = new Set(await storedDates(cube, before));
  const known = dates.filter((date) => stored.has(date));
  if (known.length === 0 || table === undefined) return dates;
  const moved = await movedRows(cube, shape.key, { changed, table }, known, helpers);
  if (await isMost(cube, [moved.now, moved.before], known)) return dates;
  const now = await partsOf(cube, shape, moved.now, known, helpers);
  if (now === undefined || !haveExactSums(cube, shape, now)) return dates;
  const isOwn = changed.every(({ source }) => source === cube.dates.source);
  const then = isOwn
    ? await partsOf(cube, shape, moved.before, known, helpers)
    : await partsBefore(cube, { shape, ranges, versions }, moved.before, known, helpers);
  if (then === undefined) return dates;
  const sides = { stored: before, before: then, now };
  const doubtful = new Set(await combineSums(cube, shape, sides, known, into, helpers));
  return dates.filter((date) => !stored.has(date) || doubtful.has(date));
}

/** The cube over some rows of its date source; undefined where it cannot be computed for many dates at once. */
async function partsOf(
  cube: Cube,
  { tree }: AdditiveCube,
  rows: string,
  dates: readonly string[],
  helpers: HelperTables,
): Promise<Parts | undefined> {
  const of = { ...cube, tree, dates: { ...cube.dates, rows } };
  const days = await helpers.createAs(sourceDays(of.dates));
  const columns = await selectColumns(of);
  const part: Cube = { ...of, columns, days: async () => days };
  const found = await emptyCubeRows(part, helpers);
  const { left } = await computeInOnePass(part, dates, found, helpers);
  return left.length > 0 ? undefined : { table: found.table, types: columns.map(({ type }) => type) };
}

/** The same, over the other sources as they were before. */
async function partsBefore(
  cube: Cube,
  { shape, ranges, versions }: Pick<AdditiveUpdate, 'shape' | 'ranges' | 'versions'>,
  rows: string,
  dates: readonly string[],
  helpers: HelperTables,
): Promise<Parts | undefined> {
  const earlier = new Map(versions);
  for (const { table, from } of ranges) earlier.set(table, from);
  try {
    await using then = await openCube(cube.tables, cube.model, earlier);
    return await partsOf(then, shape, rows, dates, helpers);
  } catch (error) {
    // Files of versions before may have been vacuumed, and the SELECT may not fit what the tables were then.
    const isPast = isLostFeed(error) || (error instanceof IgarapeError && error.code === 'CONFIG_INVALID');
    if (isPast) return undefined;
    throw error;
  }
}

/** So few rows are added and taken away as quickly as anything. */
const FEW_ROWS = 100_000;

/** True where so many rows move that it is quicker to compute dates as a whole. */
async function isMost(
  { tables, dates: { windowDays }, days }: Cube,
  moved: readonly string[],
  dates: readonly string[],
): Promise<boolean> {
  const { engine } = tables.edge;
  const count = moved.map((table) => `(SELECT count(*) FROM ${table})`).join(' + ');
  const { first, last } = seenDays(dates, windowDays);
  const seen = `SELECT sum(n) FROM ${await days()} WHERE day BETWEEN ${first} AND ${last}`;
  const [row] = await engine.rows(`SELECT (${count}) > greatest((${seen}) / 2, ${FEW_ROWS}) AS is_most`);
  return row?.['is_most'] === true;
}
