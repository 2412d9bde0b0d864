import type { Engine } from '../../engine/engine.ts';
import { parseSql, printEachSql, printSql, type SqlNode } from '../../engine/sql-tree.ts';
import { raise } from './raise.ts';
import { nodeOf, nodesOf, type Query } from './tree.ts';

/** SQL of a query over the sources as they are now, and steps. */
export function printQuery(engine: Engine, query: Query): Promise<string> {
  return printNode(engine, raise(query, { time: 'now', changed: new Set() }));
}

/** SQL of a query's tree. */
export function printNode(engine: Engine, node: SqlNode): Promise<string> {
  return printSql(engine, statementOf(node));
}

/** As {@link printNode}, of many trees at once. */
export function printNodes(engine: Engine, nodes: readonly SqlNode[]): Promise<readonly string[]> {
  return printEachSql(engine, nodes.map(statementOf));
}

function statementOf(node: SqlNode): SqlNode {
  return { error: false, statements: [{ node, named_param_map: [] }] };
}

/** The tree of one SELECT of ours. */
export async function parseNode(engine: Engine, sql: string): Promise<SqlNode> {
  const parsed = await parseSql(engine, sql);
  const [statement] = parsed.kind === 'parsed' ? nodesOf(parsed.tree, 'statements') : [];
  const node = statement && nodeOf(statement, 'node');
  if (node === undefined) throw new RangeError(`${sql} is a SELECT.`);
  return node;
}
