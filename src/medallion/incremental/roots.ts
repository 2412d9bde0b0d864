import { isLateral, queriesAsked } from './correlated.ts';
import { keptItems } from './joins.ts';
import { Subqueries } from './subqueries.ts';
import { allItems, columnsOf } from './names.ts';
import { asValues } from './nodes.ts';
import { waysFrom, type Ways } from './reach.ts';
import type { Changes } from './changes.ts';
import type { Steps } from './steps.ts';
import type { Touch } from './touch.ts';
import { aliasesIn, type Item, lower, type Select } from './tree.ts';

/** An item that stands in every row of FROM, from which all is reached that changes touch. */
export interface Root {
  readonly item: Item;
  readonly ways: Ways;
  /** How queries in expressions touch items. */
  readonly touched: readonly TouchedItem[];
}

interface TouchedItem {
  readonly item: Item;
  readonly touch: Touch;
}

/** By which item of FROM touched rows are found, and how the other items' changes touch it. */
export class Roots {
  readonly #changes: Changes;
  readonly #subqueries: Subqueries;

  constructor(steps: Steps, changes: Changes) {
    this.#changes = changes;
    this.#subqueries = new Subqueries(steps, changes);
  }

  /** @param wanted The aliases that are asked for: one of these, where there is one. */
  find(query: Select, wanted: ReadonlySet<string> | undefined): Root | undefined {
    const kept = keptItems(query.from).filter((item) => item.kind === 'leaf' || item.kind === 'sub');
    const able = kept.filter((item) => !isLateral(item) && columnsOf(item) !== undefined);
    const isWanted = (item: Item): boolean => wanted?.has(lower(item.alias)) === true;
    for (const item of [...able.filter(isWanted), ...able.filter((each) => !isWanted(each))]) {
      const root = this.#at(query, item);
      if (root !== undefined) return root;
    }
    return undefined;
  }

  #at(query: Select, item: Item): Root | undefined {
    const ways = waysFrom(item, query);
    const isReached = (each: Item): boolean => each === item || ways.has(each);
    const items = allItems(query.from);
    if (items.some((each) => this.#changes.isChanged(each) && !isReached(each))) return undefined;
    const touched: TouchedItem[] = [];
    for (const touches of this.touchesOfSubqueries(query)) {
      for (const touch of touches ?? [undefined]) {
        if (touch === undefined) return undefined;
        const on = new Set(touch.expressions.flatMap((each) => [...aliasesIn(each)]));
        const of = on.size === 0 ? item : items.find(({ alias }) => on.size === 1 && on.has(lower(alias)));
        if (of === undefined || !isReached(of)) return undefined;
        touched.push({ item: of, touch });
      }
    }
    return { item, ways, touched };
  }

  /** How the changed queries in a SELECT's expressions, and beside its rows, touch these; undefined where it is not known. */
  touchesOfSubqueries(query: Select): readonly (readonly Touch[] | undefined)[] {
    const asked = queriesAsked(query).filter((each) => this.#changes.touches(each.query));
    const lateral = allItems(query.from).flatMap((item) =>
      item.kind === 'sub' && isLateral(item) && this.#changes.isAffected(item) ? [item.query] : [],
    );
    return [
      ...asked.map((each) => this.#subqueries.ofExpression(query, each)),
      ...lateral.map((inner) => this.#subqueries.ofCorrelated(query, inner)),
    ];
  }

  /** How changes of the other items touch an item. */
  touchesOf(root: Root, item: Item, without: ReadonlySet<Item> = new Set()): readonly Touch[] {
    const touches = root.touched.filter((each) => each.item === item).map(({ touch }) => touch);
    for (const [child, { to, own, other }] of root.ways) {
      if (to !== item || without.has(child) || !this.isMoved(root, child)) continue;
      const step = this.#changes.valuesOf(child, this.touchesOf(root, child), asValues(own), null);
      touches.push({ expressions: other, step });
    }
    return touches;
  }

  isMoved(root: Root, item: Item): boolean {
    return (
      this.#changes.isChanged(item) ||
      root.touched.some((each) => each.item === item) ||
      [...root.ways].some(([child, { to }]) => to === item && this.isMoved(root, child))
    );
  }
}
