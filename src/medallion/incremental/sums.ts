import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { isWithin, outputNames, positionOf, qualify } from './names.ts';
import { call, column, FALSE, named, NULL, number, operator, same, TRUE } from './nodes.ts';
import { groupingSets, type Partitions, targetOf } from './partition.ts';
import {
  columnsIn,
  defined,
  type Item,
  lower,
  mapExpression,
  nodesOf,
  nodesWithin,
  queryIn,
  type Select,
  textOfExpression,
} from './tree.ts';

/** An aggregate whose groups can be brought up to date by what changed rows take from them and add to them. */
export interface SumsShape {
  /**
   * The aggregate with sums alone in the place of measures, and {@link TOTAL} after its own columns: whether a row is of
   * all rows, and there without any.
   */
  readonly query: Select;
  /** What its columns are, in their order. */
  readonly columns: readonly SumsColumn[];
  /** What `count(DISTINCT …)` counts: rows of one value are looked at together. */
  readonly counted: readonly SqlNode[];
  /** What groups go by in each grouping set: rows of different values are in no group together. */
  readonly groups: readonly SqlNode[];
}

export type SumsColumn =
  | { readonly kind: 'group'; readonly name: string }
  | {
      readonly kind: 'sum';
      readonly name: string;
      /** True for a count, which is never null. */
      readonly isCount: boolean;
      /** True for `count(*)`, which is 0 of a group that is gone. */
      readonly isRows: boolean;
    }
  /** Computed from sums, which stand in the expression as columns of their names. */
  | { readonly kind: 'derived'; readonly name: string; readonly expression: SqlNode };

export const TOTAL = '_igarape_is_total';

/**
 * The shape of an aggregate of sums and counts. Every expression that it groups by has to be a column by itself, and
 * several grouping sets have to be told apart by GROUPING: else groups that differ would be taken for one. The total of
 * what all sets have in common needs no such column: every row that comes or goes moves it, too, so that a group that
 * looks like it is seen beside it.
 *
 * @param hasTotal Of a dated query, whether each date has a total over all of its rows, and be it over none.
 */
export function sumsShape(query: Select, partitions: Partitions, hasTotal: boolean): SumsShape | undefined {
  const { node } = query;
  // Whether GROUP BY ALL has one depends on what it takes for a group.
  if (hasTotal && node['aggregate_handling'] === 'FORCE_AGGREGATES') return undefined;
  const isAnyRow = isNode(node['having']) && textOfExpression(node['having']) === ANY_ROW;
  if (
    (isNode(node['having']) && !isAnyRow) ||
    node['qualify'] !== null ||
    nodesOf(node, 'modifiers').length > 0
  )
    return undefined;
  const names = outputNames(query);
  const items = nodesOf(node, 'select_list');
  if (names === undefined || names.length !== items.length) return undefined;
  const sums = items.map((item) => sumOf(item, partitions));
  const columns = items.map((item, index) =>
    columnOf(item, names[index] ?? '', sums, names, query, partitions),
  );
  const known = defined(columns);
  if (known.length < columns.length || !known.some((each) => each.kind === 'sum' && each.isRows))
    return undefined;
  const counted = new Map<string, SqlNode>();
  for (const sum of sums) {
    const [argument] = sum?.['distinct'] === true ? nodesOf(sum, 'children') : [];
    const one = argument && qualify(argument, query);
    if (argument !== undefined && (one === undefined || columnsIn(one).length === 0)) return undefined;
    if (one !== undefined) counted.set(textOfExpression(one), one);
  }
  const groups = groupsOf(query, partitions);
  const shown = items.filter((_, index) => columns[index]?.kind === 'group');
  if (groups === undefined || counted.size > 1 || !areToldApart(groups, shown, query)) return undefined;
  const list = known.map((each, index) =>
    each.kind === 'group'
      ? (items[index] ?? NULL)
      : named(each.kind === 'sum' ? (sums[index] ?? NULL) : NULL, each.name),
  );
  const total = named(hasTotal && !isAnyRow ? totalOf(query) : FALSE, TOTAL);
  return {
    query: { ...query, node: { ...node, having: null, select_list: [...list, total] } },
    columns: known,
    counted: [...counted.values()],
    groups: groups.expressions.filter((_, index) => groups.isInAll[index]),
  };
}

/** Columns of an item whose touched values say which of its rows go together; undefined where they are no columns of it. */
export function togetherIn(item: Item, { counted, groups }: SumsShape): readonly SqlNode[] | undefined {
  if (counted.length === 0) return [];
  const isOwn = (each: SqlNode): boolean => isWithin(each, item) && positionOf(each, item) >= 0;
  return counted.every(isOwn) ? [...counted, ...groups.filter(isOwn)] : undefined;
}

const SUMS: ReadonlySet<string> = new Set(['count_star', 'count', 'count_if', 'countif', 'sum']);

/** The sum or count that an item is, maybe as another type. */
function sumOf(item: SqlNode, partitions: Partitions): SqlNode | undefined {
  const { child } = item;
  const isCast = item['class'] === 'CAST' && item['try_cast'] === false && isNode(child);
  const sum = isCast ? child : item;
  if (!partitions.isAggregateCall(sum) || !SUMS.has(lower(sum['function_name']))) return undefined;
  const [argument, ...more] = nodesOf(sum, 'children');
  const isOne = lower(sum['function_name']) === 'count' && argument !== undefined && more.length === 0;
  if (sum['distinct'] === true && (!isOne || hasFilter(sum))) return undefined;
  return [...nodesWithin(sum)].every(isSimple) ? sum : undefined;
}

function columnOf(
  item: SqlNode,
  name: string,
  sums: readonly (SqlNode | undefined)[],
  names: readonly string[],
  query: Select,
  partitions: Partitions,
): SumsColumn | undefined {
  if (item['class'] === 'STAR' || ![...nodesWithin(item)].every(isSimple)) return undefined;
  const own = sumOf(item, partitions);
  if (own !== undefined) {
    const called = lower(own['function_name']);
    const isRows = called === 'count_star' && !hasFilter(own);
    return { kind: 'sum', name, isCount: called !== 'sum', isRows };
  }
  if (!partitions.isAggregate(item)) {
    const known = qualify({ ...item, alias: '' }, query);
    // It may call a measure by its name.
    return known === undefined || partitions.isAggregate(known) ? undefined : { kind: 'group', name };
  }
  const texts = sums.map((sum) => (sum === undefined ? undefined : textOfExpression(sum)));
  const found = new Set<SqlNode>();
  const expression = mapExpression({ item: { ...item, alias: '' } }, (node) => {
    const index = node['class'] === 'FUNCTION' ? texts.indexOf(textOfExpression(node)) : -1;
    if (index < 0) return undefined;
    const sum = column(names[index] ?? '');
    found.add(sum);
    return sum;
  }).item;
  const isOfSums = columnsIn(expression).every((each) => found.has(each));
  const isPlain = [...nodesWithin(expression)].every(
    (node) => node['class'] !== 'PARAMETER' && node['type'] !== 'GROUPING_FUNCTION',
  );
  return isOfSums && isPlain && !partitions.isAggregate(expression)
    ? { kind: 'derived', name, expression }
    : undefined;
}

function hasFilter(item: SqlNode): boolean {
  return isNode(item['filter']);
}

function isSimple(node: SqlNode): boolean {
  return node['class'] !== 'WINDOW' && node['class'] !== 'STAR' && queryIn(node) === undefined;
}

interface Groups {
  /** In qualified columns of FROM. */
  readonly expressions: readonly SqlNode[];
  readonly sets: readonly (readonly number[])[];
  readonly isInAll: readonly boolean[];
}

function groupsOf(query: Select, partitions: Partitions): Groups | undefined {
  const { node } = query;
  const isForced = node['aggregate_handling'] === 'FORCE_AGGREGATES';
  const groups = isForced
    ? nodesOf(node, 'select_list').filter((item) => !partitions.isAggregate(item))
    : nodesOf(node, 'group_expressions');
  const known = groups.map((group) => qualify({ ...targetOf(group, node), alias: '' }, query));
  const expressions = defined(known);
  if (groups.length === 0 || expressions.length < groups.length) return undefined;
  const own = groupingSets(node);
  const sets = own.length > 0 ? own : [groups.map((_, index) => index)];
  return { expressions, sets, isInAll: groups.map((_, index) => sets.every((set) => set.includes(index))) };
}

/** @param shown The items that are groups. */
function areToldApart(
  { expressions, sets, isInAll }: Groups,
  shown: readonly SqlNode[],
  query: Select,
): boolean {
  const values = new Set<string>();
  const levels = new Set<string>();
  for (const item of shown) {
    const plain = item['class'] === 'CAST' && isNode(item['child']) ? item['child'] : item;
    const isLevel = plain['type'] === 'GROUPING_FUNCTION';
    for (const part of isLevel ? nodesOf(plain, 'children') : [item]) {
      const known = qualify({ ...part, alias: '' }, query);
      if (known !== undefined) (isLevel ? levels : values).add(textOfExpression(known));
    }
  }
  const texts = expressions.map(textOfExpression);
  if (!texts.every((text) => values.has(text))) return false;
  const told = sets.map((set) =>
    JSON.stringify(texts.map((text, index) => levels.has(text) && set.includes(index))),
  );
  const grouped = told.filter((_, index) => sets[index]?.some((each) => isInAll[each] !== true));
  const totals = sets.length - grouped.length;
  const isOneSet = isInAll.every(Boolean);
  return isOneSet ? sets.length === 1 : totals <= 1 && new Set(grouped).size === grouped.length;
}

/** Whether a row is the total of a date, whose groups are that date alone: the last one of a dated query. */
function totalOf({ node }: Select): SqlNode {
  const groups = nodesOf(node, 'group_expressions').slice(0, -1);
  const rest = groups.map((each) => ({ ...targetOf(each, node), alias: '' }));
  return rest.length === 0 ? TRUE : same(operator('GROUPING_FUNCTION', rest), number(2 ** rest.length - 1));
}

/** `count(*) > 0`, which leaves out but the total over no rows. */
const ANY_ROW = textOfExpression({
  class: 'COMPARISON',
  type: 'COMPARE_GREATERTHAN',
  alias: '',
  left: call('count_star', []),
  right: number(0),
});
