import type { DuckDBValue } from '@duckdb/node-api';
import { duckdb } from './duckdb.ts';

/**
 * A value of a row without loss: 64-bit integers are bigints, decimals are text, dates `2024-01-31`, timestamps
 * `2024-01-31T00:00:00.123456`, instants the same with a `Z`; lists are arrays, structs objects, maps Maps; variants are what they hold.
 */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PlainValue[]
  | ReadonlyMap<PlainValue, PlainValue>
  | { readonly [name: string]: PlainValue };

export type PlainRow = Readonly<Record<string, PlainValue>>;

export function plainValue(value: DuckDBValue): PlainValue {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof duckdb.DuckDBTimestampValue) return isoTimestamp(value.micros);
  if (value instanceof duckdb.DuckDBTimestampTZValue) return `${isoTimestamp(value.micros)}Z`;
  if (value instanceof duckdb.DuckDBBlobValue) return Uint8Array.from(value.bytes);
  if (value instanceof duckdb.DuckDBListValue) return value.items.map(plainValue);
  if (value instanceof duckdb.DuckDBStructValue) {
    return Object.fromEntries(
      Object.entries(value.entries).map(([name, member]) => [name, plainValue(member)]),
    );
  }
  if (value instanceof duckdb.DuckDBMapValue) {
    return new Map(value.entries.map(({ key, value: member }) => [plainValue(key), plainValue(member)]));
  }
  if (value instanceof duckdb.DuckDBVariantValue) return plainValue(value.value);
  if (value instanceof duckdb.DuckDBDateValue || value instanceof duckdb.DuckDBDecimalValue)
    return value.toString();
  return String(value);
}

const MICROS_PER_SECOND = 1_000_000n;

function isoTimestamp(micros: bigint): string {
  const fraction = ((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND;
  const ms = Number((micros - fraction) / 1000n);
  // Beyond the range of JavaScript's dates, DuckDB's own spelling.
  if (Math.abs(ms) > 8.64e15) return new duckdb.DuckDBTimestampValue(micros).toString().replace(' ', 'T');
  const seconds = new Date(ms).toISOString().slice(0, -'.000Z'.length);
  return fraction === 0n ? seconds : `${seconds}.${String(fraction).padStart(6, '0')}`;
}
