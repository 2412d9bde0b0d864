import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import type { Reason } from './lower.ts';
import { locationOf, lower, nodesOf, textOf } from './tree.ts';

/** What in a statement depends on an order of rows that it does not give. */
export function orderReasons(tree: SqlNode, aggregates: ReadonlySet<string>): readonly Reason[] {
  const found: Reason[] = [];
  const report = (node: SqlNode, text: string): void => {
    found.push({ text: `its SQL ${text}`, offset: locationOf(node) });
  };
  const sorted = new Set<SqlNode>();
  for (const node of nodesIn(tree)) {
    const name = lower(node['function_name'] ?? '');
    // What `list(x ORDER BY x)` is to the engine's parser.
    if (SORTS.has(name)) for (const list of nodesOf(node, 'children').slice(0, 1)) sorted.add(list);
    const isCall = node['class'] === 'FUNCTION' && aggregates.has(name) && !sorted.has(node);
    const isOverWindow = node['class'] === 'WINDOW' && nodesOf(node, 'orders').length === 0;
    if ((isCall || isOverWindow) && !isOrderFree(name, node))
      report(node, `calls ${name}(), whose result depends on the order of rows`);
    const modifiers = nodesOf(node, 'modifiers');
    if (modifiers.some(takesFirst) && modifiers.every(({ type }) => type !== 'ORDER_MODIFIER'))
      report({ modifiers }, 'takes the first rows of no order (LIMIT or DISTINCT ON without ORDER BY)');
  }
  return found;
}

function takesFirst(modifier: SqlNode): boolean {
  return textOf(modifier, 'type').startsWith('LIMIT') || nodesOf(modifier, 'distinct_on_targets').length > 0;
}

/** True where an aggregate has one result for a set of rows, in whichever order they come. */
function isOrderFree(name: string, call: SqlNode): boolean {
  if (ORDER_FREE.has(name) || name.startsWith('regr_')) return true;
  const orders = isNode(call['order_bys']) ? call['order_bys']['orders'] : undefined;
  return Array.isArray(orders) && orders.length > 0;
}

const SORTS: ReadonlySet<string> = new Set([
  'array_reverse_sort',
  'array_sort',
  'list_reverse_sort',
  'list_sort',
]);

const ORDER_FREE: ReadonlySet<string> = new Set([
  'approx_count_distinct',
  'avg',
  'bit_and',
  'bit_or',
  'bit_xor',
  'bool_and',
  'bool_or',
  'corr',
  'count',
  'count_if',
  'count_star',
  'countif',
  'covar_pop',
  'covar_samp',
  'entropy',
  'favg',
  'fsum',
  'histogram',
  'histogram_exact',
  'kahan_sum',
  'kurtosis',
  'kurtosis_pop',
  'mad',
  'max',
  'mean',
  'median',
  'min',
  'product',
  'quantile',
  'quantile_cont',
  'quantile_disc',
  'sem',
  'skewness',
  'stddev',
  'stddev_pop',
  'stddev_samp',
  'sum',
  'sum_no_overflow',
  'sumkahan',
  'var_pop',
  'var_samp',
  'variance',
]);
