import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { WINDOWS } from './aggregates.ts';
import { call, type Expression, expressionOf, nodesOf, type Order, ordersOf } from './expression.ts';
import { literal, numeral } from './literals.ts';
import type { ExpressionPrinter } from './print-expression.ts';
import { planType } from './types.ts';

/** Functions that have no frame; of the others it is what they are computed of. */
const RANKING = new Set(['row_number', 'rank', 'dense_rank', 'ntile', 'lead', 'lag']);
/** Functions that say nothing of the order of rows. */
const UNORDERED = new Set(['rank', 'dense_rank']);

/** Spark SQL of a window function as a plan has it. */
export function printWindow(node: SqlNode, columns: readonly string[], print: ExpressionPrinter): string {
  const type = planType(node['return_type']);
  const args = nodesOf(node['children']).map(expressionOf);
  const name = WINDOWS[String(node['type'])] ?? '';
  const shown = name === '' ? String(node['name'] ?? node['type']) : name;
  const aggregate = call(shown, args, { type, offset: undefined });
  // DuckDB numbers the rows of the left side where values of a list are asked for.
  if (node['alias'] === 'delim_index') return print.refuse('LATERAL over a list', undefined, 'unnest');
  const refuse = (what: string): string => print.refuse(what, aggregate);
  const partitions = nodesOf(node['partitions']).map(expressionOf);
  for (const each of partitions) print.compared('PARTITION BY', each);
  const orders = ordersOf(node['orders']).map((order) => print.order(order, columns));
  const frame = RANKING.has(name) ? '' : frameOf(node);
  if (frame === undefined) return refuse(`the frame of ${shown}() OVER (…)`);
  if (orders.length === 0 && (frame !== '' || (name !== '' && !UNORDERED.has(name))))
    return refuse(`${shown}() OVER (…) without ORDER BY`);
  if (node['distinct'] === true || isNode(node['filters']) || nodesOf(node['arg_orders']).length > 0)
    return refuse(`${shown}(…) with DISTINCT, FILTER or ORDER BY in it, OVER (…)`);
  const over = [
    ...(partitions.length === 0
      ? []
      : [`PARTITION BY ${partitions.map((each) => print.print(each, columns)).join(', ')}`]),
    ...(orders.length === 0 ? [] : [`ORDER BY ${orders.join(', ')}`]),
    ...(frame === '' ? [] : [frame]),
  ];
  const window = ` OVER (${over.join(' ')})`;
  if (node['type'] === 'WINDOW_AGGREGATE') return print.aggregate(aggregate, columns, window);
  if (name === '' || type.spark === undefined) return refuse(`the window function ${shown}`);
  const more = [node['offset_expr'], node['default_expr']].filter(isNode).map(expressionOf);
  const values = [...args, ...more].map((each, index) => {
    const isCount = name === 'ntile' || ((name === 'lead' || name === 'lag') && index === 1);
    const isFixed = isCount || index === 2;
    if (isFixed && each.kind !== 'constant') return refuse(`${name}() of other than constants`);
    return isCount && each.kind === 'constant' ? numeral(each.value) : print.print(each, columns);
  });
  const nulls = node['ignore_nulls'] === true ? ' IGNORE NULLS' : '';
  return `CAST(${name}(${values.join(', ')})${nulls}${window} AS ${type.spark})`;
}

/** A window's frame; '' where it is the one that both take for granted, undefined where Spark has none like it. */
function frameOf(node: SqlNode): string | undefined {
  const { start, end } = node;
  if (node['exclude_clause'] !== 'NO_OTHER') return undefined;
  if (start === 'UNBOUNDED_PRECEDING' && end === 'CURRENT_ROW_RANGE') return '';
  const orders = ordersOf(node['orders']);
  const bounds = [bound(start, node['start_expr'], orders), bound(end, node['end_expr'], orders)];
  if (bounds.includes(undefined)) return undefined;
  const isRange = [start, end].some((each) => String(each).endsWith('_RANGE'));
  return `${isRange ? 'RANGE' : 'ROWS'} BETWEEN ${bounds.join(' AND ')}`;
}

function bound(name: unknown, given: unknown, orders: readonly Order[]): string | undefined {
  switch (name) {
    case 'UNBOUNDED_PRECEDING':
      return 'UNBOUNDED PRECEDING';
    case 'UNBOUNDED_FOLLOWING':
      return 'UNBOUNDED FOLLOWING';
    case 'CURRENT_ROW_ROWS':
    case 'CURRENT_ROW_RANGE':
      return 'CURRENT ROW';
    case 'EXPR_PRECEDING_ROWS':
    case 'EXPR_FOLLOWING_ROWS': {
      const count = expressionOf(given);
      return count.kind === 'constant' ? `${numeral(count.value)} ${sideOf(name)}` : undefined;
    }
    case 'EXPR_PRECEDING_RANGE':
    case 'EXPR_FOLLOWING_RANGE': {
      const distance = distanceOf(expressionOf(given), name === 'EXPR_PRECEDING_RANGE' ? '-' : '+', orders);
      return distance === undefined ? undefined : `${distance} ${sideOf(name)}`;
    }
    default:
      return undefined;
  }
}

function sideOf(name: string): string {
  return name.includes('PRECEDING') ? 'PRECEDING' : 'FOLLOWING';
}

/** A plan has the value at the end of the frame, and Spark wants how far that is from the row's own. */
function distanceOf(value: Expression, sign: string, [order, ...more]: readonly Order[]): string | undefined {
  if (order === undefined || order.isDescending || more.length > 0) return undefined;
  if (value.kind !== 'call' || value.name !== sign) return undefined;
  const [from, by] = value.args;
  if (by?.kind !== 'constant' || columnIn(from) === undefined) return undefined;
  if (columnIn(order.expression) !== columnIn(from)) return undefined;
  if (by.type.id !== 'INTERVAL') return literal(by);
  const { months, days, micros } = isNode(by.value) ? by.value : {};
  return numeral(months) === '0' && numeral(micros) === '0' ? `INTERVAL '${numeral(days)}' DAY` : undefined;
}

/** The place of the column that a value is, whatever its type is made. */
function columnIn(value: Expression | undefined): number | undefined {
  if (value?.kind === 'cast') return columnIn(value.child);
  return value?.kind === 'column' ? value.index : undefined;
}
