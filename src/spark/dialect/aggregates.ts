import type { Call } from './expression.ts';
import { textLiteral } from './literals.ts';
import type { Signature } from './signature.ts';

/**
 * Spark SQL of an aggregate, of the Spark SQL of its arguments (with DISTINCT before them where it is asked for); `over` stands
 * after every aggregate of Spark's: `FILTER (…)`, `OVER (…)`, or nothing.
 */
export type RenderAggregate = (args: readonly string[], over: string, call: Call) => string | undefined;

const named =
  (name?: string): RenderAggregate =>
  (args, over, call) =>
    `${name ?? call.name}(${distinct(call)}${args.join(', ')})${over}`;
const typed =
  (render: RenderAggregate): RenderAggregate =>
  (args, over, call) =>
    `CAST(${render(args, over, call)} AS ${call.type.spark})`;

function distinct({ isDistinct }: Call): string {
  return isDistinct ? 'DISTINCT ' : '';
}

/** What computes a value of many rows. */
export const AGGREGATES: Readonly<Record<Signature, RenderAggregate>> = {
  'count_star()': (_, over) => `count(*)${over}`,
  'count(ANY)': named(),
  'count()': (_, over) => `count(*)${over}`,
  'count_if(BOOLEAN)': ([a], over, call) =>
    typed(() => `sum(${distinct(call)}CASE WHEN ${a} THEN 1 ELSE 0 END)${over}`)([], over, call),
  'sum(TINYINT | SMALLINT | INTEGER)': typed(named()),
  // Spark's sum of BIGINT is one, and too small for what DuckDB adds up.
  'sum(BIGINT | HUGEINT)': ([a], over, call) => `sum(${distinct(call)}CAST(${a} AS DECIMAL(38,0)))${over}`,
  'sum(DECIMAL)': typed(named()),
  'sum(DOUBLE)': named(),
  'avg(DOUBLE)': named(),
  // The exact sum first: Spark's average of decimals is a decimal, cut to a few digits.
  'avg(INTEGERS | HUGEINT)': ([a], over, call) =>
    `(CAST(sum(${distinct(call)}CAST(${a} AS DECIMAL(38,0)))${over} AS DOUBLE) / nullif(count(${distinct(call)}${a})${over}, 0L))`,
  'avg(DECIMAL)': ([a], over, call) => {
    const scale = call.args[0]?.type.scale ?? 0;
    const unscaled = `CAST(sum(${distinct(call)}${a})${over} * CAST('1${'0'.repeat(scale)}' AS DECIMAL(${scale + 1},0)) AS DECIMAL(38,0))`;
    return `(CAST(${unscaled} AS DOUBLE) / nullif(count(${distinct(call)}${a})${over} * 1e${scale}D, 0D))`;
  },
  'min, max(PLAIN)': named(),
  'bool_or, bool_and(BOOLEAN)': named(),
  // DuckDB takes none of null.
  'any_value(PLAIN)': ([a], over) => `first(${a}, true)${over}`,
  'arg_max, max_by(PLAIN, PLAIN)': ([a, b], over) =>
    `max_by(${a}, CASE WHEN ${a} IS NOT NULL THEN ${b} END)${over}`,
  'arg_min, min_by(PLAIN, PLAIN)': ([a, b], over) =>
    `min_by(${a}, CASE WHEN ${a} IS NOT NULL THEN ${b} END)${over}`,
  'string_agg, listagg, group_concat(VARCHAR)': ([a], over, call) => {
    const separator = textLiteral(call.data['separator'] ?? ',');
    const isOrdered = over.includes('WITHIN GROUP') && separator !== undefined;
    return isOrdered ? `listagg(${distinct(call)}${a}, ${separator})${over}` : undefined;
  },
};

/** Aggregates whose value follows from the order of their rows, which only these may be given. */
export const ORDERED: ReadonlySet<string> = new Set(['string_agg', 'listagg', 'group_concat']);

/** Functions that only stand over windows, by DuckDB's word for them: Spark's name. */
export const WINDOWS: Readonly<Record<string, string>> = {
  WINDOW_ROW_NUMBER: 'row_number',
  WINDOW_RANK: 'rank',
  WINDOW_RANK_DENSE: 'dense_rank',
  WINDOW_NTILE: 'ntile',
  WINDOW_LEAD: 'lead',
  WINDOW_LAG: 'lag',
  WINDOW_FIRST_VALUE: 'first_value',
  WINDOW_LAST_VALUE: 'last_value',
};
