import type { PlainRow, PlainValue } from '../../engine/plain.ts';

/** A value that `JSON.stringify` writes as it is. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export type JsonRow = Readonly<Record<string, JsonValue>>;

export function jsonRow(row: PlainRow): JsonRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonValue(value)]));
}

/**
 * 64-bit integers become text, whatever their size; NaN and infinities `NaN`, `Infinity`, `-Infinity`; bytes Base64;
 * maps objects whose keys are text, or, of keys that are no scalars, JSON.
 */
export function jsonValue(value: PlainValue): JsonValue {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Map)
    return Object.fromEntries(
      [...value].map(([key, member]): [string, JsonValue] => [keyText(key), jsonValue(member)]),
    );
  if (isList(value)) return value.map(jsonValue);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonValue(member)]));
}

function keyText(key: PlainValue): string {
  const value = jsonValue(key);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether a value is one of a list. */
export function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
