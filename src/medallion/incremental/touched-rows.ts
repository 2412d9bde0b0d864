import type { SqlNode } from '../../engine/sql-tree.ts';
import { isLateral } from './correlated.ts';
import {
  conditionsOf,
  equalitiesOf,
  joinsIn,
  keepsLeft,
  keepsRight,
  keptItems,
  pruned,
  relatedItems,
  withJoin,
} from './joins.ts';
import { allItems, columnsOf, qualify, scopeOf, UNKNOWN_COLUMNS } from './names.ts';
import {
  and,
  asValues,
  column,
  exceptAll,
  joined,
  not,
  result,
  select,
  selectAll,
  semi,
  unionAll,
} from './nodes.ts';
import type { Changes } from './changes.ts';
import type { Root, Roots } from './roots.ts';
import { among, type RowsOfValues } from './rows.ts';
import { atBothTimes, type Steps } from './steps.ts';
import { anyOf, narrowedBy, type Touch } from './touch.ts';
import {
  aliasesIn,
  type From,
  type Item,
  type Join,
  lower,
  type Query,
  type Result,
  type Select,
  type Time,
  Unsupported,
} from './tree.ts';

/** A changed item on the side of an outer join that may be missing. */
interface Apart {
  readonly child: Item;
  readonly join: Join;
  readonly touch: Touch;
}

/** FROM with its touched rows alone, and of the other items what goes with them. */
export class TouchedRows {
  readonly #steps: Steps;
  readonly #rows: RowsOfValues;
  readonly #roots: Roots;
  readonly #changes: Changes;

  constructor(steps: Steps, rows: RowsOfValues, roots: Roots, changes: Changes) {
    this.#steps = steps;
    this.#rows = rows;
    this.#roots = roots;
    this.#changes = changes;
  }

  /**
   * FROM with the touched rows alone, and what goes with them: one for each way in which rows are touched.
   *
   * @param wanted The items that are asked for; all where it is left out.
   */
  trees(query: Select, time: Time, wanted: ReadonlySet<string> | undefined): readonly From[] {
    const extra = conditionsOf(query);
    const root = this.#roots.find(query, wanted);
    if (root === undefined) return this.#treesWithoutRoot(query, time);
    const { item } = root;
    const less =
      wanted === undefined ? query.from : pruned(query.from, new Set([...wanted, lower(item.alias)]));
    const isRelated = relatedItems(less, extra).length <= relatedItems(query.from, extra).length;
    const from = isRelated ? less : query.from;
    const apart = this.#apart(root, from);
    const touches = this.#roots.touchesOf(root, item, new Set(apart.map(({ child }) => child)));
    const own =
      this.#changes.isChanged(item) || touches.length > 0
        ? [this.drive(from, item, time, extra, this.touchedItem(item, touches, time))]
        : [];
    return [...own, ...apart.flatMap((each) => this.#partners(root, from, each, time, extra))];
  }

  #treesWithoutRoot(query: Select, time: Time): readonly From[] {
    this.#changes.notExact();
    const { from } = query;
    const extra = conditionsOf(query);
    const ofItems = allItems(from)
      .filter((item) => this.#changes.isChanged(item))
      .map((item) => this.drive(from, item, time, extra));
    const ofQueries = this.#roots.touchesOfSubqueries(query).flatMap((touches): readonly From[] => {
      if (touches === undefined) {
        this.#changes.report({ text: BY_NO_EQUALITY, offset: undefined });
        return [from];
      }
      return touches.map(({ expressions, step }) =>
        expressions.length === 0
          ? semi(from, step, [])
          : this.#rows.exactly(from, time, among(expressions, step)),
      );
    });
    return [...ofItems, ...ofQueries];
  }

  /**
   * Changed items on the side of an outer join that may be missing: not all rows with their join keys are touched, but
   * those with changed partners, and those without any.
   */
  #apart(root: Root, from: From): readonly Apart[] {
    const found: Apart[] = [];
    for (const [child, { to, own, other }] of root.ways) {
      if (to !== root.item || !this.#roots.isMoved(root, child) || isLateral(child)) continue;
      const join = joinsIn(from).find((each) => isMissingSide(each, root.item, child));
      if (join === undefined || join.using.length > 0 || join.isAsOf) continue;
      const missing = allItems(join.type === 'LEFT' ? join.right : join.left);
      const seen = new Set([root.item, ...missing].map(({ alias }) => lower(alias)));
      const on = join.on.map((each) => qualify(each, scopeOf({ ...join, type: 'INNER' })));
      if (on.some((each) => each === undefined || [...aliasesIn(each)].some((alias) => !seen.has(alias))))
        continue;
      const step = this.#changes.valuesOf(child, this.#roots.touchesOf(root, child), asValues(own), null);
      found.push({ child, join, touch: { expressions: other, step } });
    }
    return found;
  }

  #partners(
    root: Root,
    from: From,
    { child, join, touch }: Apart,
    time: Time,
    extra: readonly SqlNode[],
  ): readonly From[] {
    const { item } = root;
    const touched = this.touchedItem(child, this.#roots.touchesOf(root, child), time);
    const met = this.drive(withJoin(from, join, { ...join, type: 'INNER' }), child, time, extra, touched);
    const own = this.#rows.exactly(item, time, among(touch.expressions, touch.step));
    const isLeft = join.type === 'LEFT';
    const pairs = equalitiesOf(join, []).map(({ left, right }) =>
      isLeft ? ([left, right] as const) : ([right, left] as const),
    );
    const others = this.#rows.beside(isLeft ? join.right : join.left, own, pairs, time, extra);
    const columns = columnsOf(item) ?? [];
    const alone = select(
      columns.map((name) => column(item.alias, name)),
      joined('ANTI', own, others, join.on),
    );
    const without = result(this.#steps.add(alone, time), item.alias, columns);
    return [met, this.drive(from, item, time, extra, without)];
  }

  /** The rows of an item that are touched, each as often as it is there: outside of them it is then as now. */
  touchedItem(item: Item, touches: readonly Touch[], time: Time): Result {
    if (touches.length === 0) return this.changedItem(item, time);
    const columns = columnsOf(item) ?? [];
    const list = columns.map((name) => column(item.alias, name));
    const of = (from: From, where: SqlNode | null = null): Query => select(list, from, { where });
    if (item.kind === 'leaf') {
      const [only, ...more] = touches;
      const less = only !== undefined && more.length === 0 ? narrowedBy(item, only, this.#steps) : item;
      const met = this.#steps.add(of(less, anyOf(touches)), 'now', true);
      if (!this.#changes.isChanged(item)) return result(met, item.alias, columns);
      const all = selectAll(result(met, '_igarape_part'));
      const [gone, come] = [this.changedItem(item, 'then'), this.changedItem(item, 'now')];
      const rows =
        time === 'now'
          ? unionAll([all, of(come, not(anyOf(touches)))])
          : unionAll([exceptAll(all, of(come, anyOf(touches))), of(gone)]);
      return result(this.#steps.add(rows, time), item.alias, columns);
    }
    // Each row once, by the first way in which it is touched; of the changed ones those that are touched in none.
    const parts = this.#changes.isChanged(item)
      ? [of(this.changedItem(item, time), not(anyOf(touches)))]
      : [];
    for (const [index, touch] of touches.entries()) {
      const { expressions, step } = touch;
      const met =
        expressions.length === 0
          ? semi(item, step, [])
          : this.#rows.exactly(item, time, among(expressions, step));
      const before = touches.slice(0, index);
      // A null is met in no way.
      parts.push(of(met, and([anyOf([touch]), ...(before.length === 0 ? [] : [not(anyOf(before))])])));
    }
    return result(this.#steps.add(unionAll(parts), time), item.alias, columns);
  }

  /** The rows of an item that may be others. */
  changedItem(item: Item, time: Time): Result {
    if (item.kind === 'leaf') return this.#rows.changedRows(item, time);
    const columns = columnsOf(item);
    if (item.kind !== 'sub' || columns === undefined) throw new Unsupported(UNKNOWN_COLUMNS);
    return result(this.#changes.delta(item.query)(time), item.alias, columns);
  }

  /** FROM with some rows of one item, its changed ones where they are left out, and of the others what goes with them. */
  drive(from: From, item: Item, time: Time, extra: readonly SqlNode[], rows?: Item): From {
    if (from === item) return rows ?? this.changedItem(item, time);
    if (from.kind !== 'join') return from;
    const isLeft = allItems(from.left).includes(item);
    const keys = equalitiesOf(from, extra);
    const [own, other] = isLeft ? (['left', 'right'] as const) : (['right', 'left'] as const);
    const isKept = isLeft ? keepsLeft(from) : keepsRight(from) && !from.isAsOf;
    if (rows !== undefined || isKept) {
      const driven = this.drive(from[own], item, time, extra, rows);
      const pairs = keys.map((key) => [key[own], key[other]] as const);
      const rest = this.#rows.beside(from[other], driven, pairs, time, extra);
      return withSides(from, isLeft ? driven : rest, isLeft ? rest : driven);
    }
    // Whether other rows stand without a partner follows from these: all that share their join keys are touched.
    if (keys.length === 0) {
      this.#changes.report({ text: joinedByNothing(from[own]), offset: undefined });
      return from;
    }
    const values = asValues(keys.map((key) => key[own]));
    const step = this.#steps.values(
      atBothTimes((each) => select(values, this.drive(from[own], item, each, extra))),
    );
    const [left, right] = [from.left, from.right].map((side, index) => {
      const expressions = keys.map((key) => (index === 0 ? key.left : key.right));
      return this.#rows.exactly(side, time, among(expressions, step));
    });
    return withSides(from, left ?? from.left, right ?? from.right);
  }
}

function withSides(join: Join, left: From, right: From): Join {
  return { ...join, left, right };
}

/** True for an outer join that an item may be missing in, beside one that is there. */
function isMissingSide(join: Join, kept: Item, missing: Item): boolean {
  const [own, other] =
    join.type === 'LEFT' ? [join.left, join.right] : join.type === 'RIGHT' ? [join.right, join.left] : [];
  if (own === undefined || other === undefined) return false;
  return allItems(own).includes(kept) && keptItems(other).includes(missing);
}

const BY_NO_EQUALITY = 'its SQL has a subquery that goes with its rows by no equality of columns';

function joinedByNothing(side: From): string {
  const [item] = allItems(side);
  const name = item?.kind === 'leaf' ? item.source : (item?.alias ?? 'rows');
  return `its SQL joins ${name} by no equality of columns`;
}
