import type { HelperTables } from '../../delta/read/relation.ts';
import type { SqlNode } from '../../engine/sql-tree.ts';
import { engineComplaint } from './model-error.ts';
import { COMPUTED_FOR, DATES, PAIRS } from '../incremental/dated.ts';
import { printNode } from '../incremental/print.ts';
import { raise } from '../incremental/raise.ts';
import type { Cube } from './cube.ts';
import type { CubeRows } from './cube-rows.ts';
import { dateList, seenDays, seenPairs } from './dates.ts';

/** So many rows of the date source, each counted for every date that sees it, are computed at once. */
const MOST_ROWS = 8_000_000;

/**
 * Computes dates in as few passes as memory allows. What is left is to be computed date by date: all dates where the SELECT
 * is not known for many at once, and those for which no rows came that may have one alone, the total over no rows.
 *
 * @param dates Ascending.
 */
export async function computeInPasses(
  cube: Cube,
  dates: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
  mostRows: number = MOST_ROWS,
): Promise<readonly string[]> {
  const { rows } = cube;
  // Spark has the memory for all.
  const atOnce =
    rows.spark && (await computeChunk(cube, dates, into, helpers, (query) => rows.tableBySpark(query)));
  if (atOnce !== undefined) return atOnce;
  const left: string[] = [];
  for (const chunk of await chunks(cube, dates, mostRows))
    left.push(...((await computeChunk(cube, chunk, into, helpers, (query) => rows.table(query))) ?? chunk));
  return left;
}

/** Resolves the dates that are left; undefined where `tableOf` does. @param tableOf Makes a table of the query for many dates. */
async function computeChunk(
  { tables, dates: of, understood, rows, columns, days }: Cube,
  dates: readonly string[],
  into: CubeRows,
  helpers: HelperTables,
  tableOf: (query: SqlNode) => Promise<string | undefined>,
): Promise<readonly string[] | undefined> {
  const { engine } = tables.edge;
  const { dated } = understood.incremental;
  if (dated?.isSame !== true) return dates;
  const table = await helpers.createAs(dateList(dates));
  const pairs = await helpers.createAs(
    seenPairs(`FROM ${table}`, `SELECT day FROM ${await days()}`, of.windowDays),
  );
  await rows.stands(DATES.source, table);
  await rows.stands(PAIRS.source, pairs);
  const { first, last } = seenDays(dates, of.windowDays);
  await rows.look(of.source, of.between(first, last));
  const query = raise(dated.query, { time: 'now', changed: new Set() });
  await rows.open(query);
  const sql = await printNode(engine, query);
  try {
    // Something of the statement may have taken the date column along: then it is not as it was taken for.
    if ((await engine.describe(`SELECT * FROM (${sql})`)).length !== columns.length + 1) return dates;
  } catch (error) {
    if (engineComplaint(error) !== undefined) return dates;
    throw error;
  }
  const found = await tableOf(query);
  if (found === undefined) return undefined;
  await engine.run(`INSERT INTO ${into.table} FROM ${found}`);
  const missing = dated.mayLackTotals
    ? await engine.rows(
        `SELECT CAST(dt_ref AS VARCHAR) AS date FROM (FROM ${table} EXCEPT SELECT ${COMPUTED_FOR} FROM ${found})`,
      )
    : [];
  await rows.drop(found);
  return missing.map(({ date }) => String(date));
}

async function chunks(cube: Cube, dates: readonly string[], most: number): Promise<string[][]> {
  const { engine } = cube.tables.edge;
  const days = await cube.days();
  const pairs = seenPairs(dateList(dates), `SELECT day FROM ${days}`, cube.dates.windowDays);
  const rows = await engine.rows(
    `SELECT CAST(p.dt_ref AS VARCHAR) AS date, sum(d.n) AS n FROM (${pairs}) AS p JOIN ${days} AS d USING (day) GROUP BY ALL`,
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
