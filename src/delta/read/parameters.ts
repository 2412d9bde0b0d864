import { IgarapeError } from '../../core/errors.ts';
import { quoteText, textSql } from '../../engine/quote.ts';

/** A value for a place in SQL. */
export type ParameterValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly ParameterValue[];

/** Values for `$name`, or, in a list, for `$1`, `$2` … */
export type Parameters = Readonly<Record<string, ParameterValue>> | readonly ParameterValue[];

/** An option of whatever takes SQL. */
export interface WithParameters {
  /** Values for `$name`, or for `$1`, `$2` … of a list, in the SQL of the call. */
  readonly parameters?: Parameters;
}

/** Texts, names, comments and texts between dollars, in which nothing stands for a value; and the places. */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*|\$(\w+)/g;

/**
 * SQL with values in its places, each as a constant of its own: a text stays a text, whatever stands in it. Without
 * values, the SQL itself.
 *
 * @throws IgarapeError DELTA_QUERY for a place without a value
 */
export function bindParameters(sql: string, parameters: Parameters | undefined): string {
  if (parameters === undefined) return sql;
  const values = new Map<string, ParameterValue>(
    isList(parameters)
      ? parameters.map((value, index) => [String(index + 1), value])
      : Object.entries(parameters),
  );
  return sql.replaceAll(TOKEN, (token: string, _quote: string | undefined, name: string | undefined) => {
    if (name === undefined) return token;
    const value = values.get(name);
    if (value === undefined) throw noValue(sql, token);
    return parameterSql(value);
  });
}

function isList(value: Parameters | ParameterValue): value is readonly ParameterValue[] {
  return Array.isArray(value);
}

function parameterSql(value: ParameterValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return value.includes('\0') ? `(${textSql(value)})` : quoteText(value);
  if (typeof value === 'number') return numberSql(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Date) return `CAST(${quoteText(value.toISOString())} AS TIMESTAMP WITH TIME ZONE)`;
  if (value instanceof Uint8Array) return `unhex(${quoteText(Buffer.from(value).toString('hex'))})`;
  return `[${value.map(parameterSql).join(', ')}]`;
}

function numberSql(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  if (!Number.isFinite(value)) return `CAST(${quoteText(String(value))} AS DOUBLE)`;
  // With an exponent it is a double, and without one a decimal.
  const text = Object.is(value, -0) ? '-0.0' : String(value);
  return text.includes('e') ? text : `${text}e0`;
}

function noValue(sql: string, token: string): IgarapeError {
  return new IgarapeError('DELTA_QUERY', `${token} in ${sql} has no value among the parameters`, {
    hint: 'Nothing was done. Give { name: value } for $name, or [value] for $1.',
  });
}

/** Options with the parameters put into their condition. */
export function bindWhere<T extends { readonly where?: string }>({
  parameters,
  ...options
}: T & WithParameters): Omit<T & WithParameters, 'parameters'> {
  const { where } = options;
  return where === undefined ? options : { ...options, where: bindParameters(where, parameters) };
}
