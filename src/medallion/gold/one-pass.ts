import type { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import { printSql } from '../../engine/sql-tree.ts';
import { type Cube, isEngineError } from './cube.ts';
import type { CubeRows } from './cube-rows.ts';
import { dateLiteral, seenDays } from './dates.ts';
import { type DateTables, FOR_DATE, JointParts, SEEN_DAY } from './joint-parts.ts';
import { jointQuery, RESULT_DATE } from './joint-query.ts';

export interface OnePass {
  /** What is left to be computed date by date: all dates where the SELECT does not allow for one pass. */
  readonly left: readonly string[];
  /** Dates for which no rows came, and that may have one alone: the total over no rows. */
  readonly empty: readonly string[];
}

/** So many rows of the date source, each counted for every date that sees it, are computed at once. */
const MOST_ROWS = 8_000_000;

/**
 * Computes dates in as few passes as memory allows.
 *
 * @param dates Ascending.
 */
export async function computeInOnePass(
  cube: Cube,
  dates: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
  mostRows: number = MOST_ROWS,
): Promise<OnePass> {
  const passes: OnePass[] = [];
  for (const chunk of await chunks(cube, dates, mostRows))
    passes.push(await computeChunk(cube, chunk, into, helpers));
  return { left: passes.flatMap(({ left }) => left), empty: passes.flatMap(({ empty }) => empty) };
}

async function computeChunk(
  cube: Cube,
  dates: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
): Promise<OnePass> {
  const { engine } = cube.tables.edge;
  const { windowDays } = cube.dates;
  const left = { left: dates, empty: [] };
  const tables = await dateTables(cube, dates, helpers);
  const query = jointQuery(cube, await JointParts.of(cube, tables, seenDays(dates, windowDays)));
  if (query === undefined) return left;
  const sql = await printSql(engine, query.tree);
  try {
    const columns = await engine.describe(`SELECT * FROM (${sql})`);
    // Something of the statement has taken the date column along: it is not as it was taken for.
    if (columns.length !== cube.columns.length + 1) return left;
  } catch (error) {
    if (isEngineError(error)) return left;
    throw error;
  }
  const result = quoteName(RESULT_DATE);
  const found = await helpers.createAs(sql);
  await engine.run(`INSERT INTO ${into.table} SELECT ${result}, * EXCLUDE (${result}) FROM ${found}`);
  if (!query.mayLackTotals) return { left: [], empty: [] };
  const missing = await engine.rows(
    `SELECT CAST(${FOR_DATE} AS VARCHAR) AS date FROM ${tables.dates} ANTI JOIN ${found} ON ${result} = ${FOR_DATE} ORDER BY ALL`,
  );
  return { left: [], empty: missing.map(({ date }) => String(date)) };
}

/** Tables for {@link JointParts}. */
async function dateTables(cube: Cube, dates: readonly string[], helpers: HelperTables): Promise<DateTables> {
  const list = `SELECT unnest([${dates.map(dateLiteral).join(', ')}]) AS ${FOR_DATE}`;
  const table = await helpers.createAs(
    dates.length === 0 ? `SELECT CAST(NULL AS DATE) AS ${FOR_DATE} WHERE false` : list,
  );
  const first = `t.${FOR_DATE} - ${cube.dates.windowDays - 1}`;
  const pairs = await helpers.createAs(
    `SELECT t.${FOR_DATE}, d.day AS ${SEEN_DAY} FROM ${table} AS t JOIN ${await cube.days()} AS d ON d.day BETWEEN ${first} AND t.${FOR_DATE}`,
  );
  return { dates: table, pairs };
}

async function chunks(cube: Cube, dates: readonly string[], most: number): Promise<string[][]> {
  const { engine } = cube.tables.edge;
  const first = `t.date - ${cube.dates.windowDays - 1}`;
  const rows = await engine.rows(
    `SELECT CAST(t.date AS VARCHAR) AS date, sum(d.n) AS n
      FROM (SELECT unnest([${dates.map(dateLiteral).join(', ')}]) AS date) AS t JOIN ${await cube.days()} AS d
        ON d.day BETWEEN ${first} AND t.date GROUP BY ALL`,
  );
  const weights = new Map(rows.map(({ date, n }) => [String(date), Number(n)]));
  const found: string[][] = [];
  let total = Number.POSITIVE_INFINITY;
  for (const date of dates) {
    const weight = weights.get(date) ?? 0;
    if (total + weight > most) {
      found.push([]);
      total = 0;
    }
    found.at(-1)?.push(date);
    total += weight;
  }
  return found;
}
