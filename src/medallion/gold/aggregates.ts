import type { Engine } from '../../engine/engine.ts';
import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { textOf } from './sql-parts.ts';

/** The names, in lower case, of the engine's functions that make one row of many; macros that call one are such, too. */
export async function aggregateNames(engine: Engine): Promise<ReadonlySet<string>> {
  const rows = await engine.rows(
    `SELECT DISTINCT lower(function_name) AS name, function_type AS type, macro_definition AS definition
      FROM duckdb_functions() WHERE function_type IN ('aggregate', 'macro')`,
  );
  const names = new Set(rows.flatMap(({ name, type }) => (type === 'aggregate' ? [String(name)] : [])));
  const macros = rows.filter(({ type }) => type === 'macro');
  let known: number;
  do {
    known = names.size;
    for (const { name, definition } of macros) {
      const calls = String(definition)
        .toLowerCase()
        .matchAll(/(\w+)"?\(/g);
      if ([...calls].some(([, called = '']) => names.has(called))) names.add(String(name));
    }
  } while (names.size > known);
  return names;
}

/** True where an expression, outside of queries in it, calls one of some functions. */
export function callsAggregate(value: unknown, aggregates: ReadonlySet<string>): boolean {
  for (const node of outsideQueries(value)) {
    if (node['class'] === 'FUNCTION' && aggregates.has(textOf(node, 'function_name').toLowerCase()))
      return true;
  }
  return false;
}

/** Nodes of an expression, without those of the queries in it. */
export function* outsideQueries(value: unknown): Generator<SqlNode> {
  if (Array.isArray(value)) for (const item of value) yield* outsideQueries(item);
  if (!isNode(value)) return;
  yield value;
  for (const [key, child] of Object.entries(value)) if (key !== 'subquery') yield* outsideQueries(child);
}
