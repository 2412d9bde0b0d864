import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { column, equal, named, NULL, select, setNode, STAR } from './nodes.ts';
import { allItems, columnsOf, itemCalled, outputNames, resolve, visibleItems, withOutputs } from './names.ts';
import {
  columnsIn,
  conjuncts,
  type From,
  type Item,
  type JoinType,
  type Leaf,
  locationOf,
  lower,
  mapExpression,
  nodeOf,
  nodesOf,
  nodesWithin,
  type Query,
  type Select,
  textOf,
  textsOf,
  wordsOf,
} from './tree.ts';

/** Why a table has to be made as a whole, and the bytes before that part of its SQL. */
export interface Reason {
  readonly text: string;
  readonly offset: number | undefined;
}

/** Columns of two sources that are equal wherever these are joined. */
export interface JoinHint {
  readonly left: HintColumn;
  readonly right: HintColumn;
}

export interface HintColumn {
  /** The source's full name, in lower case. */
  readonly source: string;
  readonly column: string;
}

/** What a name in FROM stands for; undefined for a table that is none of the model's sources. */
export interface SourceTable {
  /** Its full name in lower case. */
  readonly source: string;
  readonly columns: readonly string[];
}

export interface LowerContext {
  /** Equalities of the sources' columns that a SELECT does not show. */
  readonly joins: readonly JoinHint[];
  readonly sourceOf: (schema: string, table: string) => SourceTable | undefined;
  /** The names of the engine's aggregate functions, in lower case. */
  readonly aggregates: ReadonlySet<string>;
}

export interface Lowered {
  readonly query: Query;
  /** What the core has no rule for. Where there is any the query stands for the reasons alone. */
  readonly problems: readonly Reason[];
}

/** The engine's tree of one SELECT as a typed query; names of WITH are replaced by what they stand for. */
export function lowerStatement(tree: SqlNode, context: LowerContext): Lowered {
  const [statement = {}] = nodesOf(tree, 'statements');
  const lowering = new Lowering(context);
  const query = lowering.query(nodeOf(statement, 'node') ?? {}, new Map());
  return { query, problems: lowering.problems };
}

interface Named {
  readonly node: SqlNode;
  readonly aliases: readonly string[];
  readonly known: Scope;
}

type Scope = ReadonlyMap<string, Named>;

/** Counts what has no alias in one FROM. */
interface Unnamed {
  count: number;
}

class Lowering {
  readonly problems: Reason[] = [];
  readonly #context: LowerContext;

  constructor(context: LowerContext) {
    this.#context = context;
  }

  query(node: SqlNode, around: Scope): Query {
    const known = this.#withNames(node, around);
    switch (node['type']) {
      case 'SET_OPERATION_NODE':
        return this.#setOperation(node, known);
      case 'SELECT_NODE':
        return this.#select(node, known);
      default:
        this.#report(node, PROBLEMS.get(textOf(node, 'type')) ?? `uses ${textOf(node, 'type')}`);
        return select([STAR], { kind: 'empty' });
    }
  }

  #withNames(node: SqlNode, around: Scope): Scope {
    const known = new Map(around);
    for (const entry of nodesOf(nodeOf(node, 'cte_map') ?? {}, 'map')) {
      const value = nodeOf(entry, 'value') ?? {};
      const inner = nodeOf(nodeOf(value, 'query') ?? {}, 'node');
      if (inner === undefined) continue;
      const named = { node: inner, aliases: textsOf(value, 'aliases'), known: new Map(known) };
      known.set(lower(entry['key']), named);
    }
    return known;
  }

  #setOperation(node: SqlNode, known: Scope): Query {
    const { left, right, ...rest } = node;
    if (hasLimit(node)) this.#report(node, 'uses LIMIT');
    const own = this.query(isNode(left) ? left : {}, known);
    const other = this.query(isNode(right) ? right : {}, known);
    const operator = textOf(node, 'setop_type');
    const isAll = node['setop_all'] === true;
    if (operator !== 'UNION_BY_NAME') {
      const itself = { ...rest, cte_map: NO_NAMES, modifiers: [] };
      return { kind: 'set', operator, isAll, left: own, right: other, node: itself };
    }
    const sides = byName(own, other);
    if (sides === undefined) this.#report(node, 'uses UNION BY NAME over columns that are not known');
    const [first, second] = sides ?? [own, other];
    return {
      kind: 'set',
      operator: 'UNION',
      isAll,
      left: first,
      right: second,
      node: setNode('UNION', isAll),
    };
  }

  #select(node: SqlNode, known: Scope): Query {
    const modifiers = nodesOf(node, 'modifiers');
    const distinct = modifiers.find(isPlainDistinct);
    if (distinct !== undefined) {
      // DISTINCT is a query of its own around the rest.
      const rest = { ...node, cte_map: NO_NAMES, modifiers: modifiers.filter((each) => each !== distinct) };
      const inner = this.#select(rest, known);
      const from: From = { kind: 'sub', query: inner, alias: '_igarape_distinct', names: [] };
      return withOutputs(select([STAR], from, { isDistinct: true }));
    }
    if (isNode(node['sample'])) this.#report(node, 'draws a sample');
    const from = this.#from(nodeOf(node, 'from_table') ?? { type: 'EMPTY' }, known, { count: 0 });
    const aliases = allItems(from).map(({ alias }) => lower(alias));
    if (new Set(aliases).size < aliases.length) this.#report(node, 'calls two tables alike');
    const { from_table: _, ...rest } = node;
    const isOrdered = hasLimit(node) || modifiers.some(isDistinctOn);
    const kept = modifiers.filter((each) => isOrdered || each['type'] !== 'ORDER_MODIFIER');
    const own = this.#expression({ ...rest, cte_map: NO_NAMES, modifiers: kept }, known);
    return withOutputs({ kind: 'select', node: own, from, outputs: undefined });
  }

  #expression<T>(value: T, known: Scope): T {
    return mapExpression(value, (node) => {
      if (node['class'] === 'COLUMN_REF') return this.#withoutSchema(node);
      if (node['class'] !== 'SUBQUERY') return undefined;
      const { subquery, ...rest } = node;
      const inner = nodeOf(isNode(subquery) ? subquery : {}, 'node') ?? {};
      return { ...rest, child: this.#expression(node['child'], known), query: this.query(inner, known) };
    });
  }

  /** A column that names its table's schema goes by the table's name alone. */
  #withoutSchema(node: SqlNode): SqlNode {
    const [schema = '', table = '', ...column] = wordsOf(node);
    const isFull = column.length > 0 && this.#context.sourceOf(schema, table) !== undefined;
    return isFull ? { ...node, column_names: [table, ...column] } : node;
  }

  #from(node: SqlNode, known: Scope, unnamed: Unnamed): From {
    if (isNode(node['sample'])) this.#report(node, 'draws a sample');
    const names = textsOf(node, 'column_name_alias');
    switch (node['type']) {
      case 'EMPTY':
        return { kind: 'empty' };
      case 'BASE_TABLE':
        return this.#table(node, known, names);
      case 'SUBQUERY': {
        const inner = nodeOf(nodeOf(node, 'subquery') ?? {}, 'node') ?? {};
        return this.#item(this.query(inner, known), aliasOf(node, unnamed), names);
      }
      case 'JOIN':
        return this.#join(node, known, unnamed);
      case 'TABLE_FUNCTION':
      case 'EXPRESSION_LIST': {
        const called = lower(nodeOf(node, 'function')?.['function_name'] ?? '');
        const alias = textOf(node, 'alias') || called || aliasOf(node, unnamed);
        return { kind: 'rows', node: this.#expression(node, known), alias, names };
      }
      default:
        this.#report(node, PROBLEMS.get(textOf(node, 'type')) ?? `has ${textOf(node, 'type')} in FROM`);
        return { kind: 'rows', node, alias: aliasOf(node, unnamed), names };
    }
  }

  #table(node: SqlNode, known: Scope, names: readonly string[]): From {
    const [schema, table] = [textOf(node, 'schema_name'), textOf(node, 'table_name')];
    const alias = textOf(node, 'alias') || table;
    const named = schema === '' ? known.get(lower(table)) : undefined;
    if (named !== undefined)
      return this.#item(this.query(named.node, named.known), alias, names.length > 0 ? names : named.aliases);
    const found = this.#context.sourceOf(schema, table);
    if (found !== undefined) return { kind: 'leaf', alias, names, ...found };
    this.#report(node, `reads ${table}, whose rows follow from themselves`);
    return { kind: 'rows', node, alias, names };
  }

  #join(node: SqlNode, known: Scope, unnamed: Unnamed): From {
    const left = this.#from(nodeOf(node, 'left') ?? {}, known, unnamed);
    const right = this.#from(nodeOf(node, 'right') ?? {}, known, unnamed);
    const way = textOf(node, 'ref_type');
    const type = JOIN_TYPES.find((each) => each === node['join_type']);
    if (!WAYS.has(way) || type === undefined) this.#report(node, `has a ${lower(way)} join`);
    const using = way === 'NATURAL' ? commonNames(left, right) : textsOf(node, 'using_columns').map(lower);
    const on = conjuncts(this.#expression(node['condition'], known));
    const hints = hintsFor(left, right, this.#context.joins);
    return { kind: 'join', type: type ?? 'INNER', left, right, on, using, hints, isAsOf: way === 'ASOF' };
  }

  /** A query in FROM; as a view of a source where it makes of each of its rows a row or none. */
  #item(query: Query, alias: string, names: readonly string[]): Item {
    const sub: Item = { kind: 'sub', query, alias, names };
    if (query.kind === 'set' || query.from.kind !== 'leaf' || query.from.view !== undefined) return sub;
    const columns = viewColumns(query, query.from, names, this.#context.aggregates);
    if (columns === undefined) return sub;
    return { kind: 'leaf', source: query.from.source, alias, columns, names, view: query };
  }

  #report(node: SqlNode, text: string): void {
    this.problems.push({ text: `its SQL ${text}`, offset: locationOf(node) });
  }
}

/** Two queries with the columns of both, nulls where one has none of a name; undefined where they are not known. */
function byName(left: Query, right: Query): readonly [Query, Query] | undefined {
  const [own, other] = [outputNames(left), outputNames(right)];
  if (own === undefined || other === undefined) return undefined;
  const find = (names: readonly string[], name: string): string | undefined =>
    names.find((each) => lower(each) === lower(name));
  const all = [...own, ...other.filter((name) => find(own, name) === undefined)];
  const side = (query: Query, names: readonly string[]): Query => {
    const list = all.map((name) => {
      const found = find(names, name);
      return named(found === undefined ? NULL : column(SIDE, found), name);
    });
    return withOutputs(select(list, { kind: 'sub', query, alias: SIDE, names: [] }));
  };
  return [side(left, own), side(right, other)];
}

const SIDE = '_igarape_side';

/** Equalities that a header gives of columns of a join's two sides. */
function hintsFor(left: From, right: From, joins: readonly JoinHint[]): readonly SqlNode[] {
  const columnsOfSide = (side: From, { source, column: name }: HintColumn): readonly SqlNode[] =>
    visibleItems(side).flatMap((item) =>
      item.kind === 'leaf' && item.view === undefined && item.source === source
        ? [column(item.alias, name)]
        : [],
    );
  return joins.flatMap((hint) =>
    [hint, { left: hint.right, right: hint.left }].flatMap((each) =>
      columnsOfSide(left, each.left).flatMap((own) =>
        columnsOfSide(right, each.right).map((other) => equal(own, other)),
      ),
    ),
  );
}

/** The columns of a SELECT that is a view of one source; undefined where it is more than that. */
function viewColumns(
  query: Select,
  from: Leaf,
  names: readonly string[],
  aggregates: ReadonlySet<string>,
): readonly string[] | undefined {
  const { node, outputs } = query;
  if (!isFlat(node) || !isOfOneRow(node, aggregates)) return undefined;
  const isOfAround = (each: SqlNode): boolean =>
    resolve(each, from) === 'outer' && itemCalled(node, wordsOf(each)[0]) === undefined;
  if (columnsIn(node).some(isOfAround)) return undefined;
  if (outputs === undefined || outputs.some(({ name }) => name === undefined)) return undefined;
  return outputNames(query)?.map((name, index) => names[index] ?? name);
}

/** True for an expression of one row alone, which makes of it one. @param aggregates The names of the engine's aggregate functions. */
export function isOfOneRow(expression: SqlNode, aggregates: ReadonlySet<string>): boolean {
  return ![...nodesWithin(expression)].some((node) => {
    const name = node['class'] === 'FUNCTION' ? lower(node['function_name']) : '';
    return (
      node['class'] === 'WINDOW' ||
      node['class'] === 'SUBQUERY' ||
      node['type'] === 'GROUPING_FUNCTION' ||
      aggregates.has(name) ||
      ROW_MAKERS.has(name)
    );
  });
}

/** Functions that make several rows of one. */
const ROW_MAKERS: ReadonlySet<string> = new Set(['unnest', 'unlist', 'generate_subscripts']);

/** True for a SELECT without clauses that look at several rows. */
function isFlat(node: SqlNode): boolean {
  const lists = ['group_expressions', 'group_sets', 'modifiers'].map((name) => node[name]);
  const clauses = ['having', 'qualify', 'sample'].map((name) => node[name]);
  return (
    lists.every((list) => !Array.isArray(list) || list.length === 0) &&
    clauses.every((clause) => !isNode(clause)) &&
    node['aggregate_handling'] === 'STANDARD_HANDLING'
  );
}

function commonNames(left: From, right: From): readonly string[] {
  const [own, other] = [left, right].map(
    (side) =>
      new Set(
        visibleItems(side)
          .flatMap((item) => columnsOf(item) ?? [])
          .map(lower),
      ),
  );
  return [...(own ?? [])].filter((name) => other?.has(name) === true);
}

function aliasOf(node: SqlNode, unnamed: Unnamed): string {
  const alias = textOf(node, 'alias');
  if (alias !== '') return alias;
  unnamed.count += 1;
  return `_igarape_unnamed_${unnamed.count}`;
}

function isPlainDistinct(modifier: SqlNode): boolean {
  return modifier['type'] === 'DISTINCT_MODIFIER' && !isDistinctOn(modifier);
}

function isDistinctOn(modifier: SqlNode): boolean {
  return modifier['type'] === 'DISTINCT_MODIFIER' && nodesOf(modifier, 'distinct_on_targets').length > 0;
}

export function hasLimit(node: SqlNode): boolean {
  return nodesOf(node, 'modifiers').some((each) => textOf(each, 'type').startsWith('LIMIT'));
}

const NO_NAMES = { map: [] };
const JOIN_TYPES: readonly JoinType[] = ['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI'];
const WAYS: ReadonlySet<string> = new Set(['REGULAR', 'CROSS', 'NATURAL', 'ASOF']);

const PROBLEMS: ReadonlyMap<string, string> = new Map([
  ['RECURSIVE_CTE_NODE', 'is recursive'],
  ['PIVOT', 'uses PIVOT'],
  ['SHOW_REF', 'describes a table'],
]);
