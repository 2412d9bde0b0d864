import type { SqlNode } from '../../engine/sql-tree.ts';
import { isWithin, positionOf } from './names.ts';
import { column, joined, named, result, same, select, valueName } from './nodes.ts';
import type { Among } from './rows.ts';
import type { Steps } from './steps.ts';
import {
  type From,
  isColumn,
  type Leaf,
  mapExpression,
  nodeOf,
  nodesOf,
  type Select,
  wordsOf,
} from './tree.ts';

/** What stands below a leaf whose rows stand once for each date that sees them. */
export interface BelowDates {
  /** The rows of the source, each once. */
  readonly rows: Leaf;
  /** The day of such a row. */
  readonly day: SqlNode;
  /** How many days, its own included, a date sees. */
  readonly windowDays: number;
  readonly pairs: Leaf;
  /** The expressions that were asked for, of those rows; undefined where one is of more than that. */
  readonly expressions: readonly (SqlNode | undefined)[];
  /** The position of that which is the date; -1 where none is. */
  readonly date: number;
  /** The leaf over other rows. */
  readonly over: (rows: From) => Leaf;
  /** With the day of a row in the place of its dates, so that it stands there once; undefined where more follows from the date. */
  readonly ofDays: Leaf | undefined;
}

/** Undefined for any other leaf. @param expressions Of the leaf. */
export function belowDates(
  leaf: Leaf,
  expressions: readonly (SqlNode | undefined)[],
): BelowDates | undefined {
  const { view, windowDays } = leaf;
  if (view === undefined) return undefined;
  const { from, node } = view;
  const [items, name] = [nodesOf(node, 'select_list').slice(0, -1), leaf.columns.at(-1) ?? ''];
  const inner = expressions.map((each) => each && through(leaf, view, each));
  const put = (other: From): Leaf => ({ ...leaf, view: { ...view, from: other } });
  if (from.kind === 'leaf') {
    const found = belowDates(from, inner);
    const isOwn = !mentions({ ...node, select_list: items }, from.columns.at(-1) ?? '');
    const ofDays = isOwn ? found?.ofDays && put(found.ofDays) : undefined;
    return found && { ...found, over: (rows) => put(found.over(rows)), ofDays };
  }
  if (windowDays === undefined || from.kind !== 'join') return undefined;
  const { left: rows, right: pairs, on } = from;
  const day = on[0] && nodeOf(on[0], 'left');
  if (rows.kind !== 'leaf' || pairs.kind !== 'leaf' || day === undefined) return undefined;
  return {
    rows,
    day,
    windowDays,
    pairs,
    expressions: inner.map((each) => (each !== undefined && isWithin(each, rows) ? each : undefined)),
    date: inner.findIndex((each) => each !== undefined && positionOf(each, pairs) === DATE),
    over: (other) => put({ ...from, left: other }),
    ofDays: {
      ...leaf,
      view: { ...view, from: rows, node: { ...node, select_list: [...items, named(day, name)] } },
    },
  };
}

/** True where anything, queries within it included, has a name of our own making. */
export function mentions(part: unknown, name: string): boolean {
  return JSON.stringify(part).includes(JSON.stringify(name));
}

/** The date among the columns of pairs. */
const DATE = 1;

/** A leaf over those rows alone of its source that may have some values: they are looked for before they stand so often. */
export function narrowed(
  leaf: Leaf,
  wanted: Among,
  steps: Steps,
  restrict: (rows: Leaf, wanted: Among) => From,
): Leaf {
  const below = belowDates(leaf, wanted.expressions);
  if (below === undefined) return leaf;
  const { rows, day, pairs, date, over } = below;
  const own = below.expressions.flatMap((expression, index) => {
    const value = wanted.columns[index];
    return expression === undefined || value === undefined ? [] : [{ expression, value }];
  });
  if (own.length > 0)
    return over(
      restrict(rows, {
        step: wanted.step,
        expressions: own.map(({ expression }) => expression),
        columns: own.map(({ value }) => value),
      }),
    );
  const dates = wanted.columns[date];
  if (dates === undefined) return leaf;
  const seen = select(
    [named(column(pairs.alias, 'day'), valueName(0))],
    joined('INNER', result(wanted.step, 'v'), pairs, [
      same(column(pairs.alias, 'dt_ref'), column('v', dates)),
    ]),
    { isDistinct: true },
  );
  return over(restrict(rows, { step: steps.add(seen, 'now'), expressions: [day], columns: [valueName(0)] }));
}

/** An expression of a view's columns, in those of its FROM; undefined where it is computed of more than that. */
function through(leaf: Leaf, view: Select, expression: SqlNode): SqlNode | undefined {
  let isKnown = true;
  const found = mapExpression({ expression }, (node) => {
    if (!isColumn(node)) return undefined;
    const at = wordsOf(node).length === 2 ? positionOf(node, leaf) : -1;
    const known = view.outputs?.[at]?.expression;
    if (known === undefined) isKnown = false;
    return known ?? node;
  }).expression;
  return isKnown ? found : undefined;
}
