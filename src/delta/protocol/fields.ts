import { corrupt } from './corrupt.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/**
 * Takes the fields of one JSON object apart, each checked for its type; a null counts as absent. What nobody took is
 * left in {@link rest}.
 *
 * Every method throws `DELTA_CORRUPT` that names the file, the object and the field.
 */
export class Fields {
  readonly #where: string;
  readonly #object: JsonObject;
  readonly #taken: string[] = [];

  constructor(value: Json, where: string) {
    if (!isJsonObject(value)) throw corrupt(where, `an object was expected, ${kindOf(value)} was found`);
    this.#where = where;
    this.#object = value;
  }

  text(name: string): string {
    return this.#required(name, this.optionalText(name));
  }

  optionalText(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrong(name, 'text', value);
  }

  boolean(name: string): boolean {
    return this.#required(name, this.optionalBoolean(name));
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#wrong(name, 'true or false', value);
  }

  /** An integer that a double holds exactly: sizes, counts, milliseconds, versions. */
  integer(name: string): number {
    return this.#required(name, this.optionalInteger(name));
  }

  optionalInteger(name: string): number | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw this.#wrong(name, 'an integer below 2^53', value);
  }

  /** Any integer of 64 bits. */
  long(name: string): bigint {
    return this.#required(name, this.optionalLong(name));
  }

  optionalLong(name: string): bigint | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const long = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof long === 'bigint' && BigInt.asIntN(64, long) === long) return long;
    throw this.#wrong(name, 'an integer of 64 bits', value);
  }

  optionalTexts(name: string): readonly string[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list of texts', value);
    return value.map((item: Json) => {
      if (typeof item === 'string') return item;
      throw this.#wrong(name, 'a list of texts', item);
    });
  }

  optionalTextMap(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#take(name);
    if (value === undefined || isMapOf(value, isText)) return value;
    throw this.#wrong(name, 'texts by name', value);
  }

  optionalNullableTextMap(name: string): Readonly<Record<string, string | null>> | undefined {
    const value = this.#take(name);
    if (value === undefined || isMapOf(value, isTextOrNull)) return value;
    throw this.#wrong(name, 'texts or nulls by name', value);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.text(name);
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw this.#wrong(name, `one of ${allowed.join(', ')}`, value);
    return found;
  }

  optionalObject(name: string): JsonObject | undefined {
    const value = this.#take(name);
    if (value === undefined || isJsonObject(value)) return value;
    throw this.#wrong(name, 'an object', value);
  }

  optionalFields(name: string): Fields | undefined {
    const value = this.#take(name);
    return value === undefined ? undefined : new Fields(value, `${this.#where}.${name}`);
  }

  /** The fields that nobody has taken, or undefined where there are none. */
  rest(): JsonObject | undefined {
    let left: Record<string, Json> | undefined;
    for (const name of Object.keys(this.#object)) {
      if (this.#taken.includes(name)) continue;
      left ??= {};
      Object.defineProperty(left, name, {
        value: this.#object[name],
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return left;
  }

  #take(name: string): Exclude<Json, null> | undefined {
    this.#taken.push(name);
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  #required<T>(name: string, value: T | undefined): T {
    if (value === undefined) throw corrupt(this.#where, `the field ${name} is missing`);
    return value;
  }

  #wrong(name: string, expected: string, found: Json): Error {
    return corrupt(this.#where, `the field ${name} should be ${expected}, and is ${kindOf(found)}`);
  }
}

function isMapOf<T extends Json>(
  value: Json,
  isItem: (item: Json) => item is T,
): value is Readonly<Record<string, T>> {
  return isJsonObject(value) && Object.values(value).every(isItem);
}

function isText(item: Json): item is string {
  return typeof item === 'string';
}

function isTextOrNull(item: Json): item is string | null {
  return item === null || typeof item === 'string';
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `the text ${JSON.stringify(value.slice(0, 60))}` : String(value);
}
