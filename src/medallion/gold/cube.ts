import { randomUUID } from 'node:crypto';
import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { aggregateNames } from '../../engine/aggregates.ts';
import { quoteName } from '../../engine/quote.ts';
import { parseSql, printSql, type SqlNode } from '../../engine/sql-tree.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { CubeSources } from './cube-sources.ts';
import { type DateSource, dateSource } from './date-source.ts';
import { sourceDays } from './dates.ts';
import { DATE_PARAMETER, expressionTree, relationTree, standingFor, substituted } from './sql-parts.ts';

/** The column of every gold table that has the reference date. */
export const DATE_COLUMN = 'dt_ref';

/** The day of a row of the date source, where it stands beside the source's columns. */
export const DAY = 'igarape_day';

/** A gold model over its sources at certain versions. */
export interface Cube extends AsyncDisposable {
  readonly model: Model;
  readonly tables: LayerTables;
  readonly sources: CubeSources;
  readonly dates: DateSource;
  /** The parsed SELECT, as it is written. */
  readonly tree: SqlNode;
  /** The columns of the SELECT. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The engine's table of the date source's days, as {@link sourceDays}; it is filled when it is first asked for. */
  readonly days: () => Promise<string>;
  /** As {@link aggregateNames}; they are asked for once. */
  readonly aggregates: () => Promise<ReadonlySet<string>>;
}

/**
 * @param versions The sources' versions, by full name.
 * @throws IgarapeError CONFIG_INVALID where the SELECT or its header does not fit the sources; DELTA_NOT_FOUND,
 * DELTA_VERSION
 */
export async function openCube(
  tables: LayerTables,
  model: Model,
  versions: ReadonlyMap<string, number>,
): Promise<Cube> {
  const { engine } = tables.edge;
  const parsed = await parseSql(engine, model.sql);
  if (parsed.kind === 'refused') throw invalid(model, parsed.reason);
  const sources = await CubeSources.open(tables, model.sources, versions);
  try {
    const dates = dateSource(model, sources);
    const cube = { model, tables, sources, dates, tree: parsed.tree };
    const columns = await selectColumns(cube).catch((error: unknown) =>
      Promise.reject(invalid(model, error)),
    );
    const helpers = new HelperTables(engine);
    let days: Promise<string> | undefined;
    let aggregates: Promise<ReadonlySet<string>> | undefined;
    return {
      ...cube,
      columns,
      days: () => (days ??= helpers.createAs(sourceDays(dates))),
      aggregates: () => (aggregates ??= aggregateNames(engine)),
      [Symbol.asyncDispose]: async () => {
        await helpers.drop();
        await sources[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await sources[Symbol.asyncDispose]();
    throw error;
  }
}

/** What a cube's SELECT gives: its columns, by the engine. */
export async function selectColumns(
  cube: Pick<Cube, 'tables' | 'sources' | 'dates' | 'tree'>,
): Promise<Cube['columns']> {
  const sql = await sqlOfDate(cube, 'all');
  return cube.tables.edge.engine.describe(`SELECT * FROM (${sql('2000-01-01')})`);
}

/** True where the SELECT gives the reference date itself. */
export function givesDate({ columns }: Pick<Cube, 'columns'>): boolean {
  return columns.some(({ name }) => sameName(name, DATE_COLUMN));
}

/**
 * The cube's SELECT for one date, a literal in it. It sees of the date source the rows in the date's window alone, so
 * that what a date has follows from them.
 *
 * @param from The date source's rows, with {@link DAY}; `all` for the source itself.
 */
export async function sqlOfDate(
  { tables, sources, dates, tree }: Pick<Cube, 'tables' | 'sources' | 'dates' | 'tree'>,
  from: 'all' | { readonly table: string; readonly columns: readonly string[] },
): Promise<(date: string) => string> {
  const { engine } = tables.edge;
  const date = randomUUID();
  const literal = `CAST('${date}' AS DATE)`;
  const { source, day, windowDays } = dates;
  const first = `${literal} - ${windowDays - 1}`;
  const rows =
    from === 'all'
      ? `SELECT * FROM ${dates.rows} WHERE ${dates.between(first, literal)} AND ${day} BETWEEN ${first} AND ${literal}`
      : `SELECT ${from.columns.map(quoteName).join(', ') || DAY} FROM ${from.table} WHERE ${DAY} BETWEEN ${first} AND ${literal}`;
  const windowed = await relationTree(engine, `(${rows}) AS windowed`);
  const dated = substituted(tree, sources, {
    date: await expressionTree(engine, literal),
    relationFor: (node, each) =>
      each === source ? standingFor(node, windowed) : { ...node, schema_name: sources.schema },
  });
  const sql = await printSql(engine, dated);
  return (value) => sql.replaceAll(date, value);
}

export function invalid({ path }: Model, problem: unknown): IgarapeError {
  if (problem instanceof IgarapeError) return problem;
  const message = problem instanceof Error ? problem.message : String(problem);
  return new IgarapeError(
    'CONFIG_INVALID',
    `${path}: the SELECT cannot be run: ${message.split('\n')[0] ?? ''}`,
    {
      hint: `Correct the model. It is one SELECT over silver tables, and $${DATE_PARAMETER} in it is a DATE.`,
      ...(problem instanceof Error ? { cause: problem } : {}),
    },
  );
}

/** True for what the engine throws where a statement does not go together with tables or rows. */
export function isEngineError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof IgarapeError) && ENGINE_ERROR.test(error.message);
}

const ENGINE_ERROR =
  /^(?:Binder|Parser|Catalog|Conversion|Out of Range|Invalid Input|Mismatch Type|Not implemented)\b.*Error/i;
