import type { SqlNode } from '../../engine/sql-tree.ts';
import { belowDates, mentions } from './dated-leaf.ts';
import {
  call,
  cast,
  column,
  equal,
  joined,
  lead,
  less,
  minus,
  named,
  NULL,
  number,
  operator,
  result,
  select,
} from './nodes.ts';
import { groupingSets, targetOf } from './partition.ts';
import type { Steps } from './steps.ts';
import { type SumsShape, TOTAL } from './sums.ts';
import {
  type From,
  type Leaf,
  nodesOf,
  type Query,
  type Select,
  textOfExpression,
  type Time,
} from './tree.ts';

const DAY = '_igarape_day';
/** The value that is counted once. */
const COUNTED = '_igarape_counted';
/** The grouping set that a row is of. */
const SET = '_igarape_set';
/** For how many days, its own included, a value is the newest of its kind. */
const REACH = '_igarape_reach';
/** How many values there are that are counted once. */
const ONCE = '_igarape_once';

/**
 * An aggregate over rows that stand for many dates, of which each day's rows are added up before they stand for these. A
 * value that is counted once counts on the newest of its days that a date sees: each of them reaches up to the next.
 *
 * @param query With sums alone in the place of measures, and {@link TOTAL}.
 * @param leaf The item of its FROM whose rows stand for many dates; each row of FROM has one of them.
 * @returns Undefined where more follows from the date than groups.
 */
export function byDays(
  { node, from }: Select,
  leaf: Leaf,
  { columns, counted }: Pick<SumsShape, 'columns' | 'counted'>,
  steps: Steps,
  time: Time,
): Query | undefined {
  const found = belowDates(leaf, []);
  const items = nodesOf(node, 'select_list');
  const groups = nodesOf(node, 'group_expressions');
  const name = leaf.columns.at(-1) ?? '';
  const date = column(leaf.alias, name);
  const isDate = (each: SqlNode): boolean => textOfExpression(each) === textOfExpression(date);
  const rest = [...items, ...groups].filter((each) => !isDate(each));
  const around = { ...node, select_list: [], group_expressions: [] };
  if (found?.ofDays === undefined || found.windowDays === 1) return undefined;
  if (mentions([rest, around, withLeaf(from, leaf, EMPTY)], name)) return undefined;

  const [value] = counted;
  const hasSets = groupingSets(node).length > 1;
  const set = operator(
    'GROUPING_FUNCTION',
    groups.map((each) => ({ ...targetOf(each, node), alias: '' })),
  );
  const beside = [
    named(date, DAY),
    ...(hasSets ? [named(set, SET)] : []),
    ...(value === undefined ? [] : [named(value, COUNTED)]),
  ];
  const isForced = node['aggregate_handling'] === 'FORCE_AGGREGATES';
  const ofDays: Select = {
    kind: 'select',
    outputs: undefined,
    from: withLeaf(from, leaf, found.ofDays),
    node: {
      ...node,
      select_list: [...items.map((each) => (isOnce(each) ? named(NULL, nameOf(each)) : each)), ...beside],
      ...(value === undefined || isForced
        ? {}
        : {
            group_expressions: [...groups, value],
            group_sets: groupingSets(node).map((each) => [...each, groups.length]),
          }),
    },
  };
  const names = [...columns.map((each) => each.name), TOTAL, ...beside.map(nameOf)];
  const days = result(steps.add(ofDays, time), ROWS, names);
  const keys = [
    ...columns
      .filter(({ kind }, index) => kind === 'group' && !isDate(items[index] ?? NULL))
      .map(nameOfColumn),
    TOTAL,
    ...(hasSets ? [SET] : []),
  ];
  const sums = columns.filter(({ kind }, index) => kind === 'sum' && !isOnce(items[index] ?? NULL));
  const rows = value === undefined ? days : reaching(days, keys, sums.map(nameOfColumn), found.windowDays);

  const { pairs } = found;
  const on = equal(column(pairs.alias, 'day'), own(DAY));
  const list = columns.map((each, index) => {
    const item = items[index] ?? NULL;
    if (isDate(item)) return named(column(pairs.alias, 'dt_ref'), each.name);
    if (each.kind === 'group') return named(own(each.name), each.name);
    if (each.kind === 'derived') return named(NULL, each.name);
    if (isOnce(item)) return named(cast(seenOnce(pairs), 'BIGINT'), each.name);
    const sum = call('sum', [own(each.name)]);
    return named(each.isCount ? cast(sum, 'BIGINT') : sum, each.name);
  });
  return grouped([...list, own(TOTAL)], joined('INNER', rows, pairs, [on]), [
    ...keys.map(own),
    column(pairs.alias, 'dt_ref'),
  ]);
}

/** Rows of days and values that are counted once as rows of days and of how far such values reach, with how many do. */
function reaching(days: From, keys: readonly string[], sums: readonly string[], windowDays: number): From {
  const next = operator('OPERATOR_COALESCE', [
    minus(lead(own(DAY), [...keys, COUNTED].map(own)), own(DAY)),
    number(windowDays),
  ]);
  const reach = named(call('least', [next, number(windowDays)]), REACH);
  const all = select([...[...keys, ...sums, DAY, COUNTED].map(own), reach], days);
  const by = [...keys, DAY, REACH].map(own);
  const added = [
    ...sums.map((name) => named(call('sum', [own(name)]), name)),
    named(call('count', [own(COUNTED)]), ONCE),
  ];
  const query = grouped([...by, ...added], { kind: 'sub', query: all, alias: ROWS, names: [] }, by);
  return { kind: 'sub', query, alias: ROWS, names: [] };
}

/** How many values that are counted once a date sees. */
function seenOnce(pairs: Leaf): SqlNode {
  const after = minus(column(pairs.alias, 'dt_ref'), own(DAY));
  const sum = { ...call('sum', [own(ONCE)]), filter: less(after, own(REACH)) };
  return operator('OPERATOR_COALESCE', [sum, number(0)]);
}

function withLeaf(from: From, leaf: Leaf, other: From): From {
  if (from === leaf) return other;
  if (from.kind !== 'join') return from;
  return { ...from, left: withLeaf(from.left, leaf, other), right: withLeaf(from.right, leaf, other) };
}

const EMPTY: From = { kind: 'empty' };
const ROWS = '_igarape_rows';

function own(name: string): SqlNode {
  return column(ROWS, name);
}

function grouped(list: readonly SqlNode[], from: From, by: readonly SqlNode[]): Select {
  const { node, ...rest } = select(list, from);
  return { ...rest, node: { ...node, group_expressions: by, group_sets: [by.map((_, index) => index)] } };
}

function isOnce(item: SqlNode): boolean {
  return item['distinct'] === true;
}

function nameOf(item: SqlNode): string {
  return String(item['alias']);
}

function nameOfColumn({ name }: { readonly name: string }): string {
  return name;
}
