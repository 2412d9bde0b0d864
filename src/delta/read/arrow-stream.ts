import type { Data } from 'apache-arrow';
import type { PlainValue } from '../../engine/plain.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { arrowFields, arrowLibrary, type ArrowLibrary, arrowType } from '../schema/arrow-type.ts';
import { type DeltaType, type StructType } from '../schema/schema.ts';
import { isList, jsonValue } from './json-value.ts';

/**
 * Rows, given column by column, as the bytes of an Arrow IPC stream, batch after batch.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED where `apache-arrow` is not installed, or for days and times outside of the
 * years 1 to 9999
 */
export async function* arrowStream(
  schema: StructType,
  batches: AsyncIterable<readonly (readonly PlainValue[])[]>,
): AsyncGenerator<Uint8Array> {
  const arrow = await arrowLibrary();
  const arrowSchema = new arrow.Schema(arrowFields(arrow, schema));
  let isFirst = true;
  const messages = (columns: readonly (readonly PlainValue[])[]): Uint8Array => {
    const children = schema.fields.map(({ name, type }, index) =>
      dataOf(arrow, type, columns[index] ?? [], name),
    );
    const type = new arrow.Struct(arrowSchema.fields);
    const data = new arrow.Data(type, 0, columns[0]?.length ?? 0, 0, {}, children);
    const batch = new arrow.RecordBatch(arrowSchema, data);
    const stream = arrow.tableToIPC(new arrow.Table(arrowSchema, batch), 'stream');
    const begin = isFirst ? 0 : schemaBytes(stream);
    isFirst = false;
    return stream.subarray(begin, -END.length);
  };
  for await (const columns of batches) yield messages(columns);
  if (isFirst) yield messages([]);
  yield END;
}

/** What ends a stream: a continuation mark, and no message. */
const END: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** How long the message with the schema is, which every stream begins with: a mark, a length, and as many bytes. */
function schemaBytes(stream: Uint8Array): number {
  return 8 + new DataView(stream.buffer, stream.byteOffset).getInt32(4, true);
}

function dataOf(arrow: ArrowLibrary, type: DeltaType, values: readonly PlainValue[], path: string): Data {
  if (typeof type !== 'string') return nestedData(arrow, type, values, path);
  const make = (data: ColumnValues, valueOffsets?: Int32Array): Data =>
    madeData(arrow, type, values, { data, ...(valueOffsets === undefined ? {} : { valueOffsets }) });
  switch (type) {
    case 'boolean':
      return make(bitmap(values, (value) => value === true));
    case 'byte':
      return make(Int8Array.from(values, Number));
    case 'short':
      return make(Int16Array.from(values, Number));
    case 'integer':
    case 'void':
      return make(Int32Array.from(values, Number));
    case 'long':
      return make(BigInt64Array.from(values, integerOf));
    case 'float':
      return make(Float32Array.from(values, Number));
    case 'double':
      return make(Float64Array.from(values, Number));
    case 'date':
      return make(Int32Array.from(values, (value) => dayOf(value, path)));
    case 'timestamp':
    case 'timestamp_ntz':
      return make(BigInt64Array.from(values, (value) => microsOf(value, path)));
    case 'string':
    case 'variant':
    case 'binary': {
      const bytes = values.map(type === 'binary' ? bytesOf : textBytes);
      return make(Buffer.concat(bytes), offsets(bytes));
    }
    default:
      return make(decimalWords(values));
  }
}

type ColumnValues =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint32Array;

interface Buffers {
  readonly data?: ColumnValues;
  readonly valueOffsets?: Int32Array;
}

function madeData(
  arrow: ArrowLibrary,
  type: DeltaType,
  values: readonly PlainValue[],
  { data, valueOffsets }: Buffers,
  children: Data[] = [],
): Data {
  const nulls = values.reduce<number>((sum, value) => sum + (value === null ? 1 : 0), 0);
  const { OFFSET, DATA, VALIDITY } = arrow.BufferType;
  return new arrow.Data(
    arrowType(arrow, type),
    0,
    values.length,
    nulls,
    { [OFFSET]: valueOffsets, [DATA]: data, [VALIDITY]: bitmap(values, (value) => value !== null) },
    children,
  );
}

function nestedData(
  arrow: ArrowLibrary,
  type: Exclude<DeltaType, string>,
  values: readonly PlainValue[],
  path: string,
): Data {
  switch (type.type) {
    case 'struct': {
      const members = values.map(membersOf);
      const children = type.fields.map((field) =>
        dataOf(
          arrow,
          field.type,
          members.map((value) => value.get(field.name) ?? null),
          `${path}.${field.name}`,
        ),
      );
      return madeData(arrow, type, values, {}, children);
    }
    case 'array': {
      const lists = values.map((value) => (isList(value) ? value : []));
      const child = dataOf(
        arrow,
        type.elementType,
        lists.flatMap((list) => list),
        `${path}.element`,
      );
      return madeData(arrow, type, values, { valueOffsets: offsets(lists) }, [child]);
    }
    case 'map': {
      const maps = values.map((value) => (value instanceof Map ? [...value] : []));
      const entries = maps.flatMap((map) => map.map(([key, value]): PlainValue => ({ key, value })));
      const entry: StructType = {
        type: 'struct',
        fields: [
          { name: 'key', type: type.keyType, nullable: false, metadata: {} },
          { name: 'value', type: type.valueType, nullable: true, metadata: {} },
        ],
      };
      return madeData(arrow, type, values, { valueOffsets: offsets(maps) }, [
        dataOf(arrow, entry, entries, path),
      ]);
    }
    default:
      return type satisfies never;
  }
}

function bitmap(values: readonly PlainValue[], isSet: (value: PlainValue) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries()) {
    if (isSet(value)) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bits;
}

function offsets(lists: readonly { readonly length: number }[]): Int32Array {
  const starts = new Int32Array(lists.length + 1);
  for (const [index, { length }] of lists.entries()) starts[index + 1] = (starts[index] ?? 0) + length;
  return starts;
}

function bytesOf(value: PlainValue): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** Text as it is; a variant's value as JSON. */
function textBytes(value: PlainValue): Uint8Array {
  if (value === null) return new Uint8Array();
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(jsonValue(value)));
}

function integerOf(value: PlainValue): bigint {
  return typeof value === 'bigint' ? value : 0n;
}

/** Of a day, a time or a decimal, which come as text. */
function digitsOf(value: PlainValue): string {
  return typeof value === 'string' ? value : '';
}

const DAY_MS = 86_400_000;

function dayOf(value: PlainValue, path: string): number {
  return value === null ? 0 : msOf(digitsOf(value), path) / DAY_MS;
}

/** Of `2024-01-31T12:00:00.123456Z`; the fraction and the zone, which is UTC, may be missing. */
function microsOf(value: PlainValue, path: string): bigint {
  if (value === null) return 0n;
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?Z?$/.exec(digitsOf(value)) ?? [];
  return BigInt(msOf(`${seconds}Z`, path)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function msOf(text: string, path: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw unsupported('The rows', `the column ${path} has a day or time outside of the years 1 to 9999`);
  return ms;
}

/** Two's complement in 128 bits, the lowest 32 first. */
function decimalWords(values: readonly PlainValue[]): Uint32Array {
  const words = new Uint32Array(values.length * 4);
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    let rest = BigInt.asUintN(128, BigInt(digitsOf(value).replace('.', '')));
    for (let word = index * 4; rest > 0n; word += 1, rest >>= 32n) words[word] = Number(rest & 0xffffffffn);
  }
  return words;
}

/** Of a struct. */
function membersOf(value: PlainValue): ReadonlyMap<string, PlainValue> {
  return new Map<string, PlainValue>(Object.entries(value ?? {}));
}
