import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { namesOf } from './columns.ts';

/** Expressions of which one gives a column of a select list's rows: of an item, or of `*` that may have it. */
export function keyExpressions(name: string, items: readonly SqlNode[]): readonly SqlNode[] {
  const wanted = name.toLowerCase();
  const own = items.filter((item) => itemName(item)?.toLowerCase() === wanted);
  if (own.length > 0) return own.length === 1 ? own : [];
  return items.flatMap((item): SqlNode[] => {
    const column = item['class'] === 'STAR' ? fromStar(wanted, item) : undefined;
    return column === undefined ? [] : [column];
  });
}

function itemName(item: SqlNode): string | undefined {
  if (typeof item['alias'] === 'string' && item['alias'] !== '') return item['alias'];
  return namesOf(item)?.at(-1);
}

/** What `*` gives by a name; whether it has such a column shows when it is looked for. */
function fromStar(wanted: string, star: SqlNode): SqlNode | undefined {
  const isPlain = star['columns'] === false && !isNode(star['expr']);
  if (!isPlain || listOf(star['rename_list']).length > 0) return undefined;
  const excluded = [...listOf(star['exclude_list']), ...listOf(star['qualified_exclude_list'])];
  if (excluded.some((each) => JSON.stringify(each).toLowerCase().includes(JSON.stringify(wanted))))
    return undefined;
  for (const entry of listOf(star['replace_list']).filter(isNode)) {
    if (String(entry['key']).toLowerCase() === wanted && isNode(entry['value'])) return entry['value'];
  }
  const table = star['relation_name'];
  return {
    class: 'COLUMN_REF',
    type: 'COLUMN_REF',
    alias: '',
    column_names: typeof table !== 'string' || table === '' ? [wanted] : [table, wanted],
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
