import { boundPlan } from '../../engine/bound-plan.ts';
import type { Engine } from '../../engine/engine.ts';
import { parseSql } from '../../engine/sql-tree.ts';
import { PlanPrinter, type TableNames } from './print-plan.ts';
import type { Refusal } from './refusal.ts';
import { located } from './located.ts';

export type Rendered =
  | { readonly kind: 'rendered'; readonly sql: string }
  /** Everything that has no equal meaning in Spark, in the order of the SQL. */
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

/**
 * A SELECT of DuckDB's as one of Spark's that gives the same rows, in columns of the same names and types, in a session
 * with {@link SESSION}. DuckDB binds it: every table has to be there with the columns that it has in Spark; its rows do not
 * matter. Dates and times are those of the years 1 to 9999; sums of DOUBLEs may differ in their last digits, as they do from one run of DuckDB to another.
 *
 * @throws EngineError where it does not bind
 */
export async function renderSpark(engine: Engine, sql: string, tables: TableNames): Promise<Rendered> {
  const columns = await engine.describe(sql);
  const printer = new PlanPrinter(tables);
  const statement = printer.statement(
    await boundPlan(engine, sql),
    columns.map(({ name }) => name),
  );
  if (printer.refusals.length === 0) return { kind: 'rendered', sql: statement };
  const parsed = await parseSql(engine, sql);
  const tree = parsed.kind === 'parsed' ? parsed.tree : {};
  return { kind: 'refused', refusals: located(printer.refusals, tree) };
}
