import type { Engine } from '../../engine/engine.ts';
import { isNode, mapNodes, parseSql, type SqlNode } from '../../engine/sql-tree.ts';
import { LAYERS } from '../layer.ts';
import type { CubeSources, SourceColumns } from './cube-sources.ts';

/** The name of the reference date's parameter, without its `$`. */
export const DATE_PARAMETER = 'dt_ref';

/** The tree of an expression. */
export async function expressionTree(engine: Engine, sql: string): Promise<SqlNode> {
  return only(list(await selectTree(engine, `SELECT ${sql}`), 'select_list'));
}

/** The tree of what stands after FROM. */
export async function relationTree(engine: Engine, sql: string): Promise<SqlNode> {
  return only([(await selectTree(engine, `SELECT 1 FROM ${sql}`))['from_table']]);
}

/** The query of a statement's tree: a SELECT, or a set operation. */
export function queryOf(tree: SqlNode): SqlNode {
  return only([only(list(tree, 'statements'))['node']]);
}

export function withQuery(tree: SqlNode, node: SqlNode): SqlNode {
  return { ...tree, statements: [{ ...only(list(tree, 'statements')), node, named_param_map: [] }] };
}

/** A list of nodes in a node; empty where it has none of that name. */
export function list(node: SqlNode, key: string): readonly SqlNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The common table expressions of a query, in their order: `entry` has its `query` and the `aliases` of its columns. */
export function expressionsOf(node: SqlNode): readonly { readonly name: string; readonly entry: SqlNode }[] {
  const map = node['cte_map'];
  if (!isNode(map)) return [];
  return list(map, 'map').flatMap(({ key, value }) =>
    isNode(value) ? [{ name: String(key), entry: value }] : [],
  );
}

export function textOf(node: SqlNode, key: string): string {
  const value = node[key];
  return typeof value === 'string' ? value : '';
}

/** The names of a column reference: its own, and before it what it belongs to; none for another node. */
export function columnNames(node: SqlNode): readonly string[] {
  const names = node['class'] === 'COLUMN_REF' ? node['column_names'] : undefined;
  return Array.isArray(names) ? names.map(String) : [];
}

export function isDateParameter(node: SqlNode): boolean {
  return node['class'] === 'PARAMETER' && textOf(node, 'identifier').toLowerCase() === DATE_PARAMETER;
}

/** The source that a node names after FROM. */
export function sourceIn(node: SqlNode, sources: CubeSources): SourceColumns | undefined {
  if (node['type'] !== 'BASE_TABLE') return undefined;
  return sources.find(textOf(node, 'schema_name'), textOf(node, 'table_name'));
}

/** What columns of a relation may be qualified by. */
export function aliasOf(node: SqlNode): string {
  return textOf(node, 'alias') || textOf(node, 'table_name');
}

/** A relation in the place of a named table: qualified columns find theirs in it. */
export function standingFor(table: SqlNode, relation: SqlNode): SqlNode {
  const { column_name_alias, query_location } = table;
  return { ...relation, alias: aliasOf(table), column_name_alias, query_location };
}

/**
 * A copy of a tree in which sources are called by their names alone, and stand for what `relationFor` gives; the date's
 * parameter becomes an expression.
 */
export function substituted(
  tree: SqlNode,
  sources: CubeSources,
  { date, relationFor }: { date: SqlNode; relationFor: (node: SqlNode, source: SourceColumns) => SqlNode },
): SqlNode {
  return mapNodes(withoutLayers(tree, sources), (node) => {
    if (isDateParameter(node)) return { ...date, alias: node['alias'] ?? '' };
    const source = sourceIn(node, sources);
    return source === undefined ? node : relationFor(node, source);
  });
}

/** Columns that are qualified by a source's layer and name, by its name alone. */
export function withoutLayers(tree: SqlNode, sources: CubeSources): SqlNode {
  return mapNodes(tree, (node) => {
    const [layer = '', table = '', ...rest] = columnNames(node);
    if (rest.length === 0 || !LAYERS.some((each) => each === layer.toLowerCase())) return node;
    return sources.find(layer, table) === undefined ? node : { ...node, column_names: [table, ...rest] };
  });
}

async function selectTree(engine: Engine, sql: string): Promise<SqlNode> {
  const parsed = await parseSql(engine, sql);
  if (parsed.kind === 'refused') throw new RangeError(`${sql} cannot be parsed: ${parsed.reason}`);
  return queryOf(parsed.tree);
}

function only(values: readonly unknown[]): SqlNode {
  const [value] = values;
  if (!isNode(value)) throw new RangeError('A parsed statement has a part that it should not lack.');
  return value;
}
