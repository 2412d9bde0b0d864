import { isJsonObject, type Json } from '../protocol/json.ts';
import type { Expression } from './predicate.ts';

/** What is known of a column of all rows of a file, as names of SQL columns. */
export type KnownColumn =
  /** One value for the whole file. */
  | { readonly kind: 'exact'; readonly value: string }
  | {
      readonly kind: 'range';
      readonly min: string;
      readonly max: string | undefined;
      readonly nulls: string;
      readonly isText: boolean;
    };

/** The name of the SQL column with a file's number of rows. */
export const ROW_COUNT = 'row_count';

/**
 * From a condition on rows, one on files: true or null for every file that may hold a row for which the condition
 * holds. What cannot be told from values and bounds counts as true.
 */
export function mayMatch(
  condition: Expression,
  known: (path: readonly string[]) => KnownColumn | undefined,
): Expression {
  const exact = substituteExact(condition, known);
  if (exact !== undefined) return isTrue(exact);
  const children = childrenOf(condition);
  const { type } = condition;
  if (type === 'CONJUNCTION_AND' || type === 'CONJUNCTION_OR') {
    return { ...condition, children: children.map((child) => mayMatch(child, known)) };
  }
  if (type === 'OPERATOR_IS_NULL' || type === 'OPERATOR_IS_NOT_NULL') {
    return nullTest(type === 'OPERATOR_IS_NULL', rangeOf(children[0], known));
  }
  if (type === 'COMPARE_IN') {
    const [column, ...values] = children;
    return junction(
      'OR',
      values.map((value) => bounds('COMPARE_EQUAL', column, value, known)),
    );
  }
  if (type === 'COMPARE_BETWEEN') {
    const { input, lower, upper } = condition;
    return junction('AND', [
      bounds('COMPARE_GREATERTHANOREQUALTO', input, lower, known),
      bounds('COMPARE_LESSTHANOREQUALTO', input, upper, known),
    ]);
  }
  return compare(condition, known);
}

type Known = (path: readonly string[]) => KnownColumn | undefined;
type Range = Extract<KnownColumn, { kind: 'range' }>;

const MIRRORED: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: 'COMPARE_EQUAL',
  COMPARE_LESSTHAN: 'COMPARE_GREATERTHAN',
  COMPARE_GREATERTHAN: 'COMPARE_LESSTHAN',
  COMPARE_LESSTHANOREQUALTO: 'COMPARE_GREATERTHANOREQUALTO',
  COMPARE_GREATERTHANOREQUALTO: 'COMPARE_LESSTHANOREQUALTO',
};

function compare({ type, left, right }: Expression, known: Known): Expression {
  const mirrored = typeof type === 'string' ? MIRRORED[type] : undefined;
  if (typeof type !== 'string' || mirrored === undefined) return TRUE;
  if (isConstant(right)) return bounds(type, left, right, known);
  return isConstant(left) ? bounds(mirrored, right, left, known) : TRUE;
}

function bounds(
  type: string,
  column: Json | undefined,
  constant: Json | undefined,
  known: Known,
): Expression {
  const range = rangeOf(column, known);
  if (range === undefined || !isJsonObject(constant) || !isConstant(constant)) return TRUE;
  // Text compared with a number is compared as a number, which the bounds of text say nothing of.
  if (range.isText && !isTextConstant(constant)) return TRUE;
  const above = bound(range.max, 'COMPARE_GREATERTHANOREQUALTO', constant);
  const below = bound(range.min, 'COMPARE_LESSTHANOREQUALTO', constant);
  if (type === 'COMPARE_EQUAL') return junction('AND', [above, below]);
  return type.startsWith('COMPARE_GREATERTHAN')
    ? bound(range.max, type, constant)
    : bound(range.min, type, constant);
}

function bound(name: string | undefined, type: string, constant: Expression): Expression {
  if (name === undefined) return TRUE;
  return junction('OR', [
    isNull(name),
    { ...NOWHERE, class: 'COMPARISON', type, left: columnRef(name), right: constant },
  ]);
}

function nullTest(wantsNull: boolean, range: Range | undefined): Expression {
  if (range === undefined) return TRUE;
  const nulls = columnRef(range.nulls);
  const right = wantsNull ? integer(0) : columnRef(ROW_COUNT);
  const type = wantsNull ? 'COMPARE_GREATERTHAN' : 'COMPARE_LESSTHAN';
  return junction('OR', [
    isNull(range.nulls),
    isNull(ROW_COUNT),
    { ...NOWHERE, class: 'COMPARISON', type, left: nulls, right },
  ]);
}

/** Kinds of nodes whose value depends on nothing but their children. */
const PURE = new Set(['COMPARISON', 'CONJUNCTION', 'OPERATOR', 'CONSTANT', 'CAST', 'BETWEEN']);

/** The expression over values that hold for a whole file; undefined where it depends on anything else. */
function substituteExact(node: Expression, known: Known): Expression | undefined {
  if (node['class'] === 'COLUMN_REF') {
    const column = known(pathOf(node));
    return column?.kind === 'exact' ? columnRef(column.value) : undefined;
  }
  if (typeof node['class'] !== 'string' || !PURE.has(node['class'])) return undefined;
  const result: Record<string, Json> = {};
  for (const [name, value] of Object.entries(node)) {
    const part = substitutePart(value, known);
    if (part === undefined) return undefined;
    result[name] = part;
  }
  return result;
}

function substitutePart(value: Json, known: Known): Json | undefined {
  if (isJsonObject(value) && typeof value['class'] === 'string') return substituteExact(value, known);
  if (!Array.isArray(value)) return value;
  const items: Json[] = [];
  for (const item of value) {
    const part = substitutePart(item, known);
    if (part === undefined) return undefined;
    items.push(part);
  }
  return items;
}

function rangeOf(node: Json | undefined, known: Known): Range | undefined {
  if (!isJsonObject(node) || node['class'] !== 'COLUMN_REF') return undefined;
  const column = known(pathOf(node));
  return column?.kind === 'range' ? column : undefined;
}

function pathOf(node: Expression): string[] {
  const names = node['column_names'];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

function childrenOf(node: Expression): Expression[] {
  const { children } = node;
  return Array.isArray(children) ? children.filter((child: Json) => isJsonObject(child)) : [];
}

function isConstant(node: Json | undefined): boolean {
  if (!isJsonObject(node)) return false;
  return node['class'] === 'CONSTANT' || (node['class'] === 'CAST' && isConstant(node['child']));
}

function isTextConstant(node: Expression): boolean {
  const value = node['value'];
  const type = isJsonObject(value) ? value['type'] : undefined;
  return node['class'] === 'CONSTANT' && isJsonObject(type) && type['id'] === 'VARCHAR';
}

const NOWHERE = { alias: '', query_location: 0 };

const TRUE: Expression = {
  ...NOWHERE,
  class: 'CONSTANT',
  type: 'VALUE_CONSTANT',
  value: { type: { id: 'BOOLEAN', type_info: null }, is_null: false, value: true },
};

function integer(value: number): Expression {
  return { ...TRUE, value: { type: { id: 'INTEGER', type_info: null }, is_null: false, value } };
}

function columnRef(name: string): Expression {
  return { ...NOWHERE, class: 'COLUMN_REF', type: 'COLUMN_REF', column_names: [name] };
}

function isNull(name: string): Expression {
  return { ...NOWHERE, class: 'OPERATOR', type: 'OPERATOR_IS_NULL', children: [columnRef(name)] };
}

/** Null for a whole file is null for all of its rows, of which none is wanted then. */
function isTrue(left: Expression): Expression {
  return { ...NOWHERE, class: 'COMPARISON', type: 'COMPARE_NOT_DISTINCT_FROM', left, right: TRUE };
}

function junction(type: 'AND' | 'OR', children: readonly Expression[]): Expression {
  return { ...NOWHERE, class: 'CONJUNCTION', type: `CONJUNCTION_${type}`, children };
}
