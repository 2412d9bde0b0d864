import type { SqlNode } from '../../engine/sql-tree.ts';
import { narrowed } from './dated-leaf.ts';
import { among, conditions } from './rows.ts';
import type { Steps } from './steps.ts';
import type { Leaf } from './tree.ts';
import { call, column, ONE, or, result, select, semi, subquery, valueNames } from './nodes.ts';

/** Why rows are touched: their expressions are among the values of a step. Without any all are, where it has rows. */
export interface Touch {
  readonly expressions: readonly SqlNode[];
  readonly step: string;
}

/** A leaf with no rows left out that are touched, where its rows stand for many dates. */
export function narrowedBy(leaf: Leaf, { expressions, step }: Touch, steps: Steps): Leaf {
  if (expressions.length === 0) return leaf;
  return narrowed(leaf, among(expressions, step), steps, (rows, wanted) =>
    semi(rows, wanted.step, conditions(wanted)),
  );
}

/** A condition for the rows that are touched in any way: one reading of them suffices. */
export function anyOf(touches: readonly Touch[]): SqlNode {
  return or(touches.map(isTouched));
}

function isTouched({ expressions, step }: Touch): SqlNode {
  const values = valueNames(expressions.length).map((name) => column(name));
  const [first] = expressions;
  if (first === undefined) return subquery('EXISTS', select([ONE], result(step, 'v')));
  return expressions.length === 1
    ? subquery('ANY', select(values, result(step, 'v')), first)
    : subquery('ANY', select([call('row', values)], result(step, 'v')), call('row', expressions));
}
