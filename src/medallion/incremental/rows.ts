import type { SqlNode } from '../../engine/sql-tree.ts';
import { isLateral } from './correlated.ts';
import {
  conditionsOf,
  type Equality,
  equalitiesOf,
  keepsLeft,
  keepsRight,
  pruned,
  relatedItems,
} from './joins.ts';
import { columnsOf, isWithin, outputNames, positionOf, UNKNOWN_COLUMNS } from './names.ts';
import {
  and,
  asValues,
  column,
  exceptAll,
  joined,
  named,
  NULL,
  ONE,
  result,
  same,
  select,
  selectAll,
  semi,
  unionAll,
  valueName,
  valueNames,
  VALUES,
} from './nodes.ts';
import { narrowed } from './dated-leaf.ts';
import type { Partitions } from './partition.ts';
import { schemaOf } from './raise.ts';
import type { Steps } from './steps.ts';
import {
  aliasesIn,
  defined,
  type From,
  type Item,
  isColumn,
  type Join,
  type Leaf,
  lower,
  mapExpression,
  nodesOf,
  type Query,
  type Result,
  type Select,
  type SubQuery,
  textOfExpression,
  type Time,
  Unsupported,
} from './tree.ts';

/** Expressions whose values have to be among those of a step. */
export interface Among {
  readonly expressions: readonly SqlNode[];
  readonly step: string;
  /** The step's columns, one for each expression. */
  readonly columns: readonly string[];
}

export function among(expressions: readonly SqlNode[], step: string): Among {
  return { expressions, step, columns: valueNames(expressions.length) };
}

/** A query's rows for some values, looked for down to the sources. */
export class RowsOfValues {
  readonly #steps: Steps;
  readonly #partitions: Partitions;

  constructor(steps: Steps, partitions: Partitions) {
    this.#steps = steps;
    this.#partitions = partitions;
  }

  /** Exactly the query's rows whose columns at some positions are among values. */
  of(query: Query, time: Time, wanted: Among, positions: readonly number[]): Query {
    if (query.kind === 'set') {
      const [left, right] = [query.left, query.right].map((side) => this.of(side, time, wanted, positions));
      return { ...query, left: left ?? query.left, right: right ?? query.right };
    }
    const partition = this.#partitions.of(query);
    const expressions = positions.map((position) => query.outputs?.[position]?.expression);
    const isPushed = expressions.map(
      (each) => each !== undefined && this.#partitions.isPushable(each, partition),
    );
    const pushed = pick(
      { ...wanted, expressions: expressions.map((each) => each ?? NULL) },
      (_, index) => isPushed[index] === true,
    );
    const inner = pushed.expressions.length > 0 ? this.restricted(query, time, pushed) : query;
    if (isPushed.every(Boolean)) return inner;
    const names = outputNames(query);
    if (names === undefined) throw new Unsupported(UNKNOWN_COLUMNS);
    const item: SubQuery = { kind: 'sub', query: inner, alias: '_igarape_query', names };
    const on = positions.map((position, index) =>
      same(column(item.alias, names[position] ?? ''), column(VALUES, wanted.columns[index] ?? '')),
    );
    return {
      ...selectAll(semi(item, wanted.step, on)),
      outputs: names.map((name) => ({ name, expression: column(item.alias, name) })),
    };
  }

  /** A SELECT over the rows of its FROM whose expressions are among values. */
  restricted(query: Select, time: Time, wanted: Among): Select {
    return { ...query, from: this.exactly(query.from, time, wanted, conditionsOf(query)) };
  }

  /** Exactly the rows of FROM whose expressions are among values. */
  exactly(from: From, time: Time, wanted: Among, extra: readonly SqlNode[] = []): From {
    const some = this.#some(from, time, wanted, extra);
    return some.kind === 'result' ? some : semi(some, wanted.step, conditions(wanted));
  }

  /**
   * Of FROM the rows that may go with rows of another part.
   *
   * @param pairs Expressions of that part, and of FROM.
   * @param extra Conditions that hold for all rows.
   */
  beside(
    from: From,
    driver: From,
    pairs: readonly (readonly [SqlNode, SqlNode])[],
    time: Time,
    extra: readonly SqlNode[],
  ): From {
    const isFixed = from.kind === 'rows' || from.kind === 'result' || from.kind === 'empty';
    if (pairs.length === 0 || isFixed) return from;
    if (from.kind === 'sub' && isLateral(from)) return from;
    // Of items that no equality joins, all rows would be beside all: those of some suffice.
    const wanted = relatedItems(driver, extra).map((items) => {
      const aliases = new Set(items.map(({ alias }) => lower(alias)));
      const known = pairs.filter(([own]) => [...aliasesIn(own)].every((alias) => aliases.has(alias)));
      return { known, isFew: items.some(({ kind }) => kind === 'result') };
    });
    const some = wanted.filter(({ known }) => known.length > 0);
    const { known } = some.find(({ isFew }) => isFew) ?? some[0] ?? { known: [] };
    if (known.length === 0) return from;
    const [own, other] = [known.map(([each]) => each), known.map(([, each]) => each)];
    const less = pruned(driver, new Set(own.flatMap((each) => [...aliasesIn(each)])));
    const where = and(extra.filter((each) => less.kind === 'join' && isWithin(each, less)));
    const step = this.#steps.add(select(asValues(own), less, { isDistinct: true, where }), time);
    return this.#some(from, time, among(other, step), []);
  }

  /** The rows of a source that have come, or gone, as its item shows them. */
  changedRows(leaf: Leaf, time: Time): Result {
    const columns = columnsOf(leaf) ?? [];
    const { view } = leaf;
    if (view !== undefined) {
      const inner = this.#changedWithin(view.from, leaf.source, time);
      return result(this.#steps.add({ ...view, from: inner }, time), leaf.alias, columns);
    }
    const schema = schemaOf(time === 'then' ? 'gone' : 'come');
    return result(`${schema}.${leaf.source}`, leaf.alias, columns);
  }

  /** What a view is of, with the changed rows of its source alone; tables beside it do not change. */
  #changedWithin(from: From, source: string, time: Time): From {
    if (from.kind === 'join')
      return {
        ...from,
        left: this.#changedWithin(from.left, source, time),
        right: this.#changedWithin(from.right, source, time),
      };
    return from.kind === 'leaf' && from.source === source ? this.changedRows(from, time) : from;
  }

  /** Those rows, and maybe others of FROM. */
  #some(from: From, time: Time, wanted: Among, extra: readonly SqlNode[]): From {
    switch (from.kind) {
      case 'leaf': {
        const isOwn = wanted.expressions.every((each) => isWithin(each, from));
        const isAny = wanted.expressions.length > 0;
        return isOwn && isAny
          ? result(this.#ofLeaf(from, time, wanted), from.alias, columnsOf(from) ?? [])
          : from;
      }
      case 'sub':
        return this.#ofSub(from, time, wanted);
      case 'join':
        return this.#ofJoin(from, time, wanted, extra);
      case 'empty':
      case 'result':
      case 'rows':
        return from;
      default:
        return from satisfies never;
    }
  }

  #ofSub(from: SubQuery, time: Time, wanted: Among): From {
    if (isLateral(from)) return from;
    const columns = columnsOf(from);
    const own = pick(wanted, (each) => isWithin(each, from) && positionOf(each, from) >= 0);
    if (columns === undefined || own.expressions.length === 0) return from;
    const positions = own.expressions.map((each) => positionOf(each, from));
    const step = this.#steps.add(this.of(from.query, time, own, positions), time);
    // Rows that meet all that is wanted are what stands for FROM, others are looked at once more.
    return own.expressions.length === wanted.expressions.length
      ? result(step, from.alias, columns)
      : { ...from, query: selectAll(result(step, '_igarape_part')), names: columns };
  }

  #ofJoin(from: Join, time: Time, wanted: Among, extra: readonly SqlNode[]): From {
    const keys = equalitiesOf(from, extra);
    if (from.type === 'FULL') return this.#ofFullJoin(from, time, wanted, keys, extra);
    let { left, right } = from;
    const [ofLeft, ofRight] = [left, right].map((side) => pick(wanted, (each) => isWithin(each, side)));
    const isHalf = from.type === 'SEMI' || from.type === 'ANTI';
    if (keepsLeft(from) && ofLeft !== undefined && ofLeft.expressions.length > 0)
      left = this.#some(left, time, ofLeft, extra);
    if (keepsRight(from) && !from.isAsOf && ofRight !== undefined && ofRight.expressions.length > 0)
      right = this.#some(right, time, ofRight, extra);
    const isAsBefore = left === from.left && right === from.right;
    if (isAsBefore && keys.length > 0 && (from.type === 'LEFT' || from.type === 'RIGHT') && !from.isAsOf)
      return this.#byMissing(from, time, wanted, keys, extra);
    const toRight = keys.map((key) => [key.left, key.right] as const);
    const toLeft = keys.map((key) => [key.right, key.left] as const);
    if (left !== from.left && right === from.right)
      right = this.#met(right, time, ofLeft, toRight) ?? this.beside(right, left, toRight, time, extra);
    else if (right !== from.right && left === from.left && keepsRight(from) && !isHalf)
      left = this.#met(left, time, ofRight, toLeft) ?? this.beside(left, right, toLeft, time, extra);
    return left === from.left && right === from.right ? from : { ...from, left, right };
  }

  /** A join's side by the values that the other one is looked for by; undefined where these are not all that it is joined by. */
  #met(
    from: From,
    time: Time,
    wanted: Among | undefined,
    pairs: readonly (readonly [SqlNode, SqlNode])[],
  ): From | undefined {
    const known = wanted?.expressions.map(textOfExpression) ?? [];
    const places = pairs.map(([own]) => known.indexOf(textOfExpression(own)));
    if (wanted === undefined || places.length === 0 || places.includes(-1)) return undefined;
    const columns = defined(places.map((place) => wanted.columns[place]));
    return this.#some(from, time, { ...wanted, expressions: pairs.map(([, other]) => other), columns }, []);
  }

  /** By columns that both sides have: coalesce of the two that are equal. */
  #ofFullJoin(
    from: Join,
    time: Time,
    wanted: Among,
    keys: readonly Equality[],
    extra: readonly SqlNode[],
  ): From {
    const ofBoth = wanted.expressions.map((each) => keys.find((key) => isEither(each, key)));
    const own = pick(wanted, (_, index) => ofBoth[index] !== undefined);
    if (own.expressions.length === 0) return from;
    const chosen = defined(ofBoth);
    const left = { ...own, expressions: chosen.map((key) => key.left) };
    const right = { ...own, expressions: chosen.map((key) => key.right) };
    return {
      ...from,
      left: this.#some(from.left, time, left, extra),
      right: this.#some(from.right, time, right, extra),
    };
  }

  #ofLeaf(leaf: Leaf, time: Time, own: Among): string {
    const less = narrowed(leaf, own, this.#steps, (rows, wanted) =>
      this.meeting(rows, time, wanted.step, conditions(wanted)),
    );
    if (less === leaf) return this.meeting(leaf, time, own.step, conditions(own)).step;
    const columns = (columnsOf(leaf) ?? []).map((name) => column(leaf.alias, name));
    return this.#steps.add(select(columns, semi(less, own.step, conditions(own))), time);
  }

  /**
   * A source's rows as a step, for which another step has a row, as {@link VALUES}, that meets
   * conditions with them. As they were: those that are, without those that came, and with those that went.
   */
  meeting(leaf: Leaf, time: Time, step: string, on: readonly SqlNode[]): Result {
    const shown = columnsOf(leaf) ?? [];
    const columns = shown.map((name) => column(leaf.alias, name));
    const of = (rows: From): Query => select(columns, semi(rows, step, on));
    const as = (name: string): Result => result(name, leaf.alias, shown);
    const now = this.#steps.add(of(leaf), 'now', true);
    if (time === 'now' || !this.#steps.changed.has(leaf.source)) return as(now);
    const came = of(this.changedRows(leaf, 'now'));
    const kept = exceptAll(selectAll(result(now, '_igarape_part')), came);
    return as(this.#steps.add(unionAll([kept, of(this.changedRows(leaf, 'then'))]), 'then'));
  }

  /**
   * An outer join by values of the side that may be missing: the rows that have such a partner, and those without any
   * where none is such a value.
   */
  #byMissing(
    from: Join,
    time: Time,
    wanted: Among,
    keys: readonly Equality[],
    extra: readonly SqlNode[],
  ): From {
    const [kept, missing] =
      from.type === 'LEFT' ? (['left', 'right'] as const) : (['right', 'left'] as const);
    const own = pick(wanted, (each) => isWithin(each, from[missing]));
    const item = from[kept];
    const columns = item.kind === 'leaf' || item.kind === 'sub' ? columnsOf(item) : undefined;
    if (own.expressions.length === 0 || columns === undefined || !isItem(item) || isLateral(item))
      return from;
    const partners = this.exactly(from[missing], time, own, extra);
    const met = this.#steps.add(
      select(asValues(keys.map((key) => key[missing])), partners, { isDistinct: true }),
      time,
    );
    const list = columns.map((name) => column(item.alias, name));
    const wantedKeys = among(
      keys.map((key) => key[kept]),
      met,
    );
    const known = select(list, this.exactly(item, time, wantedKeys, extra));
    const nothing = own.expressions.map(withoutPartner);
    const isAskedFor = nothing.map((each, index) => same(each, column(VALUES, own.columns[index] ?? '')));
    const asked = this.#steps.add(
      select([named(ONE, valueName(0))], result(own.step, VALUES), { where: and(isAskedFor) }),
      'now',
    );
    const others = joined(
      'ANTI',
      semi(item, asked, []),
      result(met, VALUES),
      keys.map((key, index) => same(key[kept], column(VALUES, valueName(index)))),
    );
    const step = this.#steps.add(unionAll([known, select(list, others)]), time);
    const side = result(step, item.alias, columns);
    const pairs = keys.map((key) => [key[kept], key[missing]] as const);
    const rest = this.beside(from[missing], side, pairs, time, extra);
    return kept === 'left' ? { ...from, left: side, right: rest } : { ...from, right: side, left: rest };
  }
}

function pick(
  { expressions, step, columns }: Among,
  test: (expression: SqlNode, index: number) => boolean,
): Among {
  const chosen = expressions.flatMap((each, index) => (test(each, index) ? [index] : []));
  return {
    step,
    expressions: defined(chosen.map((index) => expressions[index])),
    columns: defined(chosen.map((index) => columns[index])),
  };
}

export function conditions({ expressions, columns }: Among): readonly SqlNode[] {
  return expressions.map((each, index) => same(each, column(VALUES, columns[index] ?? '')));
}

function isItem(from: From): from is Item {
  return from.kind !== 'join' && from.kind !== 'empty';
}

/** True for what a FULL join has of a key, of whichever side has it. */
function isEither(expression: SqlNode, { left, right }: Equality): boolean {
  if (expression['type'] !== 'OPERATOR_COALESCE') return false;
  const sides = new Set([left, right].map(textOfExpression));
  const children = nodesOf(expression, 'children');
  return children.length === 2 && children.every((each) => sides.has(textOfExpression(each)));
}

/** What an expression is where its columns' side of an outer join has no row. */
function withoutPartner(expression: SqlNode): SqlNode {
  return mapExpression(expression, (node) => (isColumn(node) ? NULL : undefined));
}
