import type { HelperTables } from '../../delta/read/relation.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { DATE_COLUMN } from './cube.ts';
import { isOneOf } from './dates.ts';

/** How computed dates differ from what a table holds. */
export interface Differences {
  /** The dates whose rows are others, written `2024-01-31`. */
  readonly dates: readonly string[];
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/**
 * Compares computed rows with a table's rows of the same dates, whatever their order.
 *
 * @param rows SQL with the table's columns.
 * @param dates The dates that were computed; those without rows, too.
 * @param key The columns that tell rows apart; without any, no row counts as updated.
 */
export async function differences(
  engine: Engine,
  table: DeltaTable,
  rows: string,
  { dates, key, at }: { dates: readonly string[]; key: readonly string[]; at: number },
  helpers: HelperTables,
): Promise<Differences> {
  await using stored = await table.read({ at, where: isOneOf(DATE_COLUMN, dates) });
  const names = stored.columns.map(({ name }) => quoteName(name)).join(', ');
  const typed = stored.columns.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`,
  );
  const before = await helpers.createAs(`SELECT ${names} FROM (${stored.sql})`);
  const after = await helpers.createAs(`SELECT ${typed.join(', ')} FROM (${rows})`);
  const changed = await helpers.createAs(`
    SELECT 'new' AS igarape_side, * FROM (FROM ${after} EXCEPT ALL FROM ${before})
    UNION ALL SELECT 'old', * FROM (FROM ${before} EXCEPT ALL FROM ${after})`);
  const found = await engine.rows(
    `SELECT DISTINCT CAST(${DATE_COLUMN} AS VARCHAR) AS date FROM ${changed} ORDER BY 1`,
  );
  const [counts = {}] = await engine.rows(
    `SELECT count(*) FILTER (igarape_side = 'new') AS new, count(*) FILTER (igarape_side = 'old') AS old FROM ${changed}`,
  );
  const updated = key.length === 0 ? 0 : await updatedRows(engine, changed, key);
  return {
    dates: found.map(({ date }) => String(date)),
    inserted: Number(counts['new']) - updated,
    updated,
    deleted: Number(counts['old']) - updated,
  };
}

async function updatedRows(engine: Engine, changed: string, key: readonly string[]): Promise<number> {
  const columns = key.map(quoteName).join(', ');
  const [row = {}] = await engine.rows(
    `SELECT count(*) AS n FROM (SELECT 1 FROM ${changed} GROUP BY ${columns} HAVING count(DISTINCT igarape_side) = 2)`,
  );
  return Number(row['n']);
}
