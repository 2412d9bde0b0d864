import { visit } from 'jsonc-parser';

/** A value of JSON. An integer that a double cannot hold exactly is a bigint. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** What stands before a number, and digits enough that it may lie beyond 2^53. */
const LONG_DIGITS = /(?:^|[:,[\s-])\d{16}/;

/** Parses JSON without losing a digit of any integer. @throws SyntaxError */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  return LONG_DIGITS.test(text) ? parseLongNumbers(text) : value;
}

/** The shortest JSON of a value; bigints are written as plain integers. @throws RangeError for NaN and infinities */
export function formatJson(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new RangeError(`${value} cannot stand in JSON.`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(formatJson).join(',')}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${formatJson(member)}`,
  );
  return `{${members.join(',')}}`;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Parses text that is known to be JSON. */
function parseLongNumbers(text: string): Json {
  const open: (Json[] | Record<string, Json>)[] = [];
  let name = '';
  const names: string[] = [];
  let result: Json = null;
  const put = (value: Json): void => {
    const parent = open.at(-1);
    if (parent === undefined) result = value;
    else if (Array.isArray(parent)) parent.push(value);
    else Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
  };
  const begin = (value: Json[] | Record<string, Json>): void => {
    put(value);
    open.push(value);
    names.push(name);
  };
  const end = (): void => {
    open.pop();
    name = names.pop() ?? '';
  };
  visit(text, {
    onObjectBegin: () => begin({}),
    onArrayBegin: () => begin([]),
    onObjectEnd: end,
    onArrayEnd: end,
    onObjectProperty: (property) => {
      name = property;
    },
    onLiteralValue: (value: Json, offset, length) => {
      put(typeof value === 'number' ? exactNumber(text.slice(offset, offset + length), value) : value);
    },
  });
  return result;
}

function exactNumber(digits: string, value: number): number | bigint {
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(digits) ? value : BigInt(digits);
}
