import type { SqlNode } from '../../engine/sql-tree.ts';
import type { From, Join, Query, Result, Select, SetOperation } from './tree.ts';

/** Parts of the engine's tree, as its parser makes them. */

/** An expression of a class, with what its own parts are. */
function expression(kind: string, type: string, parts: SqlNode): SqlNode {
  return { class: kind, type, alias: '', query_location: 0, ...parts };
}

export function column(...words: string[]): SqlNode {
  return expression('COLUMN_REF', 'COLUMN_REF', { column_names: words });
}

export function named(value: SqlNode, alias: string): SqlNode {
  return { ...value, alias };
}

export function same(left: SqlNode, right: SqlNode): SqlNode {
  return expression('COMPARISON', 'COMPARE_NOT_DISTINCT_FROM', { left, right });
}

export function differ(left: SqlNode, right: SqlNode): SqlNode {
  return expression('COMPARISON', 'COMPARE_DISTINCT_FROM', { left, right });
}

export function equal(left: SqlNode, right: SqlNode): SqlNode {
  return expression('COMPARISON', 'COMPARE_EQUAL', { left, right });
}

export function less(left: SqlNode, right: SqlNode): SqlNode {
  return expression('COMPARISON', 'COMPARE_LESSTHAN', { left, right });
}

/** True of a day that is at most some days before or after another one. */
export function near(day: SqlNode, other: SqlNode, days: number): SqlNode {
  if (days === 0) return same(day, other);
  const [lower, upper] = [minus(other, number(days)), arithmetic('+', other, number(days))];
  return expression('BETWEEN', 'COMPARE_BETWEEN', { input: day, lower, upper });
}

export function and(conditions: readonly SqlNode[]): SqlNode | null {
  return conditions.length > 1 ? conjunction('CONJUNCTION_AND', conditions) : (conditions[0] ?? null);
}

export function or(conditions: readonly SqlNode[]): SqlNode {
  const [first = FALSE] = conditions;
  return conditions.length > 1 ? conjunction('CONJUNCTION_OR', conditions) : first;
}

function conjunction(type: string, children: readonly SqlNode[]): SqlNode {
  return expression('CONJUNCTION', type, { children });
}

/** True where a condition is false or null. */
export function not(condition: SqlNode): SqlNode {
  return operator('OPERATOR_NOT', [operator('OPERATOR_COALESCE', [condition, FALSE])]);
}

export function isNull(value: SqlNode): SqlNode {
  return operator('OPERATOR_IS_NULL', [value]);
}

export function operator(type: string, children: readonly SqlNode[]): SqlNode {
  return expression('OPERATOR', type, { children });
}

export function call(name: string, children: readonly SqlNode[]): SqlNode {
  return expression('FUNCTION', 'FUNCTION', {
    function_name: name,
    schema: '',
    children,
    filter: null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
    catalog: '',
  });
}

/** The value of an expression in the next of the rows that share some, in the order of that value. */
export function lead(value: SqlNode, partitions: readonly SqlNode[]): SqlNode {
  return expression('WINDOW', 'WINDOW_LEAD', {
    function_name: 'lead',
    schema: '',
    catalog: '',
    children: [value],
    partitions,
    orders: [{ type: 'ORDER_DEFAULT', null_order: 'ORDER_DEFAULT', expression: value }],
    start: 'UNBOUNDED_PRECEDING',
    end: 'CURRENT_ROW_RANGE',
    start_expr: null,
    end_expr: null,
    offset_expr: null,
    default_expr: null,
    ignore_nulls: false,
    filter_expr: null,
    exclude_clause: 'NO_OTHER',
    distinct: false,
    arg_orders: [],
  });
}

export function minus(left: SqlNode, right: SqlNode): SqlNode {
  return arithmetic('-', left, right);
}

function arithmetic(name: string, left: SqlNode, right: SqlNode): SqlNode {
  return { ...call(name, [left, right]), is_operator: true };
}

/** @param value Left out for a null. */
function constant(id: string, value?: unknown): SqlNode {
  const isNothing = value === undefined;
  return expression('CONSTANT', 'VALUE_CONSTANT', {
    value: { type: { id, type_info: null }, is_null: isNothing, ...(isNothing ? {} : { value }) },
  });
}

export function number(value: number): SqlNode {
  return constant('INTEGER', value);
}

export function text(value: string): SqlNode {
  return constant('VARCHAR', value);
}

export function cast(child: SqlNode, type: string): SqlNode {
  return expression('CAST', 'OPERATOR_CAST', {
    child,
    cast_type: { id: type, type_info: null },
    try_cast: false,
  });
}

export const TRUE: SqlNode = cast(text('t'), 'BOOLEAN');
export const FALSE: SqlNode = cast(text('f'), 'BOOLEAN');
export const ONE: SqlNode = number(1);
export const NULL: SqlNode = constant('NULL');

export const STAR: SqlNode = expression('STAR', 'STAR', {
  relation_name: '',
  exclude_list: [],
  replace_list: [],
  columns: false,
  expr: null,
  qualified_exclude_list: [],
  rename_list: [],
});

/** A query as a value of an expression. */
export function subquery(type: 'SCALAR' | 'EXISTS' | 'ANY', query: Query, child?: SqlNode): SqlNode {
  return expression('SUBQUERY', 'SUBQUERY', {
    subquery_type: type,
    child: child ?? null,
    comparison_type: type === 'ANY' ? 'COMPARE_EQUAL' : 'INVALID',
    query,
  });
}

const EMPTY_SELECT: SqlNode = {
  type: 'SELECT_NODE',
  modifiers: [],
  cte_map: { map: [] },
  select_list: [],
  where_clause: null,
  group_expressions: [],
  group_sets: [],
  aggregate_handling: 'STANDARD_HANDLING',
  having: null,
  sample: null,
  qualify: null,
};

/** What makes of a SELECT's rows each once. */
export const DISTINCT: SqlNode = { type: 'DISTINCT_MODIFIER', distinct_on_targets: [] };

export interface SelectParts {
  readonly where?: SqlNode | null;
  readonly isDistinct?: boolean;
}

/** A SELECT of our own. */
export function select(
  list: readonly SqlNode[],
  from: From,
  { where = null, isDistinct }: SelectParts = {},
): Select {
  const modifiers = isDistinct === true ? [DISTINCT] : [];
  return {
    kind: 'select',
    from,
    outputs: undefined,
    node: { ...EMPTY_SELECT, select_list: list, where_clause: where, modifiers },
  };
}

export function selectAll(from: From): Select {
  return select([STAR], from);
}

function combined(operatorName: string, left: Query, right: Query): SetOperation {
  const node = setNode(operatorName, true);
  return { kind: 'set', operator: operatorName, isAll: true, left, right, node };
}

/** A set operation without its sides. */
export function setNode(operatorName: string, isAll: boolean): SqlNode {
  return {
    type: 'SET_OPERATION_NODE',
    modifiers: [],
    cte_map: { map: [] },
    setop_type: operatorName,
    setop_all: isAll,
  };
}

/** All rows of queries. */
export function unionAll(queries: readonly Query[]): Query {
  return queries.reduce((left, right) => combined('UNION', left, right));
}

export function exceptAll(left: Query, right: Query): Query {
  return combined('EXCEPT', left, right);
}

export function result(step: string, alias: string, names: readonly string[] = []): Result {
  return { kind: 'result', step, alias, names };
}

export function joined(type: Join['type'], left: From, right: From, on: readonly SqlNode[]): Join {
  return { kind: 'join', type, left, right, on, using: [], hints: [], isAsOf: false };
}

/** The alias of a table of values that rows are looked for by. */
export const VALUES = '_igarape_values';

/** The names of a table of values: of its first columns. */
export function valueNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => valueName(index));
}

export function valueName(index: number): string {
  return `k${index}`;
}

/** Expressions, named as columns of a table of values. */
export function asValues(expressions: readonly SqlNode[]): readonly SqlNode[] {
  return expressions.map((expression, index) => named(expression, valueName(index)));
}

/** Rows of FROM for which a step has a row that meets conditions, or any where there are none. */
export function semi(left: From, step: string, on: readonly SqlNode[]): Join {
  return joined('SEMI', left, result(step, VALUES), on.length > 0 ? on : [TRUE]);
}
