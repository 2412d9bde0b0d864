import type { SqlNode } from '../../engine/sql-tree.ts';
import { type DateColumn, type Dated, dated } from './dated.ts';
import { Changes, type Sides } from './changes.ts';
import { isLateral } from './correlated.ts';
import { type Lowered, lowerStatement, type LowerContext, type Reason } from './lower.ts';
import { allItems, outputNames, outputsOf } from './names.ts';
import { column, named, result, select, STAR, valueName } from './nodes.ts';
import { orderReasons } from './order.ts';
import { Partitions } from './partition.ts';
import { among, RowsOfValues } from './rows.ts';
import { type Step, Steps } from './steps.ts';
import { sumsShape, type SumsColumn } from './sums.ts';
import { aliasesIn, lower, nodesWithin, type Query, Unsupported } from './tree.ts';

/** What is done to a table, of which the rows are those of a query, when sources of it have changed. */
export type Plan =
  /** No row of it can be another than before. */
  | { readonly kind: 'unchanged' }
  | Replace
  | Follow
  | Sums
  | TouchedDates
  /** It is computed as a whole, for all of these reasons. */
  | { readonly kind: 'whole'; readonly reasons: readonly Reason[] };

/** All rows that have touched values of some columns give way to those that have them now. */
export interface Replace {
  readonly kind: 'replace';
  readonly steps: readonly Step[];
  /** The columns. */
  readonly by: readonly string[];
  /** The step with the touched values, named by `valueName` in the order of the columns. */
  readonly values: string;
  /** The step with the rows that have them now. */
  readonly rows: string;
}

/** The rows that changed rows of the sources gave give way to those that they give now. */
export interface Follow {
  readonly kind: 'follow';
  readonly steps: readonly Step[];
  /** The step with the keys of the rows that were, named by `valueName`. */
  readonly gone: string;
  /** The step with the rows that are. */
  readonly rows: string;
}

/** What changed rows gave of an aggregate is taken from its groups, and what they give now is added. */
export interface Sums extends Sides {
  readonly kind: 'sums';
  readonly steps: readonly Step[];
  readonly columns: readonly SumsColumn[];
  /** Of a dated query: the dates, which are computed where that is quicker, or sums do not tell. */
  readonly instead?: TouchedDates;
}

/** Of a dated query: the dates that there are both then and now, and of which any row may be another. */
export interface TouchedDates {
  readonly kind: 'dates';
  readonly steps: readonly Step[];
  /** The step with the dates, named by `valueName`. */
  readonly values: string;
}

export interface PlanRequest {
  /** The columns that tell the table's rows apart. */
  readonly key: readonly string[];
  /** The sources that have changed, by full names in lower case. */
  readonly changed: ReadonlySet<string>;
  /** True where no two rows of the query have one key, so that each row of the table is of certain rows of the sources. */
  readonly isOneToOne: boolean;
  /** True for a column whose values are whole numbers or decimals: their sums are exact. */
  readonly isExact: (column: string) => boolean;
  /** What the names of the steps' tables begin with. */
  readonly prefix: string;
}

/** A model's SELECT as the core has understood it. */
export class Incremental {
  /** Of a model with dates: for many of them at once, where that is known. */
  readonly query: Query;
  /** How a dated query compares with each date alone; undefined for one that is none. */
  readonly dated: Dated | undefined;
  readonly #problems: readonly Reason[];
  readonly #unordered: readonly Reason[];
  readonly #partitions: Partitions;
  readonly #isDated: boolean;

  private constructor(
    { query, problems }: Lowered,
    unordered: readonly Reason[],
    partitions: Partitions,
    isDated: boolean,
    found?: Dated,
  ) {
    this.query = found?.query ?? query;
    this.dated = found;
    this.#isDated = isDated;
    this.#problems = problems;
    this.#unordered = unordered;
    this.#partitions = partitions;
  }

  /** @param tree Of one SELECT. @param dates Of a model with dates. */
  static of(tree: SqlNode, context: LowerContext, dates?: DateColumn): Incremental {
    const lowered = lowerStatement(tree, context);
    const unordered = orderReasons(tree, context.aggregates);
    const partitions = new Partitions(context.aggregates);
    const isDated = dates !== undefined;
    if (!isDated || lowered.problems.length > 0)
      return new Incremental(lowered, unordered, partitions, isDated);
    try {
      return new Incremental(lowered, unordered, partitions, true, dated(lowered.query, dates, partitions));
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      const problems = [{ text: error.message, offset: error.offset }];
      return new Incremental({ ...lowered, problems }, unordered, partitions, true);
    }
  }

  /**
   * True where rows are followed by their keys, for each is made of one row of each source, and either of one source alone
   * or without a column that rows could be looked for by.
   */
  get isFollowed(): boolean {
    return (
      this.#known.length === 0 &&
      this.#partitions.isRowByRow(this.query) &&
      (isOfOneSource(this.query, this.#partitions) || this.#partitions.traceable(this.query).size === 0)
    );
  }

  /** Why the table is made as a whole, as far as that is known without its sources' columns. */
  get certainReasons(): readonly Reason[] {
    return this.#known.length === 0 ? this.#wholeParts(this.query) : this.#withParts(this.#known);
  }

  plan(request: PlanRequest): Plan {
    // What a date's rows have no order by, or are all of, concerns that date alone.
    if (this.#problems.length > 0)
      return whole(this.#isDated ? this.#problems : this.#withParts(this.#known));
    const planned = this.#plan(request);
    if (this.#unordered.length === 0 || this.#isDated) return planned;
    return whole(this.#withParts([...this.#unordered, ...(planned.kind === 'whole' ? planned.reasons : [])]));
  }

  get #known(): readonly Reason[] {
    return [...this.#problems, ...this.#unordered];
  }

  #withParts(reasons: readonly Reason[]): readonly Reason[] {
    return [...reasons, ...this.#wholeParts(this.query)];
  }

  #plan(request: PlanRequest): Plan {
    try {
      if (!this.#start(request).changes.touches(this.query)) return { kind: 'unchanged' };
      const replaced = this.#follow(request) ?? this.#replace(request);
      // Sums are added to for groups that lead to no rows; of dates it is the quicker way.
      const isBySums = this.#isDated ? replaced.kind === 'dates' : replaced.kind === 'whole';
      const sums = isBySums ? this.#sums(request) : undefined;
      return sums === undefined
        ? replaced
        : { ...sums, ...(replaced.kind === 'dates' ? { instead: replaced } : {}) };
    } catch (error) {
      if (error instanceof Unsupported) return whole([{ text: error.message, offset: error.offset }]);
      throw error;
    }
  }

  #start({ changed, prefix }: PlanRequest): Started {
    const steps = new Steps(changed, prefix);
    const rows = new RowsOfValues(steps, this.#partitions);
    return { steps, rows, changes: new Changes(steps, this.#partitions, rows) };
  }

  #replace(request: PlanRequest): Plan {
    const { query } = this;
    const { steps, rows, changes } = this.#start(request);
    const names = outputNames(query);
    if (names === undefined)
      return whole([{ text: 'its SQL has columns that are not known', offset: undefined }]);
    const positions = this.#isDated ? [names.length - 1] : this.#columnsToReplaceBy(request.key, names);
    const values = changes.touched(query, positions.length > 0 ? positions : names.map((_, index) => index));
    const reasons = [...(positions.length > 0 ? [] : this.#untraceable(request.key)), ...changes.reasons];
    if (reasons.length > 0) return whole(reasons);
    if (this.#isDated) return { kind: 'dates', values, steps: steps.list };
    const wanted = among([], values);
    const next = rows.of(
      query,
      'now',
      { ...wanted, columns: positions.map((_, index) => valueName(index)) },
      positions,
    );
    return {
      kind: 'replace',
      by: positions.flatMap((position) => names[position] ?? []),
      values,
      rows: steps.add(next, 'now'),
      steps: steps.list,
    };
  }

  #follow(request: PlanRequest): Follow | undefined {
    const { query } = this;
    if (this.#isDated || !request.isOneToOne || !this.isFollowed) return undefined;
    const { steps, changes } = this.#start(request);
    const names = outputNames(query);
    const delta = changes.delta(query);
    if (names === undefined || !changes.isExact || changes.reasons.length > 0) return undefined;
    const known = request.key.map((name) => names.find((each) => lower(each) === lower(name)));
    const list = known.flatMap((name, index) =>
      name === undefined ? [] : [named(column('d', name), valueName(index))],
    );
    if (list.length < request.key.length) return undefined;
    const gone = { query: select(list, result(delta('then'), 'd', names)), time: 'then' } as const;
    return { kind: 'follow', gone: steps.values([gone]), rows: delta('now'), steps: steps.list };
  }

  #sums(request: PlanRequest): Sums | undefined {
    // What gives other rows than each date alone gives other sums, too.
    if (this.dated?.isSame === false) return undefined;
    const query = unwrapped(this.query);
    const shape =
      query.kind === 'select'
        ? sumsShape(query, this.#partitions, this.dated?.mayLackTotals === true)
        : undefined;
    if (query.kind !== 'select' || shape === undefined) return undefined;
    const { columns } = shape;
    if (!columns.every((each) => each.kind !== 'sum' || each.isCount || request.isExact(each.name)))
      return undefined;
    const { steps, changes } = this.#start({ ...request, prefix: `${request.prefix}sums_` });
    const sides = changes.sides(shape);
    if (sides === undefined || changes.reasons.length > 0) return undefined;
    return { kind: 'sums', columns, ...sides, steps: steps.list };
  }

  /** The positions of columns by whose values rows are looked for: of the key, or any others that lead to the sources. */
  #columnsToReplaceBy(key: readonly string[], names: readonly string[]): readonly number[] {
    const traceable = this.#partitions.traceable(this.query);
    const ofKey = key.map((name) => names.findIndex((each) => lower(each) === lower(name)));
    if (ofKey.some((position) => traceable.has(position)))
      return ofKey.filter((position) => traceable.has(position) || isConstant(this.query, position));
    return [...traceable].slice(0, MOST_COLUMNS);
  }

  /** Why no column of a query's leads to the sources. */
  #untraceable(key: readonly string[]): readonly Reason[] {
    const found = this.#wholeParts(this.query);
    if (found.length > 0) return found;
    const text = `its key ${key.join(', ')}, and any other column, comes from no rows of its sources alone`;
    return [{ text, offset: undefined }];
  }

  #wholeParts(query: Query): readonly Reason[] {
    if (query.kind === 'set') return [...this.#wholeParts(query.left), ...this.#wholeParts(query.right)];
    const inner = allItems(query.from).flatMap((item) =>
      item.kind === 'sub' && !isLateral(item) ? this.#wholeParts(item.query) : [],
    );
    return [...this.#partitions.reasons(query), ...inner];
  }
}

/** True where each row of a query that is row by row is made of one row of one source alone. */
function isOfOneSource(query: Query, partitions: Partitions): boolean {
  if (query.kind === 'set')
    return isOfOneSource(query.left, partitions) && isOfOneSource(query.right, partitions);
  if (partitions.of(query).kind !== 'row') return false;
  const { from } = query;
  return from.kind === 'sub' ? isOfOneSource(from.query, partitions) : from.kind === 'leaf';
}

/** What a query selects all of. */
function unwrapped(query: Query): Query {
  if (query.kind !== 'select' || query.from.kind !== 'sub' || query.from.names.length > 0) return query;
  const { where_clause: where, select_list: list, modifiers } = query.node;
  const isAll = JSON.stringify(list, withoutPlace) === JSON.stringify([STAR], withoutPlace);
  const isPlain = where === null && Array.isArray(modifiers) && modifiers.length === 0;
  return isAll && isPlain ? unwrapped(query.from.query) : query;
}

function withoutPlace(key: string, value: unknown): unknown {
  return key === 'query_location' ? undefined : value;
}

interface Started {
  readonly steps: Steps;
  readonly rows: RowsOfValues;
  readonly changes: Changes;
}

/** More columns than this make values dearer than they are worth. */
const MOST_COLUMNS = 4;

/** Each reason once at each of its places. */
function whole(reasons: readonly Reason[]): Extract<Plan, { kind: 'whole' }> {
  const placed = new Set(reasons.flatMap(({ text, offset }) => (offset === undefined ? [] : text)));
  const told = reasons.filter(({ text, offset }) => offset !== undefined || !placed.has(text));
  const each = [...new Map(told.map((reason) => [`${reason.offset} ${reason.text}`, reason])).values()];
  return { kind: 'whole', reasons: each.toSorted((left, right) => (left.offset ?? 0) - (right.offset ?? 0)) };
}

/** True where a column has one value in each side of a query. */
function isConstant(query: Query, position: number): boolean {
  if (query.kind === 'set') return isConstant(query.left, position) && isConstant(query.right, position);
  const expression = outputsOf(query)?.[position]?.expression;
  if (expression === undefined || aliasesIn(expression).size > 0) return false;
  return [...nodesWithin(expression)].every(
    ({ class: kind }) => kind === undefined || kind === 'CONSTANT' || kind === 'CAST',
  );
}
