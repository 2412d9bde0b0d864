import { mapNodes, nodesIn, type SqlNode } from './sql-tree.ts';

/**
 * A copy of a parsed statement that names tables in other schemas. `schemaOf` is asked for every table that is named
 * with a schema, and gives its new one, or undefined where it stays. Columns that are named with their table's schema
 * follow it.
 */
export function moveTables(
  tree: SqlNode,
  schemaOf: (schema: string, table: string, node: SqlNode) => string | undefined,
): SqlNode {
  const moved = new Map<string, string>();
  for (const node of nodesIn(tree)) {
    const schema = newSchema(node, schemaOf);
    if (schema !== undefined) moved.set(nameOf(node['schema_name'], node['table_name']), schema);
  }
  return mapNodes(tree, (node) => {
    const schema = newSchema(node, schemaOf);
    if (schema !== undefined) return { ...node, schema_name: schema };
    const names = node['class'] === 'COLUMN_REF' ? node['column_names'] : undefined;
    if (!Array.isArray(names) || names.length < 3) return node;
    const [first, second, ...rest]: unknown[] = names;
    const followed = moved.get(nameOf(first, second));
    return followed === undefined ? node : { ...node, column_names: [followed, second, ...rest] };
  });
}

function newSchema(
  node: SqlNode,
  schemaOf: (schema: string, table: string, node: SqlNode) => string | undefined,
): string | undefined {
  const [schema, table] = [node['schema_name'], node['table_name']];
  if (node['type'] !== 'BASE_TABLE' || typeof schema !== 'string' || typeof table !== 'string')
    return undefined;
  return schema === '' ? undefined : schemaOf(schema, table, node);
}

/** Names are alike whatever their letters' case. */
function nameOf(schema: unknown, table: unknown): string {
  return JSON.stringify([schema, table]).toLowerCase();
}
