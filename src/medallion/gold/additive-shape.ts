import type { Engine } from '../../engine/engine.ts';
import { isNode, mapNodes, type SqlNode } from '../../engine/sql-tree.ts';
import type { Cube } from './cube.ts';
import { Scope } from './influence-scope.ts';
import { callsAggregate, outsideQueries } from './aggregates.ts';
import { columnRef } from './joint-parts.ts';
import { groupingSets, LocalWalk, NotAdditive } from './local-rows.ts';
import {
  columnNames,
  expressionTree,
  isDateParameter,
  list,
  queryOf,
  textOf,
  withoutLayers,
  withQuery,
} from './sql-parts.ts';

/**
 * A cube whose rows follow from the rows that it had and those that came and went: a group is added what the ones add to
 * it, and taken what the others did. It counts its rows, so that a group is known to be gone when none is left
 * (Gupta, Mumick and Subrahmanian, "Maintaining Views Incrementally", 1993).
 */
export interface AdditiveCube {
  /** The cube's statement with sums alone in the place of measures, and {@link TOTAL} after its own columns. */
  readonly tree: SqlNode;
  /** What the columns of the SELECT are, in their order. */
  readonly items: readonly AdditiveItem[];
  /**
   * The column of the date source by which rows have to be looked at together, as it is counted without repetition, or
   * grouped by on the way; undefined where each row counts for itself.
   */
  readonly key: string | undefined;
}

export type AdditiveItem =
  | { readonly kind: 'group' }
  | {
      readonly kind: 'sum';
      /** True for a count, which is 0 where a sum is null. */
      readonly isCount: boolean;
      /** True for the number of a group's rows. */
      readonly isRows: boolean;
    }
  /** Computed from sums, which stand in the expression as columns called {@link sumName}. */
  | { readonly kind: 'derived'; readonly expression: SqlNode };

/** True in rows that are of all rows of a date, and are there without any. */
const TOTAL = 'igarape_total';

export function sumName(index: number): string {
  return `igarape_sum_${index}`;
}

/** Undefined where a cube is not known to be additive. */
export async function additiveCube(cube: Cube): Promise<AdditiveCube | undefined> {
  const aggregates = await cube.aggregates();
  const templates = await templatesOf(cube.tables.edge.engine);
  try {
    return shapeOf(cube, aggregates, templates);
  } catch (error) {
    if (error instanceof NotAdditive) return undefined;
    throw error;
  }
}

function shapeOf(
  { tree, sources, dates }: Cube,
  aggregates: ReadonlySet<string>,
  templates: Templates,
): AdditiveCube {
  const statement = withoutLayers(tree, sources);
  const select = queryOf(statement);
  if (select['type'] !== 'SELECT_NODE') throw new NotAdditive(textOf(select, 'type'));
  const modifiers = list(select, 'modifiers').some(({ type }) => type !== 'ORDER_MODIFIER');
  const { having } = select;
  const leavesOut = isNode(having) && textOfTree(having) !== textOfTree(templates.anyRow);
  if (modifiers || leavesOut || [select['qualify'], select['sample']].some(isNode))
    throw new NotAdditive('rows that are left out afterwards');
  const walk = new LocalWalk(sources, dates.source, aggregates);
  const { keys, isDated, scope } = walk.from(select, new Scope());
  if (!isDated) throw new NotAdditive('no rows of the date source');
  const items = list(select, 'select_list');
  const sets = groupingSets(select, aggregates, callsAggregate(items, aggregates));
  if (sets.length === 0) throw new NotAdditive('rows that are not grouped');
  const sums = items.map((item) => sumOf(item, aggregates));
  const names = items.filter((item) => callsAggregate(item, aggregates)).map((item) => textOf(item, 'alias'));
  const described = items.map((item, index) => itemOf(item, sums[index], sums, names, aggregates));
  if (!described.some((item) => item.kind === 'sum' && item.isRows))
    throw new NotAdditive('no count of rows');
  refuseHiddenGroups(
    items.filter((_, index) => described[index]?.kind === 'group'),
    { select, items, sets, scope },
  );
  const counted = sums.flatMap((sum) => (sum?.['distinct'] === true ? list(sum, 'children') : []));
  const total = isNode(having) ? templates.no : totalOf(select, sets, templates);
  // Groups stay as they are, for others may go by their names.
  const replaced = items.map((item, index) =>
    described[index]?.kind === 'group'
      ? item
      : { ...(sums[index] ?? templates.nothing), alias: sumName(index) },
  );
  const node = { ...select, modifiers: [], select_list: [...replaced, { ...total, alias: TOTAL }] };
  const key = keyOf(
    counted.map((each) => walk.traced(each, scope)),
    keys,
  );
  const keyType = dates.source.columns.find(({ name }) => name === key)?.type;
  if (keyType !== undefined && !EXACT.test(keyType)) throw new NotAdditive(`a key of the type ${keyType}`);
  return { tree: withQuery(statement, node), items: described, key };
}

/** The column by which rows belong together: that which is counted without repetition, else any that groups go by. */
function keyOf(
  counted: readonly (string | undefined)[],
  keys: ReadonlySet<string> | undefined,
): string | undefined {
  if (counted.length === 0) return keys === undefined ? undefined : [...keys][0];
  const [first, ...others] = counted;
  const isOne = first !== undefined && others.every((other) => other === first);
  if (!isOne || keys?.has(first) === false) throw new NotAdditive('what is counted without repetition');
  return first;
}

/** Types whose values are alike for a join where they are alike for GROUP BY. */
const EXACT = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|DECIMAL\(.*\)|VARCHAR|BOOLEAN|DATE|TIMESTAMP.*)$/;

const SUMS: ReadonlySet<string> = new Set(['count', 'count_star', 'sum']);

/** The sum or count that an item is, maybe as another type. */
function sumOf(item: SqlNode, aggregates: ReadonlySet<string>): SqlNode | undefined {
  const { child } = item;
  const isCast = item['class'] === 'CAST' && item['try_cast'] === false && isNode(child);
  const call = isCast ? child : item;
  if (call['class'] !== 'FUNCTION') return undefined;
  const name = textOf(call, 'function_name').toLowerCase();
  const isDistinct = call['distinct'] === true;
  if (!SUMS.has(name) || (isDistinct && (name !== 'count' || list(call, 'children').length !== 1)))
    return undefined;
  return callsAggregate([call['children'], call['filter']], aggregates) ? undefined : call;
}

function itemOf(
  item: SqlNode,
  sum: SqlNode | undefined,
  sums: readonly (SqlNode | undefined)[],
  measures: readonly string[],
  aggregates: ReadonlySet<string>,
): AdditiveItem {
  if (sum !== undefined) {
    const name = textOf(sum, 'function_name').toLowerCase();
    return { kind: 'sum', isCount: name !== 'sum', isRows: name === 'count_star' && !isNode(sum['filter']) };
  }
  for (const node of outsideQueries(item)) {
    const [name, ...rest] = columnNames(node);
    const isMeasure =
      rest.length === 0 && measures.some((each) => each.toLowerCase() === name?.toLowerCase());
    if (node['class'] === 'STAR' || node['class'] === 'WINDOW' || isMeasure)
      throw new NotAdditive('an item that is not known to be a group');
  }
  if (!callsAggregate(item, aggregates)) return { kind: 'group' };
  const expression = withColumns(item, sums);
  if (callsAggregate(expression, aggregates)) throw new NotAdditive('a measure that is no sum');
  for (const node of outsideQueries(expression)) {
    const isOwn = columnNames(node).every((name) => sums.some((_, index) => name === sumName(index)));
    if (!isOwn || isDateParameter(node) || node['type'] === 'GROUPING_FUNCTION' || isNode(node['subquery']))
      throw new NotAdditive('a measure of more than sums');
  }
  return { kind: 'derived', expression };
}

/** An expression in which a sum that is an item of its own is a column. */
function withColumns(item: SqlNode, sums: readonly (SqlNode | undefined)[]): SqlNode {
  const texts = sums.map((sum) => (sum === undefined ? undefined : textOfTree(sum)));
  return mapNodes(item, (node) => {
    const index = node['class'] === 'FUNCTION' ? texts.indexOf(textOfTree(node)) : -1;
    return index < 0 ? node : columnRef(sumName(index), textOf(node, 'alias'));
  });
}

interface Grouping {
  readonly select: SqlNode;
  readonly items: readonly SqlNode[];
  readonly sets: readonly (readonly SqlNode[])[];
  readonly scope: Scope;
}

/**
 * Groups are told apart by their columns in the table: so each expression that they go by has to be shown, and of
 * several grouping sets GROUPING has to tell which one a row is of. The total over all rows needs no such column: every
 * row that comes or goes moves it too, so that a group that looks like it is seen beside it.
 *
 * @param shown The items that are groups.
 */
function refuseHiddenGroups(shown: readonly SqlNode[], { select, items, sets, scope }: Grouping): void {
  if (select['aggregate_handling'] === 'FORCE_AGGREGATES') return;
  const groups = list(select, 'group_expressions');
  const isShown = (group: SqlNode): boolean => shown.some((item) => isSameGroup(group, item, items, scope));
  if (!groups.every(isShown)) throw new NotAdditive('a group that is not shown');
  const told = shown
    .map((item) => (item['class'] === 'CAST' && isNode(item['child']) ? item['child'] : item))
    .filter((item) => item['type'] === 'GROUPING_FUNCTION')
    .flatMap((item) => list(item, 'children'));
  const levels = sets.map((set) =>
    groups
      .filter((group) => told.some((each) => isSameGroup(each, group, items, scope)))
      .map((group) => set.includes(group)),
  );
  const grouped = sets.flatMap((set, index) => (set.length === 0 ? [] : [JSON.stringify(levels[index])]));
  const totals = sets.length - grouped.length;
  if (totals > 1 || (grouped.length > 1 && new Set(grouped).size < grouped.length))
    throw new NotAdditive('grouping sets that are not told apart');
}

/** True where a group expression is an item, by what it says, its number, or its name. */
function isSameGroup(group: SqlNode, item: SqlNode, items: readonly SqlNode[], scope: Scope): boolean {
  if (textOfTree(group) === textOfTree(item)) return true;
  const constant = group['class'] === 'CONSTANT' ? group['value'] : undefined;
  if (isNode(constant) && typeof constant['value'] === 'number') return items[constant['value'] - 1] === item;
  const names = columnNames(group);
  const [name = '', ...rest] = names;
  if (names.length > 0 && rest.length === 0 && !scope.mayHaveColumn(name))
    return textOf(item, 'alias').toLowerCase() === name.toLowerCase();
  const [one, other] = [scope.resolve(names), scope.resolve(columnNames(item))];
  return one?.isOuter === false && one.column === other?.column;
}

/** A tree as a text that is the same wherever it stands. */
function textOfTree(tree: SqlNode): string {
  return JSON.stringify(mapNodes(tree, (node) => ({ ...node, alias: '', query_location: 0 })));
}

/** Whether a row is of the grouping set that groups by nothing. */
function totalOf(select: SqlNode, sets: readonly (readonly SqlNode[])[], templates: Templates): SqlNode {
  const children = list(select, 'group_expressions');
  const hasTotal = sets.some((set) => set.length === 0);
  const isTotal = children.length === 0 ? templates.yes : withChildren(templates.allGrouped, children);
  return hasTotal ? isTotal : templates.no;
}

/** `GROUPING(…) = …` for all columns of these. */
function withChildren(comparison: SqlNode, children: readonly SqlNode[]): SqlNode {
  return mapNodes(comparison, (node) => {
    if (node['type'] === 'GROUPING_FUNCTION') return { ...node, children };
    return typeof node['value'] === 'number' ? { ...node, value: 2 ** children.length - 1 } : node;
  });
}

interface Templates {
  readonly nothing: SqlNode;
  readonly yes: SqlNode;
  readonly no: SqlNode;
  readonly allGrouped: SqlNode;
  /** What leaves out but the total over no rows. */
  readonly anyRow: SqlNode;
}

async function templatesOf(engine: Engine): Promise<Templates> {
  return {
    nothing: await expressionTree(engine, 'NULL'),
    yes: await expressionTree(engine, 'true'),
    no: await expressionTree(engine, 'false'),
    allGrouped: await expressionTree(engine, 'GROUPING(a) = 1'),
    anyRow: await expressionTree(engine, 'count(*) > 0'),
  };
}
