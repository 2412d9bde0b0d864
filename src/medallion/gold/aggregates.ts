import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { textOf } from './sql-parts.ts';

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
