/** A column's type, as the lock and the configuration write it. */
export type ColumnType =
  | 'boolean'
  | 'bigint'
  | 'double'
  | `decimal(${number},${number})`
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'text';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** The source no longer has this column (approved): it is null from then on. */
  readonly dropped?: true;
  /** No row has had a value in it: its type is that of the first values that come. */
  readonly open?: true;
}

/** A table's recorded columns, in the order of its published files. Columns are only ever appended. */
export type Schema = readonly Column[];

const SIMPLE_TYPES = new Set(['boolean', 'bigint', 'double', 'date', 'timestamp', 'timestamptz', 'text']);

export function isColumnType(value: unknown): value is ColumnType {
  return typeof value === 'string' && (SIMPLE_TYPES.has(value) || /^decimal\(\d{1,2},\d{1,2}\)$/.test(value));
}

/** DuckDB's (and, but for the spelling, Parquet's) name of a type. */
export function sqlType(type: ColumnType): string {
  return type === 'text' ? 'VARCHAR' : type.toUpperCase();
}

/** A type as the engine describes a column of it. */
export function describedType(type: ColumnType): string {
  return type === 'timestamptz' ? 'TIMESTAMP WITH TIME ZONE' : sqlType(type);
}

/** True of the engine's names of numbers' types. */
export function isNumberType(described: string): boolean {
  return /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(described);
}

export function decimalParts(type: ColumnType): { precision: number; scale: number } | undefined {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type);
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) };
}

const BIGINT_DIGITS = 19;

/** The decimal type that holds every value of both, or undefined where 38 digits do not suffice. */
function widerDecimal(left: ColumnType, right: ColumnType): ColumnType | undefined {
  const parts = [left, right].map((type) =>
    type === 'bigint' ? { precision: BIGINT_DIGITS, scale: 0 } : decimalParts(type),
  );
  let integerDigits = 0;
  let scale = 0;
  for (const part of parts) {
    if (part === undefined) return undefined;
    integerDigits = Math.max(integerDigits, part.precision - part.scale);
    scale = Math.max(scale, part.scale);
  }
  return integerDigits + scale > 38 ? undefined : `decimal(${integerDigits + scale},${scale})`;
}

/**
 * The type that a column recorded as `recorded` has from now on when its values are now found to be `found`, or
 * undefined where no type keeps the meaning of both, so that a person has to approve the change. Integer widens to
 * double or decimal, decimal to a longer decimal, date to timestamp; a column of text takes anything.
 *
 * Whether the recorded values survive an integer's widening to double is for the caller to see (2^53).
 */
export function widen(recorded: ColumnType, found: ColumnType): ColumnType | undefined {
  if (recorded === found || recorded === 'text') return recorded;
  if (found === 'bigint' && recorded === 'double') return recorded;
  if (found === 'date' && recorded === 'timestamp') return recorded;
  if (recorded === 'bigint' && found === 'double') return found;
  if (recorded === 'date' && found === 'timestamp') return found;
  return widerDecimal(recorded, found);
}

/** True where each value of a type has a form of its own in another. */
export function keepsApart(from: ColumnType, to: ColumnType): boolean {
  return to === 'text' || (to !== 'double' && widen(from, to) === to);
}

/** Names that differ only in case are one name to DuckDB, Spark and Athena. */
export function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** True where lists have the same names in the same order. */
export function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, index) => sameName(name, right[index] ?? ''));
}

/** Finds the first of the named things that has a name, as {@link sameName} compares names. */
export function byName<T extends { readonly name: string }>(
  things: readonly T[],
): (name: string) => T | undefined {
  const found = new Map(things.toReversed().map((thing) => [thing.name.toLowerCase(), thing]));
  return (name) => found.get(name.toLowerCase());
}
