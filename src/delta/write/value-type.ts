import { isPlainObject, shownKind } from '../../core/kinds.ts';
import { sameName } from '../../core/schema.ts';
import { type DeltaType, findField, mapLeaves, type StructField } from '../schema/schema.ts';
import { digitsOf, isWithin, nameOf, refused } from './row-source.ts';
import { fits } from './value-fit.ts';

/** Integers of 64 bits that a double does not hold; among other integers they count as what they are, `long`. */
const LARGE: DeltaType = 'decimal(19,0)';

/**
 * The type of a value of JavaScript's: the column's own where that holds it, else the natural one: whole numbers and
 * bigints are `long`, or `decimal` beyond 64 bits, other numbers `double`, Dates `timestamp`, byte arrays `binary`,
 * arrays lists, Maps maps, plain objects structs. Undefined for what holds nothing but nulls.
 *
 * @param known The column's type, where there is one; structs may have members beside those that it names.
 * @throws IgarapeError DELTA_QUERY for a value that is none of a table's
 */
export function valueType(value: unknown, known: DeltaType | undefined, path: string): DeltaType | undefined {
  if (value === null || value === undefined || known === 'variant') return known;
  const inner = known === undefined || typeof known === 'string' ? undefined : known;
  if (typeof known === 'string' && fits(value, known)) return known;
  if (isList(value)) {
    const element = inner?.type === 'array' ? inner.elementType : undefined;
    const elementType = typesOf(value, element, `${path}.element`);
    return { type: 'array', elementType: elementType ?? 'void', containsNull: true };
  }
  if (value instanceof Map || (inner?.type === 'map' && isPlainObject(value))) {
    const entries = value instanceof Map ? value : new Map(Object.entries(value));
    const given = inner?.type === 'map' ? inner : undefined;
    return {
      type: 'map',
      keyType: typesOf(entries.keys(), given?.keyType, `${path}.key`) ?? 'void',
      valueType: typesOf(entries.values(), given?.valueType, `${path}.value`) ?? 'void',
      valueContainsNull: true,
    };
  }
  if (isPlainObject(value)) return structType(value, inner?.type === 'struct' ? inner.fields : [], path);
  return scalarType(value, path);
}

/** The type that holds the values of both; undefined is that of nulls. @throws IgarapeError DELTA_QUERY where none does */
export function commonType(
  left: DeltaType | undefined,
  right: DeltaType | undefined,
  path: string,
): DeltaType | undefined {
  if (left === undefined || left === right || right === 'void') return right === 'void' ? left : right;
  if (right === undefined || left === 'void') return left === 'void' ? right : left;
  if (typeof left === 'string' || typeof right === 'string') return commonScalar(left, right, path);
  if (left.type === 'struct' && right.type === 'struct') {
    const fields = left.fields.map((field): StructField => {
      const other = findField(right, field.name);
      const type = commonType(field.type, other?.type, `${path}.${field.name}`);
      return type === field.type || type === undefined ? field : { ...field, type };
    });
    const added = right.fields.filter(({ name }) => findField(left, name) === undefined);
    const isSame = added.length === 0 && fields.every((field, index) => field === left.fields[index]);
    return isSame ? left : { ...left, fields: [...fields, ...added] };
  }
  if (left.type === 'array' && right.type === 'array') {
    const elementType = commonType(left.elementType, right.elementType, `${path}.element`) ?? 'void';
    return elementType === left.elementType ? left : { ...left, elementType };
  }
  if (left.type === 'map' && right.type === 'map') {
    const keyType = commonType(left.keyType, right.keyType, `${path}.key`) ?? 'void';
    const value = commonType(left.valueType, right.valueType, `${path}.value`) ?? 'void';
    return keyType === left.keyType && value === left.valueType
      ? left
      : { ...left, keyType, valueType: value };
  }
  throw unlike(left, right, path);
}

/** A type that was told from values, as a table has it; what holds nothing but nulls is text. */
export function settledType(type: DeltaType | undefined): DeltaType {
  return mapLeaves(type ?? 'void', (leaf) => (leaf === 'void' ? 'string' : leaf === LARGE ? 'long' : leaf));
}

/** True for arrays, and for arrays of numbers other than bytes. */
export function isList(value: unknown): value is Iterable<unknown> {
  return (
    Array.isArray(value) ||
    (ArrayBuffer.isView(value) && Symbol.iterator in value && !(value instanceof Uint8Array))
  );
}

function typesOf(
  values: Iterable<unknown>,
  known: DeltaType | undefined,
  path: string,
): DeltaType | undefined {
  let type = known;
  for (const value of values) type = commonType(type, valueType(value, known, path), path);
  return type;
}

function structType(
  value: Readonly<Record<string, unknown>>,
  known: readonly StructField[],
  path: string,
): DeltaType {
  const names = Object.keys(value);
  const twice = names.find((name, index) => names.some((other, at) => at < index && sameName(name, other)));
  if (twice !== undefined) throw refused(`the column ${path} holds an object with two members ${twice}`);
  const valueOf = (name: string): unknown => {
    const own = names.find((one) => sameName(one, name));
    return own === undefined ? undefined : value[own];
  };
  const fields = known.map((field): StructField => {
    const type = valueType(valueOf(field.name), field.type, `${path}.${field.name}`) ?? field.type;
    return type === field.type ? field : { ...field, type };
  });
  const added = names
    .filter((name) => findField({ type: 'struct', fields: known }, name) === undefined)
    .map((name): StructField => ({
      name,
      type: valueType(value[name], undefined, `${path}.${name}`) ?? 'void',
      nullable: true,
      metadata: {},
    }));
  if (fields.length + added.length === 0) throw refused(`the column ${path} holds an object without members`);
  return { type: 'struct', fields: [...fields, ...added] };
}

function scalarType(value: unknown, path: string): DeltaType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'long' : 'double';
  if (typeof value === 'bigint') {
    if (fits(value, 'long')) return Number.isSafeInteger(Number(value)) ? 'long' : LARGE;
    if (fits(value, 'decimal(38,0)')) return 'decimal(38,0)';
    throw refused(`the column ${path} holds ${value}, which has more than 38 digits`);
  }
  if (typeof value === 'string') {
    if (fits(value, 'string')) return 'string';
    throw refused(`the column ${path} holds a text that is not Unicode: half of a pair of surrogates`);
  }
  if (value instanceof Date && fits(value, 'timestamp')) return 'timestamp';
  if (value instanceof Uint8Array) return 'binary';
  throw refused(`the column ${path} holds ${shownKind(value)}, which is no value of a table's`);
}

function commonScalar(left: DeltaType, right: DeltaType, path: string): DeltaType {
  if (isWithin(right, left)) return left;
  if (isWithin(left, right)) return right;
  if ((left === 'long' && right === 'double') || (left === 'double' && right === 'long')) return 'double';
  const [first, second] = [digitsOf(left), digitsOf(right)];
  if (first === undefined || second === undefined) throw unlike(left, right, path);
  const scale = Math.max(first.scale, second.scale);
  const precision = Math.max(first.precision - first.scale, second.precision - second.scale) + scale;
  if (precision > 38) throw unlike(left, right, path);
  return `decimal(${precision},${scale})`;
}

function unlike(left: DeltaType, right: DeltaType, path: string): Error {
  return refused(`the column ${path} holds both ${nameOf(left)} and ${nameOf(right)}`);
}
