import * as fc from 'fast-check';

const TYPES = ['int', 'long', 'decimal', 'double', 'text', 'date', 'time', 'truth'] as const;
type Type = (typeof TYPES)[number];

/** What has a type: forms in which `{int}` stands for an expression of the type `int`; columns of it come first. */
const FORMS: Readonly<Record<Type, readonly string[]>> = {
  int: [
    'i',
    'j',
    '0',
    '-7',
    'NULL::INTEGER',
    '{int} + {int}',
    '{int} - {int}',
    '-({int})',
    '{int} % {int}',
    '{int} // {int}',
    'abs({int})',
    'sign({int})',
    'CASE WHEN {truth} THEN {int} ELSE {int} END',
    'coalesce({int}, {int})',
    'nullif({int}, {int})',
    'CAST({truth} AS INTEGER)',
    'TRY_CAST({long} AS INTEGER)',
    'TRY_CAST({decimal} AS INTEGER)',
    'TRY_CAST({double} AS INTEGER)',
    'greatest({int}, {int})',
  ],
  long: [
    'b',
    '9223372036854775807',
    'CAST({int} AS BIGINT)',
    '{int}::BIGINT * {int}',
    '{long} // {int}',
    'length({text})',
    'least({long}, {int})',
    "date_diff('day', {date}, {date})",
    "date_diff('month', {time}, {date})",
    'year({date})',
    'month({time})',
    'dayofweek({date})',
    'week({time})',
    '{date} - {date}',
    'TRY_CAST({double} AS BIGINT)',
    'instr({text}, {text})',
    'second({time})',
    'isoyear({date})',
  ],
  decimal: [
    'm',
    '0.005',
    '-1234.56',
    '{decimal} + {decimal}',
    '{decimal} - {int}',
    '{decimal} * 1.5',
    'abs({decimal})',
    'round({decimal}, 1)',
    'floor({decimal})',
    'ceil({decimal})',
    'TRY_CAST({int} AS DECIMAL(12, 2))',
    'TRY_CAST({double} AS DECIMAL(10, 3))',
    'TRY_CAST({decimal} AS DECIMAL(9, 1))',
    'CASE WHEN {truth} THEN {decimal} ELSE {int} END',
  ],
  double: [
    'd',
    '0.1::DOUBLE',
    '{double} + {double}',
    '{double} * {double}',
    '{double} - {double}',
    '{double} / {double}',
    '{int} / {int}',
    '{decimal} / {long}',
    '-({double})',
    'abs({double})',
    'floor({double})',
    'ceil({double})',
    'round({double})',
    'round({double}, 2)',
    'CAST({long} AS DOUBLE)',
    'CAST({decimal} AS DOUBLE)',
    'TRY_CAST({text} AS DOUBLE)',
    'coalesce({double}, {int})',
    'greatest({double}, {double})',
  ],
  text: [
    't',
    'u',
    "'a'",
    "''",
    "'Ã_%'",
    '{text} || {text}',
    'concat({text}, {text})',
    "concat_ws('-', {text}, {text})",
    'lower({text})',
    'upper({text})',
    'trim({text})',
    'ltrim({text})',
    'substring({text}, 2, 2)',
    'left({text}, 3)',
    'right({text}, 2)',
    'replace({text}, {text}, {text})',
    "split_part({text}, 'a', 2)",
    'md5({text})',
    'CAST({int} AS VARCHAR)',
    'CAST({decimal} AS VARCHAR)',
    'CAST({date} AS VARCHAR)',
    'CAST({time} AS VARCHAR)',
    'CAST({truth} AS VARCHAR)',
    "strftime({time}, '%d/%m/%Y %H:%M')",
    'least({text}, {text})',
  ],
  date: [
    'e',
    "DATE '2024-02-29'",
    '{date} + ({int} % 1000)',
    'last_day({date})',
    'CAST({time} AS DATE)',
    'TRY_CAST({text} AS DATE)',
    'CASE WHEN {truth} THEN {date} END',
    'coalesce({date}, {date})',
  ],
  time: [
    's',
    "TIMESTAMP '2018-11-04 00:30:00.000001'",
    "date_trunc('month', {date})",
    "date_trunc('week', {time})",
    "date_trunc('hour', {time})",
    '{date} + INTERVAL 1 MONTH',
    '{time} - INTERVAL 90 MINUTE',
    '{date} - INTERVAL ({int} % 1000) DAY',
    'CAST({date} AS TIMESTAMP)',
    'TRY_CAST({text} AS TIMESTAMP)',
    'greatest({time}, {date})',
  ],
  truth: [
    'f',
    'true',
    '{int} > {int}',
    '{decimal} <= {double}',
    '{text} = {text}',
    '{text} < {text}',
    '{date} >= {time}',
    '{double} <> {double}',
    '{long} = {decimal}',
    '{truth} AND {truth}',
    '{truth} OR {truth}',
    'NOT {truth}',
    '{text} IS NULL',
    '{int} IN ({int}, {int}, 5)',
    '{text} NOT IN ({text}, {text})',
    '{double} IS DISTINCT FROM {double}',
    "{text} LIKE '%a_'",
    'contains({text}, {text})',
    'starts_with({text}, {text})',
    '{int} BETWEEN {int} AND {long}',
    '{truth} IS NOT DISTINCT FROM {truth}',
  ],
};

/** Columns of every type, with what is at their edges. */
export const DRAWN_ROWS = `SELECT * FROM (VALUES
  (1, 2, 3::BIGINT, 1.50::DECIMAL(10, 2), 0.1::DOUBLE, 'abc', 'a', DATE '2024-01-31', TIMESTAMP '2024-01-31 23:59:59.999999', true),
  (0, -1, 0, 0, -0.0, '', ' Aa ', DATE '1970-01-01', TIMESTAMP '1970-01-01', false),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (2147483647, 5, 9223372036854775807, 99999999.99, 1e300, 'ÇãÕ 𝄞', '_%', DATE '2024-02-29', TIMESTAMP '2018-11-04 00:30:00', NULL),
  (-2147483648, 7, -9223372036854775807, -99999999.99, -2.5, '2024-02-29', '12.5', DATE '1582-10-04', TIMESTAMP '1582-10-15', true),
  (100, 0, 9007199254740993, 0.05, 'nan', '2024-12-30 01:02:03', '-7', DATE '1899-12-31', TIMESTAMP '1969-12-31 23:59:59.5', false),
  (-7, 3, -1, -2.55, 'inf', e'a\\nb\\\\', 'ab', DATE '2024-12-30', TIMESTAMP '2021-01-03 12:00:00', true),
  (13, NULL, 255, 2.5, 2.675, 'x', NULL, NULL, TIMESTAMP '2000-02-29 06:07:08.09', NULL)
) AS t(i, j, b, m, d, t, u, e, s, f)`;

/** An expression over {@link DRAWN_ROWS}. */
export function drawnExpression(): fc.Arbitrary<string> {
  return fc.constantFrom(...TYPES).chain((type) => expression(type, 3));
}

function expression(type: Type, depth: number): fc.Arbitrary<string> {
  const all = FORMS[type];
  const forms = depth === 0 ? all.filter((form) => !form.includes('{')) : all;
  return fc.constantFrom(...forms).chain((form) => {
    const parts = form.split(/\{(\w+)\}/);
    const drawn = parts.map((part, index) =>
      index % 2 === 0 ? fc.constant(part) : expression(typeOf(part), depth - 1).map((inner) => `(${inner})`),
    );
    return fc.tuple(...drawn).map((texts) => texts.join(''));
  });
}

function typeOf(name: string): Type {
  const found = TYPES.find((type) => type === name);
  if (found === undefined) throw new Error(`There is no type ${name}.`);
  return found;
}
