import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import type { CubeSources, SourceColumns } from './cube-sources.ts';
import { aliasOf, columnNames, sourceIn } from './sql-parts.ts';

/**
 * Of a source's columns those that a statement may look at: all where it takes rows as they are, else those whose name
 * stands anywhere in it.
 */
export function usedColumns(
  tree: SqlNode,
  sources: CubeSources,
  source: SourceColumns,
): SourceColumns['columns'] {
  const aliases = new Set<string>();
  const words = new Set<string>();
  for (const text of textsIn(tree)) words.add(text.toLowerCase());
  for (const node of nodesIn(tree)) {
    if (node['class'] === 'STAR' || node['ref_type'] === 'NATURAL' || node['type'] === 'SHOW_REF')
      return source.columns;
    if (sourceIn(node, sources) !== source) continue;
    const renamed = node['column_name_alias'];
    if (Array.isArray(renamed) && renamed.length > 0) return source.columns;
    aliases.add(aliasOf(node).toLowerCase());
  }
  for (const node of nodesIn(tree)) {
    if (columnNames(node).length === 1 && aliases.has(columnNames(node)[0]?.toLowerCase() ?? ''))
      return source.columns;
  }
  return source.columns.filter(({ name }) => words.has(name.toLowerCase()));
}

/** Every text in a tree, whatever it is there for. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (isNode(value)) for (const child of Object.values(value)) yield* textsIn(child);
}
