import type { SqlNode } from '../../engine/sql-tree.ts';
import { isLateral, queriesAsked } from './correlated.ts';
import { byDays } from './by-days.ts';
import { belowDates } from './dated-leaf.ts';
import { conditionsOf } from './joins.ts';
import type { Reason } from './lower.ts';
import { allItems, isWithin, outputNames, positionOf, UNKNOWN_COLUMNS } from './names.ts';
import {
  and,
  asValues,
  column,
  exceptAll,
  named,
  near,
  result,
  same,
  select,
  selectAll,
  unionAll,
  valueName,
  VALUES,
} from './nodes.ts';
import type { Partition, Partitions } from './partition.ts';
import { Roots } from './roots.ts';
import { type SumsShape, togetherIn } from './sums.ts';
import { among, type RowsOfValues } from './rows.ts';
import { atBothTimes, type Delta, type Steps, type Timed, valuesOf } from './steps.ts';
import { anyOf, narrowedBy, type Touch } from './touch.ts';
import { TouchedRows } from './touched-rows.ts';
import {
  aliasesIn,
  defined,
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

/** Steps of what an aggregate gives of some rows. */
export interface Sides {
  readonly gave: string;
  readonly give: string;
  /** The rows themselves, then and now. */
  readonly rows: readonly string[];
  /** True where these are rows of the source with the dates, each once. */
  readonly isOfSource: boolean;
}

/** Rows of an item, outside of which there are the same. */
interface Part extends Pick<Sides, 'isOfSource'> {
  readonly at: (time: Time) => { readonly item: Item; readonly step: string };
}

/** What the sources' changes touch of a query: values, and rows then and now. */
export class Changes {
  readonly #steps: Steps;
  readonly #partitions: Partitions;
  readonly #rows: RowsOfValues;
  readonly #roots: Roots;
  readonly #touched: TouchedRows;
  readonly #deltas = new Map<Query, Delta>();
  readonly #reasons: Reason[] = [];
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
    return this.#reasons;
  }

  /** True where a changed source is in a query. */
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
    return this.#steps.values(atBothTimes((time) => select(list, result(delta(time), 'd', names))));
  }

  /** Rows then and now, outside of which a query that is touched has the same rows. */
  delta(query: Query): Delta {
    const known = this.#deltas.get(query) ?? this.#delta(query);
    this.#deltas.set(query, known);
    return known;
  }

  /** What an aggregate gives of the rows of its FROM that may be others, then and now; undefined where these are not known. */
  sides({ query, ...shape }: SumsShape): Sides | undefined {
    const wanted = new Set(shape.counted.flatMap((each) => [...aliasesIn(each)]));
    const root = this.#roots.find(query, wanted);
    const together = root && togetherIn(root.item, { query, ...shape });
    if (root === undefined || together === undefined) return undefined;
    const { item } = root;
    const touches = this.#roots.touchesOf(root, item);
    const part = this.#ofDates(item, shape.counted, touches) ?? this.#together(item, together, touches);
    const rows: string[] = [];
    const sides = this.#steps.both((time) => {
      const { step, item: some } = part.at(time);
      rows.push(step);
      const from = this.#touched.drive(query.from, item, time, conditionsOf(query), some);
      const all = { ...query, from };
      const isOfDates = part.isOfSource && some.kind === 'leaf';
      return (isOfDates ? byDays(all, some, shape, this.#steps, time) : undefined) ?? all;
    });
    const { isOfSource } = part;
    return this.#isExact ? { gave: sides('then'), give: sides('now'), rows, isOfSource } : undefined;
  }

  /** The rows of an item that are touched, and those that go together with them. */
  #together(item: Item, together: readonly SqlNode[], touches: readonly Touch[]): Part {
    const step = together.length === 0 ? undefined : this.valuesOf(item, touches, asValues(together), null);
    const at = (time: Time): ReturnType<Part['at']> => {
      if (step === undefined) {
        const some = this.#touched.touchedItem(item, touches, time);
        return { item: some, step: some.step };
      }
      const some = this.#rows.exactly(item, time, among(together, step));
      if (some.kind !== 'result') throw new Unsupported(UNKNOWN_COLUMNS);
      return { item: some, step: some.step };
    };
    return { isOfSource: false, at };
  }

  /**
   * The same of rows that stand once for each date that sees them, before they do: those of counted values that are near
   * enough to a touched row for a date to see both. Dates that see no touched row have them then as now.
   */
  #ofDates(item: Item, counted: readonly SqlNode[], touches: readonly Touch[]): Part | undefined {
    if (item.kind !== 'leaf') return undefined;
    const below = belowDates(item, [...counted, ...touches.flatMap(({ expressions }) => expressions)]);
    if (below === undefined || below.expressions.some((each) => each === undefined)) return undefined;
    const { rows, day, windowDays, over } = below;
    const known = defined(below.expressions);
    const own = known.slice(0, counted.length);
    let start = counted.length;
    const inner = touches.map(({ expressions, step }): Touch => {
      const from = start;
      start += expressions.length;
      return { step, expressions: known.slice(from, start) };
    });
    if (own.length === 0)
      return {
        isOfSource: true,
        at: (time) => {
          const some = this.#touched.touchedItem(rows, inner, time);
          return { item: over(some), step: some.step };
        },
      };
    const step = this.valuesOf(rows, inner, asValues([...own, day]), null);
    const on = own.map((each, index) => same(each, column(VALUES, valueName(index))));
    const isNear = near(day, column(VALUES, valueName(own.length)), windowDays - 1);
    return {
      isOfSource: true,
      at: (time) => {
        const some = this.#rows.meeting(rows, time, step, [...on, isNear]);
        return { item: over(some), step: some.step };
      },
    };
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

  /** Rows of a delta may be there more often than in the query. */
  notExact(): void {
    this.#isExact = false;
  }

  /** All rows may be touched. */
  report(reason: Reason): void {
    this.#reasons.push(reason);
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
      this.#touched.trees(query, time, wanted).map((from) => select(list, from, { where: where(from) })),
    );
    return this.#steps.values(parts);
  }

  /** The values of expressions in the touched rows of one item. */
  valuesOf(item: Item, touches: readonly Touch[], list: readonly SqlNode[], where: SqlNode | null): string {
    const of = (from: From, more: readonly SqlNode[] = []): Select =>
      select(list, from, { where: and([...(where === null ? [] : [where]), ...more]) });
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
    if (item.kind === 'leaf' && isScan) {
      const [other, ...more] = others;
      const less = other !== undefined && more.length === 0 ? narrowedBy(item, other, this.#steps) : item;
      parts.push({ query: of(less, [anyOf(others)]), time: 'now' });
    }
    if (item.kind === 'sub')
      for (const { expressions, step } of others)
        parts.push(...atBothTimes((time) => of(this.#rows.exactly(item, time, among(expressions, step)))));
    return this.#steps.values(parts, isScan);
  }
}

function atTimes(of: (time: Time) => readonly Query[]): readonly Timed[] {
  return TIMES.flatMap((time) => of(time).map((query) => ({ query, time })));
}
