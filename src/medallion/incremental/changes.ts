import type { SqlNode } from '../../engine/sql-tree.ts';
import { isLateral, queriesAsked } from './correlated.ts';
import { conditionsOf } from './joins.ts';
import type { Reason } from './lower.ts';
import { allItems, isWithin, outputNames, positionOf, UNKNOWN_COLUMNS } from './names.ts';
import {
  and,
  asValues,
  column,
  exceptAll,
  named,
  result,
  select,
  selectAll,
  unionAll,
  valueName,
} from './nodes.ts';
import type { Partition, Partitions } from './partition.ts';
import type { Recursion } from './recursion.ts';
import { Roots } from './roots.ts';
import { among, type RowsOfValues } from './rows.ts';
import { atBothTimes, type Delta, type Steps, type Timed, valuesOf } from './steps.ts';
import { anyOf, type Touch } from './touch.ts';
import { TouchedRows } from './touched-rows.ts';
import {
  aliasesIn,
  type From,
  type Item,
  lower,
  type Query,
  type Select,
  textOfExpression,
  type Time,
  TIMES,
  Unsupported,
} from './tree.ts';

/** What the sources' changes touch of a query: values, and rows then and now. */
export class Changes implements Recursion {
  readonly #steps: Steps;
  readonly #partitions: Partitions;
  readonly #rows: RowsOfValues;
  readonly #roots: Roots;
  readonly #touched: TouchedRows;
  readonly #deltas = new Map<Query, Delta>();
  readonly #reasons = new Map<string, Reason>();
  #isExact = true;

  constructor(steps: Steps, partitions: Partitions, rows: RowsOfValues) {
    this.#steps = steps;
    this.#partitions = partitions;
    this.#rows = rows;
    this.#roots = new Roots(steps, this);
    this.#touched = new TouchedRows(steps, rows, this.#roots, this);
  }

  /** False where rows of a delta may be there more often than in the query. */
  get isExact(): boolean {
    return this.#isExact;
  }

  /** Why all rows of a query may be touched. */
  get reasons(): readonly Reason[] {
    return [...this.#reasons.values()];
  }

  touches(query: Query): boolean {
    if (query.kind === 'set') return this.touches(query.left) || this.touches(query.right);
    return (
      allItems(query.from).some((item) => this.isAffected(item)) ||
      queriesAsked(query).some((asked) => this.touches(asked.query))
    );
  }

  /** A step with the values at some positions of a query's rows that may be others, then or now. */
  touched(query: Query, positions: readonly number[]): string {
    if (query.kind === 'set') {
      const sides = [query.left, query.right].filter((side) => this.touches(side));
      return this.#steps.values(
        sides.map((side) => valuesOf(this.touched(side, positions), positions.length)),
      );
    }
    const partition = this.#partitions.of(query);
    const expressions = positions.map((position) => query.outputs?.[position]?.expression);
    const known = expressions.flatMap((each): SqlNode[] =>
      each !== undefined && this.#partitions.isPushable(each, partition) ? [each] : [],
    );
    if (known.length === expressions.length) return this.values(query, known);
    const delta = this.delta(query);
    const names = outputNames(query);
    if (names === undefined) throw new Unsupported(UNKNOWN_COLUMNS);
    const list = positions.map((position, index) =>
      named(column('d', names[position] ?? ''), valueName(index)),
    );
    return this.#steps.values(
      atBothTimes((time) => select(list, result(delta(time), 'd', names), { isDistinct: true })),
    );
  }

  /** Rows then and now, outside of which a query that is touched has the same rows. */
  delta(query: Query): Delta {
    const known = this.#deltas.get(query) ?? this.#delta(query);
    this.#deltas.set(query, known);
    return known;
  }

  /** The rows of an aggregate's FROM that may be others, as the aggregate sees them. */
  sides(query: Select, together: readonly SqlNode[]): Delta | undefined {
    const wanted = new Set(together.flatMap((each) => [...aliasesIn(each)]));
    const root = this.#roots.find(query, wanted);
    if (root === undefined || together.some((each) => !isWithin(each, root.item))) return undefined;
    const touches = this.#roots.touchesOf(root, root.item);
    const step =
      together.length === 0 ? undefined : this.valuesOf(root.item, touches, asValues(together), null);
    // Rows whose value is null belong to no others: those count that are touched themselves.
    const all = step === undefined ? touches : [{ expressions: together, step }, ...touches];
    const sides = this.#steps.both((time) => ({
      ...query,
      from: this.#touched.drive(
        query.from,
        root.item,
        time,
        conditionsOf(query),
        this.#touched.touchedItem(root.item, all, time),
      ),
    }));
    return this.#isExact ? sides : undefined;
  }

  isAffected(item: Item): boolean {
    if (item.kind === 'leaf') return this.#steps.changed.has(item.source);
    return item.kind === 'sub' && this.touches(item.query);
  }

  /** True for an item that has changed rows of its own. */
  isChanged(item: Item): boolean {
    return this.isAffected(item) && !isLateral(item);
  }

  #delta(query: Query): Delta {
    if (query.kind === 'set') return this.#deltaOfSet(query);
    const partition = this.#partitions.of(query);
    switch (partition.kind) {
      case 'whole':
        return this.#deltaOfWhole(query, partition);
      case 'row': {
        const trees = this.#touched.trees(query, 'now', undefined);
        if (trees.length > 1) this.#isExact = false;
        return this.#steps.both((time) =>
          unionAll(this.#touched.trees(query, time, undefined).map((from) => ({ ...query, from }))),
        );
      }
      case 'keyed': {
        const wanted = among(partition.by, this.values(query, partition.by));
        return this.#steps.both((time) => this.#rows.restricted(query, time, wanted));
      }
      default:
        return partition satisfies never;
    }
  }

  #deltaOfSet(query: Extract<Query, { kind: 'set' }>): Delta {
    const names = outputNames(query);
    if (names === undefined) throw new Unsupported(UNKNOWN_COLUMNS);
    if (query.operator !== 'UNION' || !query.isAll) {
      const positions = names.map((_, index) => index);
      const wanted = { ...among([], this.touched(query, positions)), columns: positions.map(valueName) };
      return this.#steps.both((time) => this.#rows.of(query, time, wanted, positions));
    }
    const parts = [query.left, query.right]
      .filter((side) => this.touches(side))
      .map((side) => this.delta(side));
    return this.#steps.both((time) =>
      unionAll(parts.map((part) => selectAll(result(part(time), 'd', names)))),
    );
  }

  /** The rows of a query of all rows that are there at one time alone. */
  #deltaOfWhole(query: Select, { why, offset, isOneRow }: Extract<Partition, { kind: 'whole' }>): Delta {
    if (!isOneRow) this.report({ text: why, offset });
    const all = this.#steps.both(() => query);
    const of = (time: Time): Query => selectAll(result(all(time), 'd'));
    return this.#steps.both((time) => exceptAll(of(time), of(time === 'then' ? 'now' : 'then')));
  }

  notExact(): void {
    this.#isExact = false;
  }

  report(reason: Reason): void {
    this.#reasons.set(reason.text, reason);
  }

  /** A step with the values of expressions in touched rows of FROM; WHERE is heeded as far as it is certain. */
  values(query: Select, expressions: readonly SqlNode[]): string {
    const list = asValues(expressions);
    const wanted = new Set(expressions.flatMap((each) => [...aliasesIn(each)]));
    const conditions = conditionsOf(query);
    const where = (from: From): SqlNode | null => and(conditions.filter((each) => isWithin(each, from)));
    const root = this.#roots.find(query, wanted);
    // Of one item that stands in every row: the others' rows need not be read.
    if (root !== undefined && [...wanted].every((alias) => alias === lower(root.item.alias)))
      return this.valuesOf(root.item, this.#roots.touchesOf(root, root.item), list, where(root.item));
    const parts = atTimes((time) =>
      this.#touched
        .trees(query, time, wanted)
        .map((from) => select(list, from, { where: where(from), isDistinct: true })),
    );
    return this.#steps.values(parts);
  }

  /** The values of expressions in the touched rows of one item. */
  valuesOf(item: Item, touches: readonly Touch[], list: readonly SqlNode[], where: SqlNode | null): string {
    const of = (from: From, more: readonly SqlNode[] = []): Select =>
      select(list, from, { where: and([...(where === null ? [] : [where]), ...more]), isDistinct: true });
    const count = list.length;
    const parts: Timed[] = [];
    if (this.isChanged(item)) {
      const positions = item.kind === 'sub' ? list.map((each) => positionOf(each, item)) : [-1];
      // Of a query in FROM its values suffice, where no more than its columns are asked for.
      if (item.kind === 'sub' && positions.every((position) => position >= 0)) {
        const step = this.touched(item.query, positions);
        if (touches.length === 0) return step;
        parts.push(valuesOf(step, count));
      } else parts.push(...atBothTimes((time) => of(this.#touched.changedItem(item, time))));
    }
    // Values that are asked for themselves need not be looked for.
    const texts = list.map(textOfExpression).join();
    const isAsked = ({ expressions }: Touch): boolean => expressions.map(textOfExpression).join() === texts;
    const asked = touches.filter(isAsked);
    const others = touches.filter((each) => !isAsked(each));
    const [only] = asked;
    if (only !== undefined && asked.length === 1 && parts.length === 0 && others.length === 0)
      return only.step;
    parts.push(...asked.map(({ step }) => valuesOf(step, count)));
    const isScan = item.kind === 'leaf' && others.length > 0;
    if (isScan) parts.push({ query: of(item, [anyOf(others)]), time: 'now' });
    if (item.kind === 'sub')
      for (const { expressions, step } of others)
        parts.push(...atBothTimes((time) => of(this.#rows.exactly(item, time, among(expressions, step)))));
    return this.#steps.values(parts, isScan);
  }
}

function atTimes(of: (time: Time) => readonly Query[]): readonly Timed[] {
  return TIMES.flatMap((time) => of(time).map((query) => ({ query, time })));
}
