import { IgarapeError } from '../../core/errors.ts';
import type { Told } from '../../core/language/sentence.ts';
import { corrupt, messageOf, unsupported } from '../protocol/corrupt.ts';
import { formatJson, isJsonObject, type Json, type JsonObject, parseJson } from '../protocol/json.ts';

/** A type of a column, as the table's schema spells it. */
export type DeltaType = PrimitiveType | StructType | ArrayType | MapType;

export type PrimitiveType = (typeof PRIMITIVES)[number] | `decimal(${number},${number})`;

export interface StructType {
  readonly type: 'struct';
  readonly fields: readonly StructField[];
}

export interface StructField {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
  /** Column mapping, invariants, comments: kept as they are, known or not. */
  readonly metadata: JsonObject;
}

export interface ArrayType {
  readonly type: 'array';
  readonly elementType: DeltaType;
  readonly containsNull: boolean;
}

export interface MapType {
  readonly type: 'map';
  readonly keyType: DeltaType;
  readonly valueType: DeltaType;
  readonly valueContainsNull: boolean;
}

const PRIMITIVES = [
  'string',
  'long',
  'integer',
  'short',
  'byte',
  'float',
  'double',
  'boolean',
  'binary',
  'date',
  'timestamp',
  'timestamp_ntz',
  'variant',
  'void',
] as const;

/**
 * A table's schema from its `schemaString`.
 *
 * @throws IgarapeError DELTA_CORRUPT where it is none; DELTA_UNSUPPORTED for a type that cannot be read here.
 */
export function parseSchema(schemaString: string): StructType {
  if (schemaString === '') throw corrupt('The schema', 'it is missing');
  let value: Json;
  try {
    value = parseJson(schemaString);
  } catch (cause) {
    throw corrupt('The schema', `it is not JSON (${messageOf(cause)})`, cause);
  }
  const type = parseType(value, []);
  if (typeof type === 'string' || type.type !== 'struct') throw corrupt('The schema', 'it is not a struct');
  return type;
}

export function formatSchema(schema: StructType): string {
  return formatJson(typeJson(schema));
}

/** The parts of a decimal type, or undefined for every other. */
export function decimalType(type: DeltaType): { precision: number; scale: number } | undefined {
  const match = typeof type === 'string' ? /^decimal\((\d+),(-?\d+)\)$/.exec(type) : null;
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) };
}

/** A column by its name, in any case, as Delta looks names up. */
export function findField(schema: StructType, name: string): StructField | undefined {
  const wanted = name.toLowerCase();
  return schema.fields.find((field) => field.name.toLowerCase() === wanted);
}

/** True where a type is another, or holds one of it at any depth. */
export function holds(type: DeltaType, wanted: PrimitiveType): boolean {
  if (typeof type === 'string') return type === wanted;
  switch (type.type) {
    case 'struct':
      return type.fields.some((field) => holds(field.type, wanted));
    case 'array':
      return holds(type.elementType, wanted);
    case 'map':
      return holds(type.keyType, wanted) || holds(type.valueType, wanted);
    default:
      return type satisfies never;
  }
}

/** The fields of a type at every depth, the outer ones first. */
export function allFields(type: DeltaType): StructField[] {
  if (typeof type === 'string') return [];
  switch (type.type) {
    case 'struct':
      return type.fields.flatMap((field) => [field, ...allFields(field.type)]);
    case 'array':
      return allFields(type.elementType);
    case 'map':
      return [...allFields(type.keyType), ...allFields(type.valueType)];
    default:
      return type satisfies never;
  }
}

/** A type as a schema spells it. @throws IgarapeError DELTA_CORRUPT, DELTA_UNSUPPORTED */
export function parseType(value: Json | undefined, path: readonly string[]): DeltaType {
  if (typeof value === 'string') return parsePrimitive(value, path);
  if (!isJsonObject(value)) throw wrong(path, 'has no type');
  const kind = value['type'];
  if (kind === 'struct') return { type: 'struct', fields: parseFields(value['fields'], path) };
  if (kind === 'array') {
    return {
      type: 'array',
      elementType: parseType(value['elementType'], [...path, 'element']),
      containsNull: value['containsNull'] !== false,
    };
  }
  if (kind === 'map') {
    return {
      type: 'map',
      keyType: parseType(value['keyType'], [...path, 'key']),
      valueType: parseType(value['valueType'], [...path, 'value']),
      valueContainsNull: value['valueContainsNull'] !== false,
    };
  }
  throw unknownType(path, formatJson(kind ?? null));
}

function parseFields(value: Json | undefined, path: readonly string[]): readonly StructField[] {
  if (!Array.isArray(value)) throw wrong(path, 'is a struct without fields');
  const seen = new Set<string>();
  return value.map((item: Json) => {
    if (!isJsonObject(item) || typeof item['name'] !== 'string')
      throw wrong(path, 'has a field without a name');
    const name = item['name'];
    if (name === '') throw wrong(path, 'has a field without a name');
    if (isUnspeakable(name)) throw unspeakable(path, name);
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw wrong([...path, name], 'stands twice in the schema');
    seen.add(folded);
    const metadata = item['metadata'];
    return {
      name,
      type: parseType(item['type'], [...path, name]),
      nullable: item['nullable'] !== false,
      metadata: isJsonObject(metadata) ? metadata : {},
    };
  });
}

/** True for a name that no SQL can hold: NUL ends it, and half of a pair of surrogates is no character. */
export function isUnspeakable(name: string): boolean {
  return /[\0\p{Surrogate}]/u.test(name);
}

function unspeakable(path: readonly string[], name: string): Error {
  const of = [...path, JSON.stringify(name)].join('.');
  return unsupported('The schema', `the column ${of} has a name with NUL or half of a pair of surrogates`);
}

/**
 * A schema that a program gives, which no compiler may have told what one is.
 *
 * @throws IgarapeError DELTA_QUERY where it is none; DELTA_UNSUPPORTED
 */
export function givenSchema(schema: StructType): StructType {
  try {
    return parseSchema(formatSchema(schema));
  } catch (cause) {
    if (cause instanceof IgarapeError && cause.code !== 'DELTA_CORRUPT') throw cause;
    const { message } = cause instanceof IgarapeError ? cause : corrupt('The schema', 'it is not a struct');
    throw new IgarapeError('DELTA_QUERY', { quoted: message }, { hint: 'Nothing was written.', cause });
  }
}

function parsePrimitive(text: string, path: readonly string[]): PrimitiveType {
  const primitive = PRIMITIVES.find((name) => name === text);
  if (primitive !== undefined) return primitive;
  if (text === 'decimal') return 'decimal(10,0)';
  const match = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(text);
  if (match === null) throw unknownType(path, text);
  const [precision, scale] = [Number(match[1]), Number(match[2])];
  if (precision < 1 || precision > 38 || scale > precision)
    throw wrong(path, `has the impossible type ${text}`);
  return `decimal(${precision},${scale})`;
}

/** The same type with every scalar in it, the type itself or one at any depth, made into another. */
export function mapLeaves(type: DeltaType, leaf: (scalar: DeltaType & string) => DeltaType): DeltaType {
  if (typeof type === 'string') return leaf(type);
  const inside = (inner: DeltaType): DeltaType => mapLeaves(inner, leaf);
  switch (type.type) {
    case 'struct':
      return { ...type, fields: type.fields.map((field) => ({ ...field, type: inside(field.type) })) };
    case 'array':
      return { ...type, elementType: inside(type.elementType) };
    case 'map':
      return { ...type, keyType: inside(type.keyType), valueType: inside(type.valueType) };
    default:
      return type satisfies never;
  }
}

function typeJson(type: DeltaType): Json {
  if (typeof type === 'string') return type;
  switch (type.type) {
    case 'struct':
      return {
        type: 'struct',
        fields: type.fields.map((field) => ({ ...field, type: typeJson(field.type) })),
      };
    case 'array':
      return { ...type, elementType: typeJson(type.elementType) };
    case 'map':
      return { ...type, keyType: typeJson(type.keyType), valueType: typeJson(type.valueType) };
    default:
      return type satisfies never;
  }
}

function wrong(path: readonly string[], reason: Told): Error {
  const of = path.length === 0 ? 'it' : `the column ${path.join('.')}`;
  return corrupt('The schema', { quoted: `${of} ${reason}` });
}

function unknownType(path: readonly string[], type: string): Error {
  return unsupported('The schema', `the column ${path.join('.')} has the type ${type}, which cannot be read`);
}
