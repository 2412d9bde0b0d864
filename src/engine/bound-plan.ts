import { EngineError } from '../core/errors.ts';
import type { Engine } from './engine.ts';
import { readTree, type SqlNode } from './sql-tree.ts';

/**
 * The plan of one SELECT as DuckDB has bound it, in the shape of its `json_serialize_plan`: columns by their places,
 * the type of every expression, each implicit cast, macros and stars written out, queries in expressions as joins,
 * constants worked out; otherwise as the SELECT was written. Nothing is run; the tables have to exist.
 *
 * @throws EngineError where it does not bind
 */
export async function boundPlan(engine: Engine, sql: string): Promise<SqlNode> {
  const optimizers = await engine.rows(
    `SELECT name FROM duckdb_optimizers() WHERE name <> 'expression_rewriter'`,
  );
  const names = optimizers.map(({ name }) => String(name));
  const [row] = await engine.without(names, () =>
    engine.rows('SELECT json_serialize_plan($1::VARCHAR, optimize := true) AS plan', [sql]),
  );
  const tree = readTree(row?.['plan']);
  const [plan] = Array.isArray(tree['plans']) ? tree['plans'] : [];
  if (tree['error'] === true || plan === undefined)
    throw new EngineError(`There is no plan: ${JSON.stringify(tree['error_message'])}`);
  return plan;
}
