import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import { quoteName } from '../../engine/quote.ts';
import { haveSameColumns } from './columns-alike.ts';
import { COMPUTED_FOR } from '../incremental/dated.ts';
import { type Cube, DATE_COLUMN, givesDate } from './cube.ts';
import { monthColumn } from './layout.ts';
import { modelSchema } from './model-error.ts';

/** Computed rows of a cube's dates, in a table of the engine. */
export interface CubeRows {
  /** The engine's table: the columns of the SELECT, then {@link COMPUTED_FOR}, the date that a row is of. */
  readonly table: string;
  /** SQL: the rows as the gold table has them. */
  readonly sql: string;
  readonly schema: StructType;
}

/** An empty table for a cube's rows. */
export async function emptyCubeRows(cube: Cube, helpers: HelperTables): Promise<CubeRows> {
  const table = await helpers.createAs(`${emptyRows(cube)} WHERE false`);
  const sql = asStored(cube, table);
  return { table, sql, schema: await modelSchema(cube.tables.edge.engine, cube.model, sql) };
}

function emptyRows({ columns }: Cube): string {
  const typed = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`);
  return `SELECT ${[...typed, `CAST(NULL AS DATE) AS ${COMPUTED_FOR}`].join(', ')}`;
}

function asStored(cube: Cube, rows: string): string {
  const date = `${COMPUTED_FOR} AS ${DATE_COLUMN}`;
  const own = cube.columns.map(({ name }) => (sameName(name, DATE_COLUMN) ? date : quoteName(name)));
  const list = [...(givesDate(cube) ? [] : [date]), ...own].join(', ');
  const month = monthColumn(cube.model);
  const sql = `SELECT ${list} FROM ${rows}`;
  return month === '' ? sql : `SELECT *${month} FROM (${sql})`;
}

/** True where the cube's rows have exactly the columns that a table has. */
export async function hasSchema(cube: Cube, schema: StructType): Promise<boolean> {
  const sql = asStored(cube, `(${emptyRows(cube)})`);
  return haveSameColumns(await schemaOf(cube.tables.edge.engine, sql), schema);
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
