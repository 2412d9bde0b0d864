import type { SqlNode } from '../../engine/sql-tree.ts';
import { qualify } from './names.ts';
import { groupingSets, type Partitions, targetOf } from './partition.ts';
import {
  columnsIn,
  defined,
  isColumn,
  lower,
  nodesOf,
  nodesWithin,
  queryIn,
  type Select,
  textOf,
  textOfExpression,
  wordsOf,
} from './tree.ts';

/** An aggregate whose groups can be brought up to date by what changed rows take from them and add to them. */
export interface SumsShape {
  /** The columns that tell its groups apart. */
  readonly groups: readonly string[];
  readonly sums: readonly Sum[];
  /** The column of `count(*)`, which is 0 of a group that is gone. */
  readonly rows: string;
  /** What `count(DISTINCT …)` counts: rows of one value are looked at together. */
  readonly together: readonly SqlNode[];
}

export interface Sum {
  readonly name: string;
  /** True for a count, which is never null. */
  readonly isCount: boolean;
}

/**
 * The shape of an aggregate of sums and counts. Every expression that it groups by has to be a column by itself, and
 * several grouping sets have to be told apart by GROUPING: else groups that differ would be taken for one.
 */
export function sumsShape(query: Select, partitions: Partitions): SumsShape | undefined {
  const { node } = query;
  if (node['having'] !== null || node['qualify'] !== null || nodesOf(node, 'modifiers').length > 0)
    return undefined;
  const groups: string[] = [];
  const sums: Sum[] = [];
  const shown = new Set<string>();
  const together = new Map<string, SqlNode>();
  let rows: string | undefined;
  for (const item of nodesOf(node, 'select_list')) {
    const name = textOf(item, 'alias') || (isColumn(item) ? wordsOf(item).at(-1) : undefined);
    if (name === undefined || ![...nodesWithin(item)].every(isSimple)) return undefined;
    if (!partitions.isAggregate(item)) {
      groups.push(name);
      for (const each of shownBy(item, query)) shown.add(each);
      continue;
    }
    const called = partitions.isAggregateCall(item) ? lower(item['function_name']) : '';
    const [argument] = nodesOf(item, 'children');
    if (called === 'count_star' && !hasFilter(item)) rows ??= name;
    if (called === 'count' && item['distinct'] === true && argument !== undefined && !hasFilter(item)) {
      const counted = qualify(argument, query);
      if (counted === undefined || columnsIn(counted).length === 0) return undefined;
      together.set(textOfExpression(counted), counted);
    } else if (!SUMS.has(called) || item['distinct'] === true) return undefined;
    sums.push({ name, isCount: called !== 'sum' });
  }
  if (rows === undefined || together.size > 1 || !isToldApart(query, shown, partitions)) return undefined;
  return { groups, sums, rows, together: [...together.values()] };
}

const SUMS: ReadonlySet<string> = new Set(['count_star', 'count', 'count_if', 'countif', 'sum']);

function hasFilter(item: SqlNode): boolean {
  return item['filter'] !== null && item['filter'] !== undefined;
}

function isSimple(node: SqlNode): boolean {
  return node['class'] !== 'WINDOW' && node['class'] !== 'STAR' && queryIn(node) === undefined;
}

/** The groups that an item shows: itself, or those whose level GROUPING tells. */
function shownBy(item: SqlNode, query: Select): readonly string[] {
  const isLevel = item['type'] === 'GROUPING_FUNCTION';
  const parts = isLevel ? nodesOf(item, 'children') : [item];
  const known = defined(parts.map((each) => qualify({ ...each, alias: '' }, query)));
  return known.map((each) => `${isLevel ? 'level' : 'value'} ${textOfExpression(each)}`);
}

function isToldApart(query: Select, shown: ReadonlySet<string>, partitions: Partitions): boolean {
  const { node } = query;
  const list = nodesOf(node, 'select_list');
  const isForced = node['aggregate_handling'] === 'FORCE_AGGREGATES';
  const groups = isForced
    ? list.filter((item) => !partitions.isAggregate(item))
    : nodesOf(node, 'group_expressions');
  const sets = groupingSets(node);
  return groups.every((group, index) => {
    const known = qualify({ ...targetOf(group, node), alias: '' }, query);
    if (known === undefined) return false;
    const text = textOfExpression(known);
    const isInAll = sets.every((set) => set.includes(index));
    return shown.has(`value ${text}`) && (isInAll || shown.has(`level ${text}`));
  });
}
