import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import { type Column, nameEquals, type Relation, Scope } from './influence-scope.ts';
import { aliasOf, columnNames, list, textOf } from './sql-parts.ts';

export function subqueryOf(node: SqlNode): SqlNode | undefined {
  const subquery = node['subquery'];
  const query = isNode(subquery) ? subquery['node'] : undefined;
  return isNode(query) ? query : undefined;
}

export function relation(node: SqlNode, columns: readonly Column[] | undefined): Relation {
  return { alias: aliasOf(node), columns: renamed(columns, node['column_name_alias']) };
}

/** Columns under the names that a list gives to the first of them. */
export function renamed(
  columns: readonly Column[] | undefined,
  names: unknown,
): readonly Column[] | undefined {
  if (!Array.isArray(names)) return columns;
  return columns?.map((column, index) => {
    const name: unknown = names[index];
    return typeof name === 'string' ? { ...column, name } : column;
  });
}

/** True where a row has influence on rows of the result that are not made of it: windows, LIMIT, DISTINCT ON. */
export function spreads(node: SqlNode): boolean {
  const own = { ...node, from_table: null, cte_map: null, left: null, right: null };
  if (isNode(node['qualify']) || isNode(node['sample'])) return true;
  for (const modifier of list(node, 'modifiers')) {
    const type = textOf(modifier, 'type');
    if (type.startsWith('LIMIT')) return true;
    if (type === 'DISTINCT_MODIFIER' && list(modifier, 'distinct_on_targets').length > 0) return true;
  }
  for (const each of nodesIn(own)) if (each['class'] === 'WINDOW') return true;
  return false;
}

/** What the items of a SELECT are copies of; undefined where it has others than one column each. */
export function outputs(node: SqlNode, relations: readonly Relation[]): readonly Column[] | undefined {
  const scope = new Scope().inside(relations, []);
  const columns: Column[] = [];
  for (const item of list(node, 'select_list')) {
    if (item['class'] === 'STAR') {
      const all = starColumns(item, relations);
      if (all === undefined) return undefined;
      columns.push(...all);
      continue;
    }
    // What is put apart into several columns.
    if (nameEquals(textOf(item, 'function_name'), 'unnest')) return undefined;
    const names = columnNames(item);
    const name = textOf(item, 'alias') || (names.at(-1) ?? '');
    columns.push({ name, origins: scope.resolve(names)?.column.origins ?? [] });
  }
  return columns;
}

function starColumns(star: SqlNode, relations: readonly Relation[]): readonly Column[] | undefined {
  const plain = ['exclude_list', 'replace_list', 'qualified_exclude_list', 'rename_list'].every((key) => {
    const value = star[key];
    return Array.isArray(value) && value.length === 0;
  });
  if (!plain || star['columns'] !== false || star['expr'] !== null) return undefined;
  const of = textOf(star, 'relation_name');
  const columns: Column[] = [];
  for (const each of relations) {
    if (of !== '' && !nameEquals(each.alias, of)) continue;
    if (each.columns === undefined || each.star === 'unknown') return undefined;
    if (of !== '' && each.star === 'without others') return undefined;
    columns.push(...each.columns);
  }
  return columns;
}
