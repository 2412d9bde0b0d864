import { isNode } from '../../engine/sql-tree.ts';
import { type Call, type Expression, nodesOf } from './expression.ts';
import { numeral } from './literals.ts';
import { sparkName, sparkText } from './quote.ts';
import { roundAway, wholeOf } from './rounding.ts';
import { GROUPS, type Signature } from './signature.ts';
import { strftime } from './strftime.ts';

/** Spark SQL of a call, of the Spark SQL of its arguments; undefined where these values of constants have none. */
export type Render = (args: readonly string[], call: Call) => string | undefined;

const infix =
  (sign?: string): Render =>
  (args, { name }) =>
    `(${args.join(` ${sign ?? name} `)})`;
const named =
  (name?: string): Render =>
  (args, call) =>
    `${name ?? call.name}(${args.join(', ')})`;
const typed =
  (render: Render): Render =>
  (args, call) =>
    `CAST(${render(args, call)} AS ${call.type.spark})`;

const INTEGERS = new Set(GROUPS['INTEGERS']);

/** The constant at a place; '' where it is none. */
function constant({ args }: Call, index: number): string {
  const arg = args[index];
  return arg?.kind === 'constant' ? numeral(arg.value) : '';
}

/** What computes a value of a row's values, and nothing that is not tried against a real Spark. */
export const SCALARS: Readonly<Record<Signature, Render>> = {
  'AND, OR(BOOLEAN, BOOLEAN…)': infix(),
  'NOT(BOOLEAN)': ([a]) => `(NOT ${a})`,
  'IS NULL, IS NOT NULL(ANY)': ([a], { name }) => `(${a} ${name})`,
  '=, <>, <, >, <=, >=(PLAIN, PLAIN)': infix(),
  'IS NOT DISTINCT FROM(PLAIN, PLAIN)': infix('<=>'),
  'IS NOT DISTINCT FROM(STRUCT, STRUCT)': infix('<=>'),
  'IS DISTINCT FROM(PLAIN, PLAIN)': (args, call) => `(NOT ${infix('<=>')(args, call)})`,
  'IS DISTINCT FROM(STRUCT, STRUCT)': (args, call) => `(NOT ${infix('<=>')(args, call)})`,
  'IN, NOT IN(PLAIN, PLAIN…)': ([a, ...rest], { name }) => `(${a} ${name} (${rest.join(', ')}))`,
  'coalesce, greatest, least(PLAIN…)': named(),
  'CASE(BOOLEAN, ANY, ANY…)': (args) => {
    const checks = args.slice(0, -1);
    const arms = checks.flatMap((check, at) =>
      at % 2 === 0 ? [`WHEN ${check} THEN ${checks[at + 1]}`] : [],
    );
    return `CASE ${arms.join(' ')} ELSE ${args.at(-1)} END`;
  },
  'error(VARCHAR)': typed(named('raise_error')),

  '+, -, *(INTEGERS, INTEGERS)': infix(),
  '+, -, *(DOUBLE, DOUBLE)': infix(),
  '+, -, *(EXACT, EXACT)': typed(infix()),
  '-(EXACT | DOUBLE)': ([a]) => `(- ${a})`,
  '/(DOUBLE, DOUBLE)': ([a, b = ''], { args: [, divisor] }) => quotient(a ?? '', b, divisor),
  '%(INTEGERS, INTEGERS)': named('try_mod'),
  '//(INTEGERS, INTEGERS)': typed(([a, b]) => `(${a} DIV nullif(${b}, 0))`),
  'abs(EXACT | DOUBLE)': named(),
  'sign(INTEGERS | HUGEINT)': typed(named()),
  'floor(DOUBLE)': ([a = '']) => wholeOf(a),
  'ceil, ceiling(DOUBLE)': ([a = '']) => `(- ${wholeOf(`(- ${a})`)})`,
  'floor(DECIMAL)': typed(named('floor')),
  'ceil, ceiling(DECIMAL)': typed(named('ceil')),
  'round(DOUBLE)': ([a = '']) => roundAway(a, 0),
  'round(DOUBLE, constant INTEGER)': ([a = ''], call) => roundAway(a, Number(constant(call, 1))),
  'round(DECIMAL)': typed(named()),
  'round(DECIMAL, constant INTEGER)': (args, call) =>
    Number(constant(call, 1)) < 0 ? undefined : typed(named())(args, call),
  // INTERVAL n DAY has it; a whole number has nothing to cut off.
  'trunc(DOUBLE)': ([a], { args: [whole] }) =>
    whole?.kind === 'cast' && INTEGERS.has(whole.child.type.id) ? a : undefined,

  'lower, upper(VARCHAR)': ([a = ''], { name }) => cased(name, a),
  'length(VARCHAR)': typed(named('char_length')),
  'trim, ltrim, rtrim(VARCHAR)': ([a], { name }) => `trim(${TRIMMED[name]} ${SPACES} FROM ${a})`,
  '||(VARCHAR, VARCHAR)': infix(),
  'concat(VARCHAR…)': (args) => `concat(${args.map((each) => `coalesce(${each}, '')`).join(', ')})`,
  'substring, substr(VARCHAR, constant BIGINT, constant BIGINT)': ([a], call) => {
    const [start, length] = [Number(constant(call, 1)), Number(constant(call, 2))];
    return start >= 1 && length >= 0 ? `substring(${a}, ${start}, ${length})` : undefined;
  },
  'substring, substr(VARCHAR, constant BIGINT)': ([a], call) => {
    const start = Number(constant(call, 1));
    return start >= 1 ? `substring(${a}, ${start})` : undefined;
  },
  'left, right(VARCHAR, constant BIGINT)': ([a], call) => {
    const length = Number(constant(call, 1));
    return length >= 0 ? `${call.name}(${a}, ${length})` : undefined;
  },
  'replace(VARCHAR, VARCHAR, VARCHAR)': named(),
  'contains(VARCHAR, VARCHAR)': named(),
  'prefix, starts_with(VARCHAR, VARCHAR)': named('startswith'),
  'suffix, ends_with(VARCHAR, VARCHAR)': named('endswith'),
  'instr, strpos, position(VARCHAR, VARCHAR)': typed(named('instr')),
  'md5(VARCHAR)': named(),
  '~~(VARCHAR, constant VARCHAR)': ([a], call) => `(${a} LIKE ${likePattern(constant(call, 1))})`,
  '!~~(VARCHAR, constant VARCHAR)': ([a], call) => `(${a} NOT LIKE ${likePattern(constant(call, 1))})`,
  'concat_ws(constant VARCHAR, VARCHAR…)': named(),
  'string_split(VARCHAR, constant VARCHAR)': ([a], call) => {
    const sign = constant(call, 1);
    return sign === '' ? undefined : `split(${a}, ${sparkText(literally(sign))}, -1)`;
  },
  'array_extract(LIST, constant BIGINT)': ([a], call) => {
    const place = Number(constant(call, 1));
    return place === 0 ? undefined : `try_element_at(${a}, ${place})`;
  },

  "date_trunc('year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second', DATE | TIMESTAMP)":
    typed(([, a], call) => `date_trunc('${constant(call, 0).toUpperCase()}', ${a})`),
  'year, quarter, month, day, hour, minute(DATE | TIMESTAMP)': typed(named()),
  'week, weekofyear(DATE | TIMESTAMP)': typed(named('weekofyear')),
  'dayofmonth(DATE | TIMESTAMP)': typed(named('day')),
  'dayofyear(DATE | TIMESTAMP)': typed(named()),
  'dayofweek, weekday(DATE | TIMESTAMP)': typed(([a]) => `(dayofweek(${a}) - 1)`),
  'isodow(DATE | TIMESTAMP)': typed(([a]) => `(weekday(${a}) + 1)`),
  'isoyear(DATE | TIMESTAMP)': typed(([a]) => `extract(YEAROFWEEK FROM ${a})`),
  'second(DATE | TIMESTAMP)': typed(named()),
  "date_diff('day', DATE | TIMESTAMP, DATE | TIMESTAMP)": typed(([, a, b]) => `datediff(${b}, ${a})`),
  "date_diff('month', DATE | TIMESTAMP, DATE | TIMESTAMP)": typed(
    ([, a, b]) => `((year(${b}) - year(${a})) * 12 + month(${b}) - month(${a}))`,
  ),
  "date_diff('year', DATE | TIMESTAMP, DATE | TIMESTAMP)": typed(([, a, b]) => `(year(${b}) - year(${a}))`),
  "date_diff('hour' | 'minute' | 'second', TIMESTAMP, TIMESTAMP)": ([, a, b], call) => {
    const unit = constant(call, 0).toUpperCase();
    const [from, to] = [a, b].map((time) => `date_trunc('${unit}', ${time})`);
    return `timestampdiff(${unit}, ${from}, ${to})`;
  },
  'last_day(DATE | TIMESTAMP)': named(),
  'make_date(BIGINT, BIGINT, BIGINT)': (args) =>
    `make_date(${args.map((each) => `CAST(${each} AS INT)`).join(', ')})`,
  'strftime(DATE | TIMESTAMP, constant VARCHAR)': ([a], call) => strftime(a ?? '', constant(call, 1)),
  '+(DATE, INTEGER)': named('date_add'),
  '+(INTEGER, DATE)': ([a, b]) => `date_add(${b}, ${a})`,
  '-(DATE, INTEGER)': named('date_sub'),
  '-(DATE, DATE)': typed(named('datediff')),
  '+, -(DATE | TIMESTAMP, INTERVAL)': ([a = '', b = ''], call) => moved(a, b, call),
  '+(INTERVAL, DATE | TIMESTAMP)': ([a = '', b = ''], call) =>
    moved(b, a, { ...call, args: call.args.toReversed() }),
  'isfinite(DATE | TIMESTAMP)': ([a]) => `(${a} = ${a})`,
  'make_timestamptz(BIGINT)': named('timestamp_micros'),
  // Of two times DuckDB makes an interval, which counts here as microseconds.
  '-(TIMESTAMP, TIMESTAMP)': ([a, b]) => `timestampdiff(MICROSECOND, ${b}, ${a})`,
  'normalized_interval(INTERVAL)': ([a], { args: [span] }) => (isSpan(span) ? a : undefined),
  '=, <>, <, >, <=, >=(INTERVAL, INTERVAL)': ([a, b], { name, args: [one, other] }) => {
    const [left, right] = [microsOf(a, one), microsOf(b, other)];
    return left === undefined || right === undefined ? undefined : `(${left} ${name} ${right})`;
  },
  'epoch(INTERVAL)': ([a], { args: [span] }) => (isSpan(span) ? `(${a} / 1000000D)` : undefined),
  'epoch(TIMESTAMP)': ([a]) => `(timestampdiff(MICROSECOND, TIMESTAMP_NTZ'1970-01-01', ${a}) / 1000000D)`,
  'to_days(INTEGER)': named('make_dt_interval'),
  'to_weeks(INTEGER)': ([a]) => `make_dt_interval(7 * ${a})`,
  'to_months(INTEGER)': ([a]) => `make_ym_interval(0, ${a})`,
  'to_years(INTEGER)': named('make_ym_interval'),

  'range(BIGINT)': ([a = '']) => rangeOf('0L', a),
  'range(BIGINT, BIGINT)': ([a = '', b = '']) => rangeOf(a, b),
  // Of a list with nulls DuckDB says that it has not what it does not have, and Spark that it does not know.
  'list_contains(constant LIST, PLAIN)': ([a, b], { args: [list] }) =>
    list?.kind === 'constant' && !hasNull(list.value) ? `array_contains(${a}, ${b})` : undefined,
  'struct_pack(ANY…)': (args, { type }) =>
    `named_struct(${args.map((each, index) => `${sparkText(type.fields[index] ?? '')}, ${each}`).join(', ')})`,
  'struct_extract, array_extract(STRUCT, constant VARCHAR)': ([a], call) =>
    `${a}.${sparkName(constant(call, 1))}`,
};

const TRIMMED: Readonly<Record<string, string>> = { trim: 'BOTH', ltrim: 'LEADING', rtrim: 'TRAILING' };

/** All that are spaces in Unicode, where Spark trims one alone. */
const SPACES = sparkText(
  ' \u{A0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200A}\u{202F}\u{205F}\u{3000}',
);

/** By zero it is infinite, or no number, and no error. */
function quotient(a: string, b: string, divisor: Expression | undefined): string {
  if (divisor?.kind === 'constant' && Number(numeral(divisor.value)) !== 0) return `(${a} / ${b})`;
  const zero = `CASE WHEN CAST(${b} AS STRING) = '-0.0' THEN CAST('-Infinity' AS DOUBLE) ELSE CAST('Infinity' AS DOUBLE) END`;
  return `(${a} / CASE WHEN ${b} = 0D THEN 1D ELSE ${b} END * CASE WHEN ${b} = 0D THEN ${zero} ELSE 1D END)`;
}

/** DuckDB maps letter by letter, and knows those of a Unicode of some years ago: of these letters Spark makes others. */
function cased(name: string, text: string): string {
  return `CASE WHEN ${text} RLIKE ${ODD_LETTERS} THEN raise_error(concat('${name}(…) of this text is another in Spark: ', ${text})) ELSE ${name}(${text}) END`;
}

const ODD_LETTERS = sparkText(
  String.raw`[ßİŉƛǰɤΐΣΰև\u1C89\u1C8A\u1E96-\u1E9A\u1F50-\u1FFF\uA7CB-\uA7DC\uFB00-\uFB17\x{10D50}-\x{10D85}\x{16EA0}-\x{16ED3}]`,
);

/** The whole numbers from one up to before another. */
function rangeOf(start: string, end: string): string {
  return `CASE WHEN ${start} < ${end} THEN sequence(${start}, ${end} - 1L) WHEN ${start} >= ${end} THEN CAST(array() AS ARRAY<BIGINT>) END`;
}

function hasNull(list: unknown): boolean {
  const elements = isNode(list) ? nodesOf(list['children']) : [];
  return elements.some((element) => element['is_null'] === true);
}

/** A pattern of a regular expression for a text as it stands. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
}

/** In DuckDB a backslash is a sign like others. */
function likePattern(pattern: string): string {
  return sparkText(pattern.replaceAll('\\', '\\\\'));
}

/** The time from one time to another. */
function isSpan(interval: Expression | undefined): boolean {
  if (interval?.kind !== 'call') return false;
  return interval.name === '-' || (interval.name === 'normalized_interval' && isSpan(interval.args[0]));
}

/** Spark SQL of an interval's microseconds; a month counts as 30 days where intervals are compared. */
function microsOf(printed: string | undefined, interval: Expression | undefined): string | undefined {
  if (interval?.kind !== 'constant') return isSpan(interval) ? printed : undefined;
  const { months, days, micros } = isNode(interval.value) ? interval.value : {};
  const [ofMonths = 0n, ofDays = 0n, rest = 0n] = [months, days, micros].map((part) => BigInt(numeral(part)));
  return `${(ofMonths * 30n + ofDays) * 86_400_000_000n + rest}L`;
}

/** A time so much later or earlier: first by months, then by days, then by microseconds. */
function moved(time: string, by: string, { name, args: [, interval] }: Call): string | undefined {
  const start = `CAST(${time} AS TIMESTAMP_NTZ)`;
  if (interval?.kind !== 'constant') return isSpan(interval) ? undefined : `(${start} ${name} ${by})`;
  const { months, days, micros } = isNode(interval.value) ? interval.value : {};
  const parts = [
    [months, (n: string) => `make_ym_interval(0, ${n})`],
    [days, (n: string) => `make_dt_interval(${n})`],
    [micros, (n: string) => `make_dt_interval(0, 0, 0, CAST(${n}L / 1000000BD AS DECIMAL(18,6)))`],
  ] as const;
  const steps = parts.filter(([count]) => numeral(count) !== '0');
  return steps.reduce((from, [count, of]) => `(${from} ${name} ${of(numeral(count))})`, start);
}
