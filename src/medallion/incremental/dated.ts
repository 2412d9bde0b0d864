import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { isLateral } from './correlated.ts';
import { hasLimit } from './lower.ts';
import { outputNames, UNKNOWN_COLUMNS, withOutputs } from './names.ts';
import { and, column, equal, joined, named, operator, select } from './nodes.ts';
import { groupingSets, type Partitions } from './partition.ts';
import {
  columnsIn,
  conjuncts,
  type From,
  isColumn,
  type Join,
  type Leaf,
  lower,
  mapExpression,
  nodesOf,
  nodesWithin,
  type Query,
  queryIn,
  type Select,
  textOf,
  textsOf,
  Unsupported,
  wordsOf,
} from './tree.ts';

/** The name of the reference date's parameter, without its `$`. */
const DATE_PARAMETER = 'dt_ref';

/** Two tables that are the same then and now: the dates that are looked at, and which days each of them sees. */
export const DATES = { source: 'igarape.dates', columns: ['dt_ref'] } as const;
export const PAIRS = { source: 'igarape.pairs', columns: ['day', 'dt_ref'] } as const;

/** Where a query's dates come from. */
export interface DateColumn {
  /** The source, by its full name in lower case. */
  readonly source: string;
  readonly column: string;
  /** The day, in UTC, of a value of that column. */
  readonly day: (value: SqlNode) => SqlNode;
  /** How many days, its own included, a date sees. */
  readonly windowDays: number;
}

/** A query for many dates at once. */
export interface Dated {
  /** Its last column is the date that a row is of. */
  readonly query: Query;
  /** False where each date alone may have other rows, though these follow from the same rows of the sources. */
  readonly isSame: boolean;
  /** True where a date may have a row alone and none here: the total over no rows. */
  readonly mayLackTotals: boolean;
}

/** The last column of a dated query. */
export const COMPUTED_FOR = '_igarape_dt_ref';

/**
 * A query with `$dt_ref` as one for many dates: rows of the source with the dates stand once for each date that sees
 * them, and the date is one more column to join, to group and to partition by, wherever something follows from it.
 *
 * @throws Unsupported
 */
export function dated(query: Query, of: DateColumn, partitions: Partitions): Dated {
  const dating = new Dating(of, partitions);
  const { query: found, hasTotal } = dating.query(query, COMPUTED_FOR);
  return { query: found, isSame: dating.isSame, mayLackTotals: hasTotal };
}

/** A FROM, its date, and the date columns that its items have beside their own. */
interface DatedFrom {
  readonly from: From;
  /** Undefined where its rows are the same for every date. */
  readonly date: SqlNode | undefined;
  readonly hidden: readonly Hidden[];
}

interface Hidden {
  readonly alias: string;
  readonly name: string;
}

interface DatedRows {
  readonly query: Query;
  readonly hasTotal: boolean;
}

class Dating {
  isSame = true;
  readonly #of: DateColumn;
  readonly #partitions: Partitions;
  readonly #known = new WeakMap<object, boolean>();
  #names = 0;

  constructor(of: DateColumn, partitions: Partitions) {
    this.#of = of;
    this.#partitions = partitions;
  }

  query(query: Query, name: string): DatedRows {
    if (!this.#depends(query)) return { query: this.#crossed(query, name), hasTotal: false };
    if (query.kind === 'select') return this.#select(query, name);
    const [left, right] = [this.query(query.left, name), this.query(query.right, name)];
    if (left.hasTotal || right.hasTotal) this.isSame = false;
    return { query: { ...query, left: left.query, right: right.query }, hasTotal: false };
  }

  /** A query that is the same for every date, for each of them. */
  #crossed(query: Query, name: string): Query {
    const names = outputNames(query);
    if (names === undefined) throw new Unsupported(UNKNOWN_COLUMNS);
    const dates = this.#dates(this.#name());
    const from = joined('INNER', { kind: 'sub', query, alias: '_igarape_query', names }, dates.from, []);
    const list = names.map((each) => column('_igarape_query', each));
    return withOutputs(select([...list, named(dates.date, name)], from));
  }

  #select(query: Select, name: string): DatedRows {
    const { node } = query;
    const found = this.#from(query.from);
    const { from, date, hidden } = found.date === undefined ? this.#withDates(found) : found;
    if (date === undefined) throw new Unsupported(UNKNOWN_COLUMNS);
    const isLimited = hasLimit(node);
    // What it takes the first rows of follows from the same rows.
    if (isLimited) this.isSame = false;
    const modifiers = isLimited ? [] : nodesOf(node, 'modifiers');
    const next: Record<string, unknown> = { ...this.#expression({ ...node, modifiers: [] }, date, hidden) };
    next['modifiers'] = this.#expression(modifiers, date, hidden).map((each) => {
      const targets = nodesOf(each, 'distinct_on_targets');
      return targets.length > 0 ? { ...each, distinct_on_targets: [...targets, date] } : each;
    });
    next['select_list'] = [...nodesOf(next, 'select_list'), named(date, name)];
    const groups = nodesOf(next, 'group_expressions');
    const sets = groupingSets(node);
    const isForced = node['aggregate_handling'] === 'FORCE_AGGREGATES';
    const isAggregated =
      groups.length + sets.length > 0 || this.#partitions.isAggregate([node['select_list'], node['having']]);
    let hasTotal =
      isForced &&
      nodesOf(node, 'select_list').every(
        (each) => this.#partitions.isAggregate(each) || columnsIn(each).length === 0,
      );
    if (isAggregated && !isForced) {
      const own = sets.length > 0 ? sets : [groups.map((_, index) => index)];
      next['group_expressions'] = [...groups, date];
      next['group_sets'] = own.map((set) => [...set, groups.length]);
      hasTotal = own.some((set) => set.length === 0);
    }
    // Such a total may be another although its date has no rows that are.
    if (hasTotal && [...nodesWithin([node['select_list'], node['having']])].some((each) => queryIn(each)))
      throw new Unsupported('its SQL asks queries in a total over all rows of a date');
    return { query: withOutputs({ kind: 'select', node: next, from, outputs: undefined }), hasTotal };
  }

  /** An expression in which the parameter is the date of its rows. */
  #expression<T>(value: T, date: SqlNode, hidden: readonly Hidden[]): T {
    return mapExpression(value, (node) => {
      if (isParameter(node)) return { ...date, alias: textOf(node, 'alias') };
      if (node['class'] === 'STAR') return this.#star(node, hidden);
      if (isColumn(node)) {
        const [alias, ...more] = wordsOf(node);
        if (more.length === 0 && hidden.some((each) => lower(each.alias) === lower(alias)))
          this.isSame = false;
        return undefined;
      }
      const query = queryIn(node);
      if (query !== undefined && (this.#depends(query) || this.#depends(node['child']))) {
        const child = this.#expression(node['child'], date, hidden);
        return { ...node, child, query: this.#asked(query, date) };
      }
      if (node['class'] !== 'WINDOW') return undefined;
      const inner = Object.fromEntries(
        Object.entries(node).map(([key, each]) => [key, this.#expression(each, date, hidden)]),
      );
      return { ...inner, partitions: [...nodesOf(inner, 'partitions'), date] };
    });
  }

  #star(star: SqlNode, hidden: readonly Hidden[]): SqlNode {
    if (star['columns'] !== false || isNode(star['expr'])) this.isSame = false;
    const of = lower(textOf(star, 'relation_name'));
    const names = hidden.filter(({ alias }) => of === '' || lower(alias) === of).map((each) => each.name);
    return { ...star, exclude_list: [...textsOf(star, 'exclude_list'), ...new Set(names)] };
  }

  /** A query in an expression, or beside rows: of the date of the row around. */
  #asked(query: Query, around: SqlNode): Query {
    if (!this.#depends(query)) return query;
    // By its name alone, for the query may have items that are called as those around.
    const outer = mapExpression({ around }, (node) =>
      isColumn(node) ? column(nameOf(node)) : undefined,
    ).around;
    if (query.kind === 'set') {
      const names = outputNames(query);
      if (names === undefined) throw new Unsupported(UNKNOWN_COLUMNS);
      const name = this.#name();
      const inner = this.query(query, name);
      if (inner.hasTotal) this.isSame = false;
      const list = names.map((each) => column('_igarape_query', each));
      const from: From = { kind: 'sub', query: inner.query, alias: '_igarape_query', names: [] };
      return withOutputs(select(list, from, { where: equal(column('_igarape_query', name), outer) }));
    }
    const { from, date, hidden } = this.#from(query.from);
    const node = this.#expression(query.node, outer, hidden);
    const where = and([
      ...conjuncts(node['where_clause']),
      ...(date === undefined ? [] : [equal(date, outer)]),
    ]);
    return withOutputs({ kind: 'select', node: { ...node, where_clause: where }, from, outputs: undefined });
  }

  #from(from: From, wanted?: string): DatedFrom {
    if (!this.#depends(from)) return { from, date: undefined, hidden: [] };
    if (from.kind === 'join') return this.#join(from, wanted);
    const name = wanted ?? this.#name();
    switch (from.kind) {
      case 'leaf':
        return dateOf(this.#leaf(from, name), name);
      case 'sub': {
        const { query, hasTotal } = this.query(from.query, name);
        const item = { ...from, query };
        if (!hasTotal) return dateOf(item, name);
        // A total is there for each date, whether it has rows or not.
        this.isSame = false;
        const dates = this.#dates(this.#name());
        const all = joined('LEFT', dates.from, item, [equal(dates.date, column(from.alias, name))]);
        return { from: all, date: dates.date, hidden: [...dates.hidden, { alias: from.alias, name }] };
      }
      case 'empty':
      case 'result':
      case 'rows':
        throw new Unsupported('its SQL calls a function as a table with $dt_ref');
      default:
        return from satisfies never;
    }
  }

  #leaf(leaf: Leaf, name: string): Leaf {
    const { view, source, columns } = leaf;
    if (view !== undefined) {
      const { query } = this.#select(view, name);
      if (query.kind === 'set') throw new RangeError('A view is a SELECT.');
      return { ...leaf, columns: [...columns, name], names: [], view: query };
    }
    const rows: Leaf = { kind: 'leaf', source, alias: '_igarape_rows', columns, names: [] };
    const pairs: Leaf = { kind: 'leaf', ...PAIRS, alias: '_igarape_pairs', names: [] };
    const day = equal(this.#of.day(column(rows.alias, this.#of.column)), column(pairs.alias, 'day'));
    const list = columns.map((each) => column(rows.alias, each));
    const from = joined('INNER', rows, pairs, [day]);
    const all = select([...list, named(column(pairs.alias, 'dt_ref'), name)], from);
    const shown = columns.map((each, index) => leaf.names[index] ?? each);
    const { windowDays } = this.#of;
    return { ...leaf, columns: [...shown, name], names: [], view: withOutputs(all), windowDays };
  }

  #join(join: Join, wanted: string | undefined): DatedFrom {
    const { type } = join;
    const isByName = join.using.length > 0;
    let left = this.#from(join.left, wanted);
    if (join.right.kind === 'sub' && isLateral(join.right)) return this.#lateral(join, left);
    let right = this.#from(join.right, isByName && left.date !== undefined ? nameOf(left.date) : undefined);
    const isAsked = this.#depends(join.on);
    // Whose rows are kept without a partner, or count once for each of them, are so for each date.
    if (
      left.date === undefined &&
      type !== 'INNER' &&
      type !== 'RIGHT' &&
      (right.date !== undefined || isAsked)
    )
      left = this.#withDates(left, isByName && right.date !== undefined ? nameOf(right.date) : undefined);
    if (
      right.date === undefined &&
      (type === 'RIGHT' || type === 'FULL') &&
      (left.date !== undefined || isAsked)
    )
      right = this.#withDates(right, isByName && left.date !== undefined ? nameOf(left.date) : undefined);
    if (left.date === undefined && right.date === undefined) left = this.#withDates(left);
    const [one, other] = [left.date, right.date];
    const isHalf = type === 'SEMI' || type === 'ANTI';
    const hidden = isHalf ? left.hidden : [...left.hidden, ...right.hidden];
    const date = this.#dateOfJoin(join, one, other);
    const using = [...join.using];
    const on = join.on.map((each) => this.#expression(each, date, []));
    if (one !== undefined && other !== undefined) {
      if (!isByName) on.push(equal(one, other));
      else if (nameOf(one) === nameOf(other)) using.push(lower(nameOf(one)));
      else throw new Unsupported('its SQL joins dates by names');
    }
    return { from: { ...join, left: left.from, right: right.from, on, using }, date, hidden };
  }

  #dateOfJoin({ type }: Join, one: SqlNode | undefined, other: SqlNode | undefined): SqlNode {
    if (one !== undefined && other !== undefined && type === 'FULL')
      return operator('OPERATOR_COALESCE', [one, other]);
    const date = type === 'RIGHT' ? (other ?? one) : (one ?? other);
    if (date === undefined) throw new RangeError('One side of a dated join has dates.');
    return date;
  }

  /** A query beside rows goes by the date of these. */
  #lateral(join: Join, known: DatedFrom): DatedFrom {
    const left = known.date === undefined ? this.#withDates(known) : known;
    const { right } = join;
    if (left.date === undefined || right.kind !== 'sub' || (join.type !== 'INNER' && join.type !== 'LEFT'))
      throw new Unsupported(UNKNOWN_COLUMNS);
    const item = { ...right, query: this.#asked(right.query, left.date) };
    const date = left.date;
    const on = join.on.map((each) => this.#expression(each, date, []));
    return { from: { ...join, left: left.from, right: item, on }, date, hidden: left.hidden };
  }

  /** A relation with each date beside each row. */
  #withDates({ from, hidden }: DatedFrom, name: string = this.#name()): DatedFrom {
    const dates = this.#dates(name);
    if (from.kind === 'empty') return { ...dates, hidden };
    const all = joined('INNER', from, dates.from, []);
    return { from: all, date: dates.date, hidden: [...hidden, ...dates.hidden] };
  }

  #dates(name: string): { readonly from: Leaf; readonly date: SqlNode; readonly hidden: readonly Hidden[] } {
    const alias = `${name}_only`;
    const from: Leaf = { kind: 'leaf', ...DATES, alias, names: [name] };
    return { from, date: column(alias, name), hidden: [{ alias, name }] };
  }

  #name(): string {
    this.#names += 1;
    return `_igarape_date_${this.#names}`;
  }

  /** True where a part of a query follows from the date. */
  #depends(value: unknown): boolean {
    if (Array.isArray(value)) return value.some((each) => this.#depends(each));
    if (!isNode(value)) return false;
    const known = this.#known.get(value) ?? this.#isDated(value);
    this.#known.set(value, known);
    return known;
  }

  #isDated(value: SqlNode): boolean {
    if (value['kind'] === 'leaf' && value['source'] === this.#of.source) return true;
    return isParameter(value) || Object.values(value).some((each) => this.#depends(each));
  }
}

/** An item whose date is one of its columns. */
function dateOf(item: Extract<From, { alias: string }>, name: string): DatedFrom {
  const { alias } = item;
  return { from: item, date: column(alias, name), hidden: [{ alias, name }] };
}

function nameOf(date: SqlNode): string {
  return wordsOf(date).at(-1) ?? '';
}

export function isParameter(node: SqlNode): boolean {
  return node['class'] === 'PARAMETER' && lower(textOf(node, 'identifier')) === DATE_PARAMETER;
}
