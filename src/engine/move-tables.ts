import { mapNodes, nodesIn, type SqlNode } from './sql-tree.ts';

/**
 * A copy of a parsed statement that names tables in other schemas. `schemaOf` is asked for every table that is named
 * with a schema, and gives its new one, or undefined where it stays. Columns that are named with their table's schema
 * follow it; where the table is moved in one place of the statement and not, or elsewhere, in another, they are named
 * by the table alone.
 */
export function moveTables(
  tree: SqlNode,
  schemaOf: (schema: string, table: string, node: SqlNode) => string | undefined,
): SqlNode {
  const moved = new Map<string, Set<string | undefined>>();
  for (const node of nodesIn(tree)) {
    // A table with a name of its own in the statement has no other there.
    if (node['type'] !== 'BASE_TABLE' || node['alias'] !== '') continue;
    const name = nameOf(node['schema_name'], node['table_name']);
    moved.set(name, (moved.get(name) ?? new Set()).add(newSchema(node, schemaOf)));
  }
  return mapNodes(tree, (node) => {
    const schema = newSchema(node, schemaOf);
    if (schema !== undefined) return { ...node, schema_name: schema };
    const names = node['class'] === 'COLUMN_REF' ? node['column_names'] : undefined;
    if (!Array.isArray(names) || names.length < 3) return node;
    const [first, ...rest]: unknown[] = names;
    const [followed, ...more] = moved.get(nameOf(first, rest[0])) ?? [];
    if (more.length > 0) return { ...node, column_names: rest };
    return followed === undefined ? node : { ...node, column_names: [followed, ...rest] };
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
