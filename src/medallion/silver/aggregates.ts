import { isNode, type SqlNode } from '../../engine/sql-tree.ts';

/** True where an aggregate has one result for a set of rows, in whichever order they come. */
export function isOrderFree(name: string, call: SqlNode): boolean {
  if (ORDER_FREE.has(name) || name.startsWith('regr_')) return true;
  const orders = isNode(call['order_bys']) ? call['order_bys']['orders'] : undefined;
  return Array.isArray(orders) && orders.length > 0;
}

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
