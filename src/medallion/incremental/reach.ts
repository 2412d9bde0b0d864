import type { SqlNode } from '../../engine/sql-tree.ts';
import { conditionsOf, type Edge, edgesOf } from './joins.ts';
import type { Item, Select } from './tree.ts';

/** The way from an item one step back to the root, along equalities of a join. */
export interface Hop {
  readonly to: Item;
  /** Expressions of the item itself. */
  readonly own: readonly SqlNode[];
  /** What they are equal to, in the same order. */
  readonly other: readonly SqlNode[];
}

/**
 * How the items of FROM are reached from one that stands in every row. A change of an item touches the rows of the item
 * before it for which those expressions are equal, and so on to the root. An item is not there where its changes may
 * touch others.
 */
export type Ways = ReadonlyMap<Item, Hop>;

export function waysFrom(root: Item, query: Select): Ways {
  const edges = edgesOf(query.from, conditionsOf(query));
  const ways = new Map<Item, Hop>();
  const queue = [root];
  for (const at of queue) {
    for (const [far, hop] of hopsFrom(at, edges)) {
      if (far === root || ways.has(far)) continue;
      ways.set(far, hop);
      queue.push(far);
    }
  }
  return ways;
}

function hopsFrom(at: Item, edges: readonly Edge[]): ReadonlyMap<Item, Hop> {
  const found = new Map<Item, Hop>();
  for (const { left, right, equality, type } of edges) {
    // Who may stand without a partner does not reach what lies behind it.
    const isToRight = left === at && type !== 'RIGHT';
    const isToLeft = right === at && (type === 'INNER' || type === 'RIGHT');
    if (!isToRight && !isToLeft) continue;
    const far = isToRight ? right : left;
    const [own, other] = isToRight ? [equality.right, equality.left] : [equality.left, equality.right];
    const hop = found.get(far) ?? { to: at, own: [], other: [] };
    found.set(far, { to: at, own: [...hop.own, own], other: [...hop.other, other] });
  }
  return found;
}
