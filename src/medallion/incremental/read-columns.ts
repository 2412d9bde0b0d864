import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import { lower, type Query, textsOf } from './tree.ts';

/** Of a source's columns those that a query may read: all where it says so, else those with a name that it has. */
export function readColumns(query: Query, source: string, columns: readonly string[]): readonly string[] {
  const words = new Set<string>();
  const aliases = new Set<string>();
  let isAll = false;
  for (const node of nodesIn(query)) {
    for (const name of [...textsOf(node, 'column_names'), ...textsOf(node, 'using')]) words.add(lower(name));
    if (node['kind'] === 'leaf' && node['source'] === source) aliases.add(lower(node['alias']));
    const list = isNode(node['node']) ? node['node']['select_list'] : undefined;
    const hasStar = [...nodesIn(list)].some((item) => item['class'] === 'STAR');
    if (node['kind'] === 'select' && hasStar && reads(node['from'], source)) isAll = true;
  }
  // A table's alias alone is its whole row.
  const isRow = [...nodesIn(query)].some(
    (node) =>
      textsOf(node, 'column_names').length > 0 && aliases.has(lower(textsOf(node, 'column_names').at(-1))),
  );
  if (isAll || isRow) return columns;
  const used = columns.filter((name) => words.has(lower(name)));
  return used.length > 0 ? used : columns.slice(0, 1);
}

/** True where a source itself is an item of FROM. */
function reads(from: unknown, source: string): boolean {
  if (!isNode(from)) return false;
  if (from['kind'] === 'leaf') return from['source'] === source && from['view'] === undefined;
  return from['kind'] === 'join' && (reads(from['left'], source) || reads(from['right'], source));
}

/** True where a statement names one of some columns, if only for a star to leave it out. @param names In lower case. */
export function namesAny(tree: SqlNode, names: readonly string[]): boolean {
  return [...nodesIn(tree)].some((node) =>
    [
      ...textsOf(node, 'column_names'),
      ...textsOf(node, 'exclude_list'),
      // Of a star's other lists: t.c in EXCLUDE and c in RENAME, c in REPLACE.
      node['column'],
      node['key'],
    ].some((name) => names.includes(lower(name))),
  );
}
