import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { type PlanType, planType } from './types.ts';

/**
 * A value of a bound plan. All that computes one of others is a call: operators (`+`, `=`, `IS NULL`, `CASE`), functions,
 * aggregates and windows.
 */
export type Expression = Column | Constant | Cast | Call;

interface Placed {
  readonly type: PlanType;
  /** The UTF-8 bytes before it in the SQL, where that is known. */
  readonly offset: number | undefined;
}

export interface Column extends Placed {
  readonly kind: 'column';
  /** Its place among the columns of what the operator reads. */
  readonly index: number;
}

export interface Constant extends Placed {
  readonly kind: 'constant';
  /** As the plan has it; null where it is null. */
  readonly value: unknown;
}

export interface Cast extends Placed {
  readonly kind: 'cast';
  readonly child: Expression;
  readonly isTry: boolean;
}

export interface Call extends Placed {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  /** Of an aggregate. */
  readonly isDistinct: boolean;
  readonly filter: Expression | undefined;
  readonly orders: readonly Order[];
  /** Of a function that has more to tell than its arguments, as the plan has it. */
  readonly data: SqlNode;
}

export interface Order {
  readonly expression: Expression;
  readonly isDescending: boolean;
  readonly isNullsFirst: boolean;
}

export function expressionOf(value: unknown): Expression {
  const node = isNode(value) ? value : {};
  const { expression_class: form, type } = node;
  const offset = typeof node['query_location'] === 'number' ? node['query_location'] : undefined;
  const placed = { type: planType(node['return_type']), offset };
  switch (form) {
    case 'BOUND_REF':
      return { kind: 'column', ...placed, index: Number(node['index']) };
    case 'BOUND_CONSTANT':
      return constantOf(isNode(node['value']) ? node['value'] : {}, offset);
    case 'BOUND_CAST':
      return {
        kind: 'cast',
        ...placed,
        child: expressionOf(node['child']),
        isTry: node['try_cast'] === true,
      };
    case 'BOUND_COMPARISON': {
      const args = [node['left'], node['right']].map(expressionOf);
      return call(OPERATORS[String(type)] ?? String(type), args, { ...placed, type: BOOLEAN });
    }
    case 'BOUND_CONJUNCTION':
      return call(type === 'CONJUNCTION_OR' ? 'OR' : 'AND', childrenOf(node), { ...placed, type: BOOLEAN });
    case 'BOUND_OPERATOR':
      return call(OPERATORS[String(type)] ?? String(type), childrenOf(node), placed);
    case 'BOUND_CASE': {
      const checks = nodesOf(node['case_checks']).flatMap((check) => [
        check['when_expr'],
        check['then_expr'],
      ]);
      return call('CASE', [...checks, node['else_expr']].map(expressionOf), placed);
    }
    case 'BOUND_FUNCTION':
      return call(String(node['name']), childrenOf(node), { ...placed, data: dataOf(node) });
    case 'BOUND_AGGREGATE':
      return call(String(node['name']), childrenOf(node), {
        ...placed,
        isDistinct: node['aggregate_type'] === 'DISTINCT',
        filter: isNode(node['filter']) ? expressionOf(node['filter']) : undefined,
        orders: isNode(node['order_bys']) ? ordersOf(node['order_bys']['orders']) : [],
        data: dataOf(node),
      });
    default:
      return call(String(form), [], placed);
  }
}

/** A value as a plan has it. */
export function constantOf({ type, is_null: isNull, value }: SqlNode, offset?: number): Constant {
  return { kind: 'constant', offset, type: planType(type), value: isNull === true ? null : value };
}

/** The columns of `ORDER BY`, whose null order is settled. */
export function ordersOf(value: unknown): readonly Order[] {
  return nodesOf(value).map((node) => ({
    expression: expressionOf(node['expression']),
    isDescending: node['type'] === 'DESCENDING',
    isNullsFirst: node['null_order'] === 'NULLS FIRST',
  }));
}

export function call(name: string, args: readonly Expression[], more: Placed & Partial<Call>): Call {
  return { isDistinct: false, filter: undefined, orders: [], data: {}, ...more, kind: 'call', name, args };
}

/** The objects of a list. */
export function nodesOf(value: unknown): readonly SqlNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function childrenOf(node: SqlNode): readonly Expression[] {
  return nodesOf(node['children']).map(expressionOf);
}

function dataOf(node: SqlNode): SqlNode {
  return isNode(node['function_data']) ? node['function_data'] : {};
}

export const BOOLEAN: PlanType = planType({ id: 'BOOLEAN' });

/** What people write for comparisons. */
export const COMPARISONS: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHAN: '>',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_DISTINCT_FROM: 'IS DISTINCT FROM',
  COMPARE_NOT_DISTINCT_FROM: 'IS NOT DISTINCT FROM',
};

/** What people write for the operators of a plan. */
const OPERATORS: Readonly<Record<string, string>> = {
  ...COMPARISONS,
  COMPARE_IN: 'IN',
  COMPARE_NOT_IN: 'NOT IN',
  OPERATOR_NOT: 'NOT',
  OPERATOR_IS_NULL: 'IS NULL',
  OPERATOR_IS_NOT_NULL: 'IS NOT NULL',
  OPERATOR_COALESCE: 'coalesce',
  OPERATOR_TRY: 'TRY',
};
