import type * as Arrow from 'apache-arrow';
import type { DataType, Field } from 'apache-arrow';
import { IgarapeError } from '../../core/errors.ts';
import { messageOf, unsupported } from '../protocol/corrupt.ts';
import { decimalType, type DeltaType, type StructField, type StructType } from './schema.ts';

/** The package that makes and reads Arrow's bytes. */
export type ArrowLibrary = typeof Arrow;

/**
 * The user's own `apache-arrow`: most programs do without it, and it is as large as all the rest of this one.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED where it is not installed
 */
export async function arrowLibrary(): Promise<ArrowLibrary> {
  try {
    return await import('apache-arrow');
  } catch (cause) {
    throw new IgarapeError('DELTA_UNSUPPORTED', `Arrow takes the package apache-arrow: ${messageOf(cause)}`, {
      hint: 'Install it beside igarape: npm install apache-arrow',
      cause,
    });
  }
}

/** A Delta type as Arrow's; a variant is JSON text. */
export function arrowType(arrow: ArrowLibrary, type: DeltaType): DataType {
  if (typeof type === 'string') return scalarArrowType(arrow, type);
  switch (type.type) {
    case 'struct':
      return new arrow.Struct(arrowFields(arrow, type));
    case 'array':
      return new arrow.List(new arrow.Field('element', arrowType(arrow, type.elementType), true));
    case 'map': {
      const entry = new arrow.Struct<{ key: DataType; value: DataType }>([
        new arrow.Field('key', arrowType(arrow, type.keyType), false),
        new arrow.Field('value', arrowType(arrow, type.valueType), true),
      ]);
      // oxlint-disable-next-line no-underscore-dangle -- Arrow's own name
      return new arrow.Map_(new arrow.Field('entries', entry, false));
    }
    default:
      return type satisfies never;
  }
}

export function arrowFields(arrow: ArrowLibrary, { fields }: StructType): Field[] {
  return fields.map(({ name, type }) => new arrow.Field(name, arrowType(arrow, type), true));
}

const MOST_DIGITS = 38;

function scalarArrowType(arrow: ArrowLibrary, type: DeltaType): DataType {
  const decimal = decimalType(type);
  if (decimal !== undefined) return new arrow.Decimal(decimal.scale, decimal.precision);
  const types: ReadonlyMap<DeltaType, () => DataType> = new Map<DeltaType, () => DataType>([
    ['boolean', () => new arrow.Bool()],
    ['byte', () => new arrow.Int8()],
    ['short', () => new arrow.Int16()],
    ['integer', () => new arrow.Int32()],
    ['void', () => new arrow.Int32()],
    ['long', () => new arrow.Int64()],
    ['float', () => new arrow.Float32()],
    ['double', () => new arrow.Float64()],
    ['binary', () => new arrow.Binary()],
    ['date', () => new arrow.DateDay()],
    ['timestamp', () => new arrow.TimestampMicrosecond('UTC')],
    ['timestamp_ntz', () => new arrow.TimestampMicrosecond()],
  ]);
  return types.get(type)?.() ?? new arrow.Utf8();
}

/** An Arrow type as Delta's, which holds all its values. @throws IgarapeError DELTA_UNSUPPORTED where none does */
export function deltaTypeOfArrow(arrow: ArrowLibrary, type: DataType, path: string): DeltaType {
  const { DataType: is } = arrow;
  const inside = (field: Field | undefined, name: string): DeltaType =>
    deltaTypeOfArrow(arrow, field?.type ?? new arrow.Null(), `${path}.${name}`);
  if (is.isDictionary(type)) return deltaTypeOfArrow(arrow, type.dictionary, path);
  if (is.isNull(type)) return 'void';
  if (is.isInt(type)) return (type.isSigned ? SIGNED : UNSIGNED)[type.bitWidth];
  if (is.isFloat(type)) return type.precision === arrow.Precision.DOUBLE ? 'double' : 'float';
  if (is.isBool(type)) return 'boolean';
  if (is.isUtf8(type) || is.isLargeUtf8(type) || is.isUtf8View(type)) return 'string';
  if (is.isBinary(type) || is.isLargeBinary(type) || is.isBinaryView(type) || is.isFixedSizeBinary(type))
    return 'binary';
  if (is.isDate(type)) return 'date';
  if (is.isTimestamp(type)) return (type.timezone ?? '') === '' ? 'timestamp_ntz' : 'timestamp';
  if (is.isDecimal(type) && type.precision <= MOST_DIGITS && type.scale >= 0 && type.scale <= type.precision)
    return `decimal(${type.precision},${type.scale})`;
  if (is.isList(type) || is.isLargeList(type) || is.isFixedSizeList(type))
    return { type: 'array', elementType: inside(type.children[0], 'element'), containsNull: true };
  if (is.isMap(type)) {
    const [key, value] = type.children[0]?.type.children ?? [];
    return {
      type: 'map',
      keyType: inside(key, 'key'),
      valueType: inside(value, 'value'),
      valueContainsNull: true,
    };
  }
  if (is.isStruct(type)) {
    const fields = type.children.map((field): StructField => ({
      name: field.name,
      type: inside(field, field.name),
      nullable: true,
      metadata: {},
    }));
    return { type: 'struct', fields };
  }
  throw unsupported(
    'The rows',
    `the column ${path} has Arrow's type ${arrow.Type[type.typeId]}, which Delta does not have`,
  );
}

const SIGNED = { 8: 'byte', 16: 'short', 32: 'integer', 64: 'long' } as const;
const UNSIGNED = { 8: 'short', 16: 'integer', 32: 'long', 64: 'decimal(20,0)' } as const;
