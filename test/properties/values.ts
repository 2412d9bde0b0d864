import * as fc from 'fast-check';
import type { ColumnType } from '../../src/core/schema.ts';

/**
 * A value in a form that is equal only where the value is, by type: an integer's digits, a double as JavaScript prints
 * it, a decimal with all of its fraction, a timestamp as microseconds since 1970, a text as it is.
 */
export type Cell = string | null;

/** Timestamps with a zone are for the unit tests. */
export type ModelType = Exclude<ColumnType, 'timestamptz'>;

export const BIG_DECIMAL = 'decimal(19,2)';
export const WIDENED_DECIMAL = 'decimal(21,2)';

/** A value that makes a column of its own type and of no narrower one, whatever else it holds. */
export function witness(type: ModelType): string {
  switch (type) {
    case 'bigint':
      return '7';
    case 'double':
      return '0.5';
    case 'boolean':
      return 'true';
    case 'date':
      return '2024-02-29';
    case 'timestamp':
      return String(micros('2024-02-29 13:14:15.123456'));
    case 'text':
      return 'x1';
    default:
      return `${'9'.repeat(integerDigits(type))}.${'9'.repeat(scaleOf(type))}`;
  }
}

/** Values of a type, nulls not among them. `text` makes a text fit for the file. */
export function cellArb(type: ModelType, text: (raw: string) => string): fc.Arbitrary<string> {
  switch (type) {
    case 'bigint':
      return fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: -20, max: 20 }).map(String) },
        fc.maxSafeInteger().map(String),
      );
    case 'double':
      return doubles();
    case 'boolean':
      return fc.constantFrom('true', 'false');
    case 'date':
      return days().map((day) => isoDay(day));
    case 'timestamp':
      return timestamps();
    case 'text':
      return texts().map(text);
    default:
      return fc
        .tuple(
          fc.bigInt({ min: -99_999_999_999_999_999n, max: 99_999_999_999_999_999n }),
          fc.nat({ max: 99 }),
        )
        .map(([whole, cents]) => (whole === 0n ? `0.${two(cents)}` : `${whole}.${two(cents)}`));
  }
}

/** Integers that only 64 bits hold. */
export function hugeIntegers(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('9223372036854775807', '-9223372036854775808', '9007199254740993', '-9007199254740993'),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  );
}

function doubles(): fc.Arbitrary<string> {
  const plain = fc
    .tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 6 }))
    .map(([digits, scale]) => canonicalDouble(digits / 10 ** scale));
  const long = fc
    .double({ min: 0.001, max: 1e6, noNaN: true })
    .map(canonicalDouble)
    .filter((text) => !text.includes('e'));
  const scientific = fc.constantFrom('1e-7', '2.5e+21', '-1.25e-9', '1e+300');
  return fc.oneof({ weight: 4, arbitrary: plain }, long, scientific);
}

function canonicalDouble(value: number): string {
  return String(value === 0 ? 0 : value);
}

function days(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 19_000, max: 19_005 }), fc.integer({ min: -40_000, max: 80_000 }));
}

function timestamps(): fc.Arbitrary<string> {
  return fc
    .tuple(days(), fc.constantFrom(0, 1, 3_600, 45_296, 86_399), fc.constantFrom(0, 500_000, 123_456, 1))
    .map(([day, second, fraction]) =>
      String((BigInt(day) * 86_400n + BigInt(second)) * 1_000_000n + BigInt(fraction)),
    );
}

const TRICKY = [
  '',
  ' ',
  'null',
  'NULL',
  'NA',
  'NaN',
  '007',
  '7',
  'true',
  '1.50',
  '1e5',
  '2024-02-29',
  'a;b',
  'a,b',
  'a\tb',
  'a|b',
  'line\nbreak',
  'cr\r\nlf',
  '"',
  '""',
  "'",
  "it's",
  'say "hi"',
  '\\',
  '\\"',
  '#no comment',
  ' lead',
  'trail ',
  'ação',
  'ÿ',
  '€',
  '日本',
  '😀',
  'e\u0301',
  "'; DROP TABLE t; --",
  '{"a":1}',
  '[1]',
];

function texts(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...TRICKY) },
    { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e') },
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
    fc
      .array(fc.constantFrom(...'",;\n\r\t\'\\ a|'.split('')), { maxLength: 6 })
      .map((parts) => parts.join('')),
  );
}

/** The value in another type, as a column that widens or becomes text takes it. */
export function convert(cell: Cell, from: ModelType, to: ModelType): Cell {
  if (cell === null || from === to) return cell;
  if (to === 'text') return from === 'timestamp' ? timestampText(BigInt(cell)) : cell;
  if (from === 'bigint' && to === 'double') return canonicalDouble(Number(cell));
  if (from === 'bigint') return `${cell}.${'0'.repeat(scaleOf(to))}`;
  if (from === 'date' && to === 'timestamp') return String(micros(cell));
  throw new Error(`no way from ${from} to ${to}`);
}

/** The ways in which a file of text may write the value. */
export function forms(cell: string, type: ModelType): string[] {
  switch (type) {
    case 'double':
      if (cell.includes('e')) return [cell];
      return cell.includes('.') ? [cell, `${cell}0`] : [cell, `${cell}.0`];
    case 'boolean':
      return [cell, cell.toUpperCase(), `${cell.slice(0, 1).toUpperCase()}${cell.slice(1)}`];
    case 'timestamp': {
      const text = timestampText(BigInt(cell));
      const short = text.endsWith(' 00:00:00') ? [text.slice(0, 10)] : [];
      const noSeconds = text.endsWith(':00') ? [text.slice(0, -3)] : [];
      const longer = text.includes('.') ? [`${text}0`.slice(0, 26)] : [`${text}.000`];
      return [text, text.replace(' ', 'T'), ...longer, ...short, ...noSeconds];
    }
    case 'bigint':
    case 'date':
    case 'text':
      return [cell];
    default: {
      const trimmed = cell.replace(/\.?0+$/, '');
      return [cell, `${cell}0`, trimmed === '-0' ? '0' : trimmed];
    }
  }
}

/** SQL: a column of that type in the form of a {@link Cell}; a double stays one. */
export function cellSql(value: string, type: ModelType): string {
  if (type === 'double') return value;
  return type === 'timestamp' ? `CAST(epoch_us(${value}) AS VARCHAR)` : `CAST(${value} AS VARCHAR)`;
}

export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return canonicalDouble(value);
  if (typeof value !== 'string') throw new Error(`a ${typeof value} is no cell`);
  return value;
}

function timestampText(instant: bigint): string {
  const second = instant / 1_000_000n - (instant % 1_000_000n < 0n ? 1n : 0n);
  const fraction = instant - second * 1_000_000n;
  const iso = new Date(Number(second) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return fraction === 0n ? iso : `${iso}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;
}

function micros(text: string): bigint {
  const [date = '', time = '00:00:00'] = text.split(' ');
  const [clock = '', fraction = ''] = time.split('.');
  return BigInt(Date.parse(`${date}T${clock}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function isoDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

function two(cents: number): string {
  return String(cents).padStart(2, '0');
}

function digitsOf(type: ModelType): [number, number] {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type);
  if (match === null) throw new Error(`${type} is no decimal`);
  return [Number(match[1]), Number(match[2])];
}

function integerDigits(type: ModelType): number {
  const [precision, scale] = digitsOf(type);
  return precision - scale;
}

function scaleOf(type: ModelType): number {
  return digitsOf(type)[1];
}
