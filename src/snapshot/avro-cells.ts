import type { Told } from '../core/language/sentence.ts';
import type { Type, types } from 'avsc';
import { type ColumnType, isColumnType } from '../core/schema.ts';

/** How the values of an Avro type become cells of a column, and JSON where they stand in a nested value. */
export interface AvroValues {
  /** What the schema says of the column; undefined where the values tell. */
  readonly typed?: {
    readonly type: ColumnType;
    /** SQL: the value from the text of its cell, without its kind. */
    readonly sql: (text: string) => string;
  };
  /** Of a value that is not null, as a cell file has it. */
  readonly cell: (value: unknown) => string;
  readonly json: (value: unknown) => string;
}

/** A logical type as the schema names it; its values stay those of the type under it. */
export interface AvroLogical {
  readonly name: string;
  readonly precision: number;
  readonly scale: number;
}

/** A value that no column can hold exactly; the message is the second half of "the column v …". */
export class AvroRefused extends Error {
  override readonly name = 'AvroRefused';
  override readonly message: Told;

  constructor(message: Told) {
    super(message);
    this.message = message;
  }
}

/** The library's classes of types, and what the schema says of a type beside how it is stored. */
export interface AvroSchemaTypes {
  readonly types: typeof types;
  readonly logicalOf: (type: Type) => AvroLogical | undefined;
  /** Records that are being looked into: one may hold others of its own type. */
  readonly records?: ReadonlyMap<Type, AvroValues>;
}

/** @throws AvroRefused a type whose values cannot be held exactly. */
export function avroValues(type: Type, schema: AvroSchemaTypes): AvroValues {
  const { types: kinds, logicalOf, records } = schema;
  const known = records?.get(type);
  if (known !== undefined) return known;
  const of = (inner: Type): AvroValues => avroValues(inner, schema);
  const logical = logicalOf(type);
  const fixedBytes = type instanceof kinds.FixedType ? type.size : undefined;
  const isBytes = fixedBytes !== undefined || type instanceof kinds.BytesType;
  if (logical !== undefined && isBytes) {
    if (logical.name === 'decimal') return decimalValues(logical);
    if (logical.name === 'uuid' && fixedBytes === 16) return text(uuidText);
  }
  const isInteger = type instanceof kinds.IntType || type instanceof kinds.LongType;
  const instants = logical !== undefined && isInteger ? instantValues(logical.name) : undefined;
  if (instants !== undefined) return instants;
  if (isInteger) return scalar('bigint', String, (cell) => `CAST(${cell} AS BIGINT)`);
  if (isBytes) return text((value) => bytesOf(value).toString('base64'));
  if (type instanceof kinds.BooleanType)
    return scalar('boolean', String, (cell) => `CAST(${cell} AS BOOLEAN)`);
  if (type instanceof kinds.FloatType || type instanceof kinds.DoubleType)
    return { ...scalar('double', doubleText, (cell) => `CAST(${cell} AS DOUBLE)`), json: doubleJson };
  if (type instanceof kinds.NullType) return { cell: String, json: String };
  if (type instanceof kinds.ArrayType) {
    const { json } = of(type.itemsType);
    return nested(
      (value) =>
        `[${itemsOf(value)
          .map((item) => jsonOf(item, json))
          .join()}]`,
    );
  }
  if (type instanceof kinds.MapType) {
    const { json } = of(type.valuesType);
    return nested((value) => objectJson(membersOf(value), () => json));
  }
  if (type instanceof kinds.RecordType) {
    const fields = new Map<string, AvroValues>();
    const values = nested((value) =>
      objectJson(membersOf(value), (name) => fields.get(name)?.json ?? String),
    );
    const inside = { ...schema, records: new Map(records).set(type, values) };
    for (const field of type.fields) fields.set(field.name, avroValues(field.type, inside));
    return values;
  }
  if (type instanceof kinds.WrappedUnionType) return unionValues(type.types, of);
  return text(String);
}

/** A type that may be null is that type; a union of several is JSON. */
function unionValues(branches: readonly Type[], of: (branch: Type) => AvroValues): AvroValues {
  const filled = branches
    .filter(({ typeName }) => typeName !== 'null')
    .map((branch) => [branch.branchName, of(branch)] as const);
  const [only, ...others] = filled;
  if (only !== undefined && others.length === 0) {
    const [, values] = only;
    return {
      ...values,
      cell: (value) => values.cell(unwrapped(value)),
      json: (value) => values.json(unwrapped(value)),
    };
  }
  const jsonFor = new Map<string | undefined, TextOf>(filled.map(([name, { json }]) => [name, json]));
  return nested((value) => (jsonFor.get(membersOf(value)[0]?.[0]) ?? String)(unwrapped(value)));
}

/** Of the longest decimal that the engine has. */
const MOST_DIGITS = 38;

function decimalValues({ precision, scale }: AvroLogical): AvroValues {
  const type = `decimal(${precision},${scale})`;
  if (precision > MOST_DIGITS || !isColumnType(type))
    throw new AvroRefused(`has decimals of ${precision} digits`);
  return scalar(
    type,
    (value) => {
      const digits = decimalText(bytesOf(value), scale);
      if (digits.replace(/^-?0*/, '').replace('.', '').length > precision)
        throw new AvroRefused(`has decimals of ${precision} digits, and one is ${digits}`);
      return digits;
    },
    (cell) => `CAST(${cell} AS ${type})`,
  );
}

/** Of integers that are dates and times. */
function instantValues(name: string): AvroValues | undefined {
  if (name === 'date')
    return instant(
      'date',
      (value) => inCalendar(bigintOf(value), LAST_DAY, 'days'),
      (cell) => `(DATE '1970-01-01' + CAST(${cell} AS INTEGER))`,
      (value) => instantText(bigintOf(value) * DAY_NANOSECONDS).replace(/ .*/, ''),
    );
  const [, local, kind, unit] = /^(local-)?(time|timestamp)-(millis|micros|nanos)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  const nanoseconds = unit === 'millis' ? 1_000_000n : unit === 'micros' ? 1000n : 1n;
  if (kind === 'time') return text((value) => timeText(bigintOf(value) * nanoseconds));
  const shown = (value: unknown): string =>
    instantText(bigintOf(value) * nanoseconds) + (local === undefined ? '+00' : '');
  // Whether there are digits below a microsecond, only the values tell.
  if (unit === 'nanos') return untyped(shown);
  const micros = (value: unknown): string =>
    inCalendar((bigintOf(value) * nanoseconds) / 1000n, LAST_MICROSECOND, 'microseconds');
  return local === undefined
    ? instant('timestamptz', micros, (cell) => `make_timestamptz(CAST(${cell} AS BIGINT))`, shown)
    : instant('timestamp', micros, (cell) => `make_timestamp(CAST(${cell} AS BIGINT))`, shown);
}

type TextOf = (value: unknown) => string;
type SqlOf = (text: string) => string;

function scalar(type: ColumnType, textOf: TextOf, sql: SqlOf): AvroValues {
  return { typed: { type, sql }, cell: (value) => `n${textOf(value)}`, json: textOf };
}

function instant(type: ColumnType, textOf: TextOf, sql: SqlOf, shown: TextOf): AvroValues {
  return { ...scalar(type, textOf, sql), json: (value) => JSON.stringify(shown(value)) };
}

function text(textOf: TextOf): AvroValues {
  return { ...untyped(textOf), typed: { type: 'text', sql: (cell) => cell } };
}

/** A text whose type the values tell. */
function untyped(textOf: TextOf): AvroValues {
  return { cell: (value) => `s${textOf(value)}`, json: (value) => JSON.stringify(textOf(value)) };
}

function nested(json: TextOf): AvroValues {
  return { ...text(json), json };
}

function jsonOf(value: unknown, json: TextOf): string {
  return value === null ? 'null' : json(value);
}

/** Members by name: their order is no change. */
function objectJson(
  members: readonly (readonly [string, unknown])[],
  jsonFor: (name: string) => TextOf,
): string {
  return `{${members
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${jsonOf(value, jsonFor(name))}`)
    .join()}}`;
}

function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What a union holds: its branch is the only member. */
function unwrapped(value: unknown): unknown {
  return membersOf(value)[0]?.[1];
}

function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function bigintOf(value: unknown): bigint {
  return typeof value === 'bigint' ? value : BigInt(Number(value));
}

function doubleText(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Numbers that are none are texts, as JSON does not have them. */
function doubleJson(value: unknown): string {
  return Number.isFinite(value) ? doubleText(value) : JSON.stringify(String(value));
}

/** A signed number, the highest byte first, with so many digits after the point. */
function decimalText(bytes: Buffer, scale: number): string {
  const unsigned = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
  const signed = BigInt.asIntN(bytes.length * 8, unsigned);
  const digits = String(signed < 0n ? -signed : signed).padStart(scale + 1, '0');
  const fraction = scale === 0 ? '' : `.${digits.slice(-scale)}`;
  return `${signed < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}${fraction}`;
}

function uuidText(value: unknown): string {
  return bytesOf(value)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const SECOND_NANOSECONDS = 1_000_000_000n;
const DAY_NANOSECONDS = 86_400n * SECOND_NANOSECONDS;

/** Counted from 1970, where the engine's calendar ends; it takes this one, and its opposite, for infinite. */
const LAST_DAY = 2n ** 31n - 1n;
const LAST_MICROSECOND = 2n ** 63n - 1n;

/** @throws AvroRefused a day or an instant that the engine has not. */
function inCalendar(value: bigint, last: bigint, unit: 'days' | 'microseconds'): string {
  const isThere = value > -last - 2n && value !== -last && value < last;
  if (!isThere) throw new AvroRefused(`has a time that no calendar has, ${value} ${unit} from 1970`);
  return String(value);
}

function timeText(nanoseconds: bigint): string {
  if (nanoseconds < 0n || nanoseconds >= DAY_NANOSECONDS)
    throw new AvroRefused(`has a time that no day has, ${nanoseconds} nanoseconds after its beginning`);
  return instantText(nanoseconds).slice(11);
}

/** `2024-01-31 12:00:00.5`, without zeros at its end. */
function instantText(nanoseconds: bigint): string {
  const rest = ((nanoseconds % SECOND_NANOSECONDS) + SECOND_NANOSECONDS) % SECOND_NANOSECONDS;
  const date = new Date(Number((nanoseconds - rest) / 1_000_000n));
  if (Number.isNaN(date.getTime()))
    throw new AvroRefused(`has a time that no calendar has, ${nanoseconds} nanoseconds from 1970`);
  const fraction = `.${String(rest).padStart(9, '0')}`.replace(/\.?0+$/, '');
  return date.toISOString().replace('T', ' ').slice(0, -5) + fraction;
}
