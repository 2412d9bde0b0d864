import type { ColumnType } from '../core/schema.ts';

/** What `types` of a table may name; other spellings of the same are accepted and become these. */
export const TYPE_NAMES = 'boolean, bigint, double, decimal(p,s), date, timestamp, timestamptz or text';

const ALIASES: Readonly<Record<string, ColumnType>> = {
  boolean: 'boolean',
  bool: 'boolean',
  bigint: 'bigint',
  integer: 'bigint',
  int: 'bigint',
  long: 'bigint',
  int64: 'bigint',
  double: 'double',
  float: 'double',
  real: 'double',
  date: 'date',
  timestamp: 'timestamp',
  datetime: 'timestamp',
  timestamptz: 'timestamptz',
  text: 'text',
  string: 'text',
  varchar: 'text',
};

const DECIMAL = /^(?:decimal|numeric)\s*\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)$/;

/** The one spelling of a type that a user wrote (`Integer` → `bigint`), or undefined where it is none. */
export function canonicalTypeName(written: string): ColumnType | undefined {
  const text = written.trim().toLowerCase();
  const decimal = DECIMAL.exec(text);
  if (decimal === null) return Object.hasOwn(ALIASES, text) ? ALIASES[text] : undefined;
  const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
  const fits = precision >= 1 && precision <= 38 && scale <= precision;
  return fits ? `decimal(${precision},${scale})` : undefined;
}
