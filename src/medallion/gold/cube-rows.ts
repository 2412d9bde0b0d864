import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import { type Cube, DATE_COLUMN, givesDate, sqlOfDate } from './cube.ts';
import { monthColumn } from './layout.ts';

/** The date that a row was computed for, beside the SELECT's own columns. */
const COMPUTED_FOR = 'igarape_dt_ref';

/** Computed rows of a cube's dates, in a table of the engine. */
export interface CubeRows {
  /** The engine's table: {@link COMPUTED_FOR}, then the columns of the SELECT. */
  readonly table: string;
  /** SQL: the rows as the gold table has them. */
  readonly sql: string;
}

/** An empty table for a cube's rows. */
export async function emptyCubeRows(cube: Cube, helpers: HelperTables): Promise<CubeRows> {
  const sql = (await sqlOfDate(cube, 'all'))('2000-01-01');
  const table = await helpers.createAs(
    `SELECT CAST(NULL AS DATE) AS ${COMPUTED_FOR}, * FROM (${sql}) WHERE false`,
  );
  const date = `${COMPUTED_FOR} AS ${DATE_COLUMN}`;
  const own = cube.columns.map(({ name }) => (sameName(name, DATE_COLUMN) ? date : quoteName(name)));
  const list = [...(givesDate(cube) ? [] : [date]), ...own].join(', ');
  const month = monthColumn(cube.model);
  const rows = `SELECT ${list} FROM ${table}`;
  return { table, sql: month === '' ? rows : `SELECT *${month} FROM (${rows})` };
}

/** @throws IgarapeError CONFIG_INVALID where the SELECT gives another date than that it is asked for */
export async function checkDates(cube: Cube, { table }: CubeRows): Promise<void> {
  if (!givesDate(cube)) return;
  const [wrong] = await cube.tables.edge.engine.rows(
    `SELECT CAST(${COMPUTED_FOR} AS VARCHAR) AS wanted, CAST(${DATE_COLUMN} AS VARCHAR) AS found FROM ${table}
      WHERE TRY_CAST(${DATE_COLUMN} AS DATE) IS DISTINCT FROM ${COMPUTED_FOR} ORDER BY ALL LIMIT 1`,
  );
  if (wrong === undefined) return;
  throw new IgarapeError(
    'CONFIG_INVALID',
    `${cube.model.path}: of ${String(wrong['wanted'])} the SELECT gives a row whose ${DATE_COLUMN} is ${String(wrong['found'])}.`,
    { hint: `Select $dt_ref AS ${DATE_COLUMN}, or leave the column out: it is added.` },
  );
}
