import type { SqlNode } from '../../engine/sql-tree.ts';
import { isLateral, queriesAsked } from './correlated.ts';
import { hasLimit, isOfOneRow, type Reason } from './lower.ts';
import { allItems, itemCalled, positionOf, qualify } from './names.ts';
import { ONE } from './nodes.ts';
import {
  aliasesIn,
  columnsIn,
  defined,
  locationOf,
  lower,
  mapExpression,
  nodeOf,
  nodesOf,
  nodesWithin,
  type Query,
  type Select,
  textOfExpression,
  wordsOf,
} from './tree.ts';

/** Which rows of its FROM a SELECT computes together. */
export type Partition =
  /** Each by itself. */
  | { readonly kind: 'row' }
  /** Those that have the same values of some expressions. `isGrouped` where they become one row. */
  | { readonly kind: 'keyed'; readonly by: readonly SqlNode[]; readonly isGrouped: boolean }
  /** All of them. `isOneRow` where they become one row. */
  | {
      readonly kind: 'whole';
      readonly why: string;
      readonly offset: number | undefined;
      readonly isOneRow: boolean;
    };

/** What a SELECT's rows depend on each other by. */
export class Partitions {
  readonly #aggregates: ReadonlySet<string>;
  readonly #known = new WeakMap<Select, Partition>();

  /** @param aggregates The names of the engine's aggregate functions, in lower case. */
  constructor(aggregates: ReadonlySet<string>) {
    this.#aggregates = aggregates;
  }

  of(query: Select): Partition {
    const known = this.#known.get(query) ?? this.#partition(query);
    this.#known.set(query, known);
    return known;
  }

  isAggregate(expression: unknown): boolean {
    return [...nodesWithin(expression)].some((node) => this.isAggregateCall(node));
  }

  isAggregateCall(node: SqlNode): boolean {
    return node['class'] === 'FUNCTION' && this.#aggregates.has(lower(node['function_name']));
  }

  /** True where rows can be looked for by an expression's values, whatever a SELECT makes of these rows. */
  isPushable(expression: SqlNode, partition: Partition): boolean {
    if (partition.kind === 'whole' || !isOfOneRow(expression, this.#aggregates)) return false;
    if (partition.kind === 'row') return true;
    const keys = new Set(partition.by.map(textOfExpression));
    const rest = mapExpression({ expression }, (node) =>
      typeof node['class'] === 'string' && keys.has(textOfExpression(node)) ? ONE : undefined,
    );
    return aliasesIn(rest).size === 0;
  }

  /** The positions of a query's columns by whose values its rows can be looked for down to the sources. */
  traceable(query: Query): ReadonlySet<number> {
    if (query.kind === 'set') {
      const right = this.traceable(query.right);
      return new Set([...this.traceable(query.left)].filter((position) => right.has(position)));
    }
    const partition = this.of(query);
    const positions = (query.outputs ?? []).flatMap(({ expression }, position) =>
      expression !== undefined &&
      this.isPushable(expression, partition) &&
      aliasesIn(expression).size > 0 &&
      columnsIn(expression).every((each) => this.#isTraceable(each, query))
        ? [position]
        : [],
    );
    return new Set(positions);
  }

  /**
   * True where each row of a query is made of one row of each of its sources, beside those that windows see together with
   * it, which are looked for by values that lead to the sources.
   */
  isRowByRow(query: Query): boolean {
    if (query.kind === 'set')
      return (
        query.operator === 'UNION' &&
        query.isAll &&
        [query.left, query.right].every((side) => this.isRowByRow(side))
      );
    const partition = this.of(query);
    if (partition.kind === 'whole' || queriesAsked(query).length > 0) return false;
    if (partition.kind === 'keyed' && (partition.isGrouped || !this.#leadsToSources(partition.by, query)))
      return false;
    return allItems(query.from).every(
      (item) =>
        item.kind === 'leaf' || (item.kind === 'sub' && !isLateral(item) && this.isRowByRow(item.query)),
    );
  }

  #leadsToSources(by: readonly SqlNode[], query: Select): boolean {
    return by.some((each) => columnsIn(each).every((column) => this.#isTraceable(column, query)));
  }

  #isTraceable(column: SqlNode, query: Select): boolean {
    const [alias] = wordsOf(column);
    const item = allItems(query.from).find((each) => lower(each.alias) === lower(alias));
    if (item?.kind === 'leaf') return true;
    if (item?.kind !== 'sub' || isLateral(item)) return false;
    const [, name = ''] = wordsOf(column);
    const plain = { ...column, column_names: [item.alias, name] };
    return this.traceable(item.query).has(positionOf(plain, item));
  }

  /** Every reason why a query makes all rows together; none for one that does not. */
  reasons(query: Select): readonly Reason[] {
    const partition = this.of(query);
    if (partition.kind !== 'whole') return [];
    const windows = windowsIn(lookedAt(query.node)).filter(
      (each) => nodesOf(each, 'partitions').length === 0,
    );
    return [
      { text: partition.why, offset: partition.offset },
      ...windows.map((window) => ({ text: whole(OVER_ALL_ROWS, undefined).why, offset: locationOf(window) })),
    ];
  }

  #partition(query: Select): Partition {
    const { node } = query;
    const looked = lookedAt(node);
    if (hasLimit(node)) return whole('uses LIMIT', locationOf({ modifiers: node['modifiers'] }));
    let keys = this.#groups(query, looked);
    let isGrouped = keys !== undefined;
    let why = 'aggregates all rows to one';
    let isOneRow = keys !== undefined && nodesOf(node, 'group_expressions').length === 0;
    let offset = locationOf(node);
    if (keys?.length === 0 && !isOneRow) why = 'has totals over all rows';
    const narrow = (targets: readonly SqlNode[], reason: string, location: number | undefined): void => {
      const known = defined(targets.map((each) => qualify({ ...each, alias: '' }, query)));
      const plain = known.filter((each) => isOfOneRow(each, this.#aggregates));
      const texts = new Set(plain.map(textOfExpression));
      const before = keys;
      keys = before === undefined ? plain : before.filter((each) => texts.has(textOfExpression(each)));
      if (keys.length > 0 || before?.length === 0) return;
      [why, offset, isOneRow] = [reason, location ?? offset, false];
    };
    for (const window of windowsIn(looked)) {
      const partitions = nodesOf(window, 'partitions');
      const reason =
        partitions.length === 0 ? OVER_ALL_ROWS : 'has windows and groups that have no column in common';
      narrow(partitions, reason, locationOf(window));
    }
    for (const modifier of nodesOf(node, 'modifiers')) {
      if (modifier['type'] !== 'DISTINCT_MODIFIER') continue;
      const targets = nodesOf(modifier, 'distinct_on_targets').map(
        (each) => aliasTarget(each, node) ?? targetOf(each, node),
      );
      const columns = defined((query.outputs ?? []).map(({ expression }) => expression));
      isGrouped ||= targets.length === 0;
      narrow(
        targets.length > 0 ? targets : columns,
        'uses DISTINCT over columns that are not certain',
        offset,
      );
    }
    if (keys === undefined) return { kind: 'row' };
    return keys.length > 0 ? { kind: 'keyed', by: keys, isGrouped } : { ...whole(why, offset), isOneRow };
  }

  /** What rows are grouped by in each grouping set; undefined where they are not grouped. */
  #groups(query: Select, looked: unknown): readonly SqlNode[] | undefined {
    const { node } = query;
    const list = nodesOf(node, 'select_list');
    const isForced = node['aggregate_handling'] === 'FORCE_AGGREGATES';
    const groups = isForced
      ? list.filter((item) => !this.isAggregate(item))
      : nodesOf(node, 'group_expressions');
    const sets = groupingSets(node);
    if (groups.length === 0 && sets.length === 0 && !isForced && !this.isAggregate(looked)) return undefined;
    const common = groups.filter((_, index) => sets.every((set) => set.includes(index)));
    const known = common.map((each) => qualify({ ...targetOf(each, node), alias: '' }, query));
    return defined(known).filter((each) => isOfOneRow(each, this.#aggregates));
  }
}

/** The grouping sets of a SELECT, as positions of its groups. */
export function groupingSets(node: SqlNode): readonly (readonly number[])[] {
  const sets = node['group_sets'];
  if (!Array.isArray(sets)) return [];
  return sets.map((set: unknown) => (Array.isArray(set) ? set.map(Number) : []));
}

/** What GROUP BY or DISTINCT ON means: an item of the select list by its position, or an expression. */
export function targetOf(target: SqlNode, node: SqlNode): SqlNode {
  const list = nodesOf(node, 'select_list');
  const value = target['type'] === 'VALUE_CONSTANT' ? nodeOf(target, 'value')?.['value'] : undefined;
  const position = target['class'] === 'POSITIONAL_REFERENCE' ? target['index'] : value;
  return (typeof position === 'number' ? list[position - 1] : undefined) ?? target;
}

const OVER_ALL_ROWS = 'has a window over all rows (without PARTITION BY)';

/** Where a SELECT may have windows and aggregates. */
function lookedAt(node: SqlNode): readonly unknown[] {
  return [node['select_list'], node['having'], node['qualify']];
}

function windowsIn(expression: unknown): readonly SqlNode[] {
  return [...nodesWithin(expression)].filter((node) => node['class'] === 'WINDOW');
}

function whole(why: string, offset: number | undefined): Extract<Partition, { kind: 'whole' }> {
  return { kind: 'whole', why: `its SQL ${why}`, offset, isOneRow: false };
}

/** The item of the select list that DISTINCT ON names: the engine takes it before a column of FROM. */
function aliasTarget(target: SqlNode, node: SqlNode): SqlNode | undefined {
  const [name, ...more] = wordsOf(target);
  return more.length === 0 ? itemCalled(node, name) : undefined;
}
