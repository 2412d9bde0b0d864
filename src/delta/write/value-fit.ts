import { decimalType, type DeltaType } from '../schema/schema.ts';

/** True where a value of JavaScript's, no null and no container, is one of a scalar type, without loss. */
export function fits(value: unknown, type: DeltaType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && !/\p{Cs}/u.test(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'byte':
    case 'short':
    case 'integer':
    case 'long':
      return isInteger(value, BITS[type]);
    case 'float':
      return typeof value === 'number' ? isNear(value) : isExact(value) || isNoNumber(value);
    case 'double':
      return typeof value === 'number' || isExact(value) || isNoNumber(value);
    case 'binary':
      return value instanceof Uint8Array;
    case 'date':
      return value instanceof Date
        ? isInstant(value) && value.getTime() % DAY_MS === 0
        : typeof value === 'string' && isDay(value);
    case 'timestamp':
      return value instanceof Date ? isInstant(value) : isTime(value, /(?:Z|[+-]\d\d:?\d\d)?/i);
    case 'timestamp_ntz':
      return isTime(value, /(?:)/);
    case 'variant':
    case 'void':
      return false;
    default: {
      const decimal = decimalType(type);
      return decimal !== undefined && isDecimal(value, decimal);
    }
  }
}

const DAY_MS = 86_400_000;
const BITS = { byte: 8, short: 16, integer: 32, long: 64 } as const;

/** An integer as a number, a bigint, or its digits. */
function isInteger(value: unknown, bits: number): boolean {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return false;
  if (typeof value === 'string' && !/^-?\d{1,19}$/.test(value)) return false;
  if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'string') return false;
  const integer = BigInt(value);
  return BigInt.asIntN(bits, integer) === integer;
}

/** That a number has a neighbour among floats: it neither vanishes nor becomes infinite. */
function isNear(value: number): boolean {
  const near = Math.fround(value);
  return (Number.isFinite(near) || !Number.isFinite(value)) && (near !== 0 || value === 0);
}

/** Of a bigint: that a double holds it. */
function isExact(value: unknown): boolean {
  return typeof value === 'bigint' && Number.isFinite(Number(value)) && BigInt(Number(value)) === value;
}

function isNoNumber(value: unknown): boolean {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity';
}

/** A number of so many digits, as a bigint, its digits, or a number, which is taken for its shortest digits. */
function isDecimal(value: unknown, { precision, scale }: { precision: number; scale: number }): boolean {
  const [, whole, fraction = ''] = /^-?(\d+)(?:\.(\d*))?$/.exec(decimalText(value) ?? '') ?? [];
  if (whole === undefined) return false;
  return fraction.replace(/0+$/, '').length <= scale && whole.replace(/^0+/, '').length <= precision - scale;
}

/** The digits of a number, without an exponent; undefined for what is none. */
export function decimalText(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  if (Number.isInteger(value)) return String(BigInt(value));
  const text = String(value);
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e-(\d+)$/.exec(text) ?? [];
  return exponent === undefined ? text : `${sign}0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`;
}

/** Years that Delta's other readers know. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function isInstant(value: Date): boolean {
  const ms = value.getTime();
  return ms >= FIRST_MS && ms <= LAST_MS;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // JavaScript takes the 31st of a shorter month for the next month's first.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A day, and a time with at most microseconds. */
function isTime(value: unknown, zone: RegExp): boolean {
  if (typeof value !== 'string') return false;
  const [, day] =
    new RegExp(
      String.raw`^(\d{4}-\d\d-\d\d)(?:[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?${zone.source})?$`,
      'i',
    ).exec(value) ?? [];
  return day !== undefined && isDay(day);
}
