import { isNumberType, sameName } from '../core/schema.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import { isNode, nodesIn, type SqlNode } from '../engine/sql-tree.ts';
import { isColumn, lower, nodeOf, nodesOf, textOf, wordsOf } from '../medallion/incremental/tree.ts';
import type { Model } from '../medallion/models/model.ts';
import { DATE_COLUMN } from '../medallion/build/cube.ts';

/** What the columns of a cube are. */
export interface CubeColumns {
  /** How many days each date looks back on, itself included. */
  readonly windowDays: number;
  /** The column that tells by what a row is grouped, where the cube has rows of several grouping sets. */
  readonly level: string | null;
  /** What rows are grouped by, beside the date. */
  readonly groups: readonly string[];
  readonly measures: readonly CubeMeasure[];
}

export interface CubeMeasure {
  readonly name: string;
  readonly kind: 'count' | 'sum' | 'distinct' | 'min' | 'max' | 'avg' | 'other';
  /**
   * What its values may be added up over: never where one thing may be counted in two of them. A cube that looks back on
   * several days has each row in several dates.
   */
  readonly adds: 'groups and dates' | 'groups' | 'nothing';
}

/**
 * @param columns The columns of the table.
 * @param aggregates As `aggregateNames` has them.
 */
export function cubeColumns(
  { header }: Pick<Model, 'header'>,
  tree: SqlNode,
  columns: readonly SqlColumn[],
  aggregates: ReadonlySet<string>,
): CubeColumns {
  const select = queryOf(tree);
  const items = new Map(nodesOf(select, 'select_list').map((item) => [nameOf(item).toLowerCase(), item]));
  const itemOf = (name: string): SqlNode | undefined => items.get(name.toLowerCase());
  const levels = levelNames(tree);
  const own = columns.filter(({ name }) => !sameName(name, DATE_COLUMN));
  const level = own.find(({ name }) => levels.has(name.toLowerCase()))?.name ?? null;
  const isKey = (name: string): boolean => header.key.some((each) => sameName(each, name));
  const groups = own.filter(({ name, type }) => {
    if (name === level) return false;
    if (header.key.length > 0) return isKey(name);
    const item = itemOf(name);
    return !isNumberType(type) || (item !== undefined && !callsAggregate(item, aggregates));
  });
  const isSimple = isOneGroupedSelect(tree, aggregates) && (level !== null || !hasGroupingSets(tree));
  const rest = own.filter((column) => column.name !== level && !groups.includes(column));
  return {
    windowDays: header.windowDays,
    level,
    groups: groups.map(({ name }) => name),
    measures: rest
      .filter(({ type }) => isNumberType(type))
      .map(({ name }) => {
        const kind = kindOf(itemOf(name), aggregates);
        const isSum = isSimple && (kind === 'count' || kind === 'sum');
        const adds = header.windowDays === 1 ? 'groups and dates' : 'groups';
        return { name, kind, adds: isSum ? adds : 'nothing' };
      }),
  };
}

function nameOf(item: SqlNode): string {
  const alias = textOf(item, 'alias');
  return alias === '' && isColumn(item) ? (wordsOf(item).at(-1) ?? '') : alias;
}

/** Columns, in lower case, that say by GROUPING which set a row is of, in the SELECT or in a query that it reads. */
function levelNames(tree: SqlNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const node of nodesIn(tree)) {
    for (const item of nodesOf(node, 'select_list')) {
      const tells = [...outsideQueries(item)].some(({ type }) => type === 'GROUPING_FUNCTION');
      if (tells) names.add(nameOf(item).toLowerCase());
    }
  }
  return names;
}

function hasGroupingSets(tree: SqlNode): boolean {
  return [...nodesIn(tree)].some(({ group_sets: sets }) => Array.isArray(sets) && sets.length > 1);
}

/**
 * True for one SELECT with groups over tables as they are: every row that it reads is in one group of a set, and none is
 * left out afterwards. A query inside that groups, or takes rows once only, may count a thing in several groups.
 */
function isOneGroupedSelect(tree: SqlNode, aggregates: ReadonlySet<string>): boolean {
  const select = queryOf(tree);
  if (select['type'] !== 'SELECT_NODE') return false;
  const isCut = [select['having'], select['qualify'], select['sample']].some(isNode);
  if (isCut || nodesOf(select, 'modifiers').some(({ type }) => type !== 'ORDER_MODIFIER')) return false;
  for (const node of nodesIn(tree)) {
    if (node === select) continue;
    if (node['type'] === 'SET_OPERATION_NODE' || node['type'] === 'RECURSIVE_CTE_NODE') return false;
    if (node['type'] !== 'SELECT_NODE') continue;
    const isGrouped =
      nodesOf(node, 'group_expressions').length > 0 ||
      nodesOf(node, 'modifiers').length > 0 ||
      isNode(node['qualify']) ||
      callsAggregate(node['select_list'], aggregates);
    if (isGrouped) return false;
  }
  return true;
}

function kindOf(item: SqlNode | undefined, aggregates: ReadonlySet<string>): CubeMeasure['kind'] {
  if (item === undefined) return 'other';
  const child = item['class'] === 'CAST' && isNode(item['child']) ? item['child'] : item;
  const name = textOf(child, 'function_name').toLowerCase();
  const isCall = child['class'] === 'FUNCTION' && !callsAggregate(child['children'], aggregates);
  if (!isCall) return 'other';
  if (child['distinct'] === true || /distinct|approx/.test(name)) return 'distinct';
  if (name === 'count' || name === 'count_star' || name === 'count_if') return 'count';
  return name === 'sum' || name === 'min' || name === 'max' || name === 'avg' ? name : 'other';
}

/** The query of a statement's tree: a SELECT, or a set operation. */
function queryOf(tree: SqlNode): SqlNode {
  return nodeOf(nodesOf(tree, 'statements')[0] ?? {}, 'node') ?? {};
}

/** True where an expression, outside of queries in it, calls one of some functions. */
function callsAggregate(value: unknown, aggregates: ReadonlySet<string>): boolean {
  return [...outsideQueries(value)].some(
    (node) => node['class'] === 'FUNCTION' && aggregates.has(lower(node['function_name'])),
  );
}

/** Nodes of an expression, without those of the queries in it. */
function* outsideQueries(value: unknown): Generator<SqlNode> {
  if (Array.isArray(value)) for (const item of value) yield* outsideQueries(item);
  if (!isNode(value)) return;
  yield value;
  for (const [key, child] of Object.entries(value)) if (key !== 'subquery') yield* outsideQueries(child);
}
