import type { Data, RecordBatch, Schema } from 'apache-arrow';
import { messageOf } from '../protocol/corrupt.ts';
import { arrowLibrary, type ArrowLibrary, deltaTypeOfArrow } from '../schema/arrow-type.ts';
import { IgarapeError } from '../../core/errors.ts';
import { refused } from './row-source.ts';
import type { GivenColumns } from './given-columns.ts';

/**
 * The rows of an Arrow IPC stream or file, a batch at a time.
 *
 * @throws IgarapeError DELTA_QUERY for bytes that are none; DELTA_UNSUPPORTED for types that Delta lacks, and where
 * `apache-arrow` is not installed
 */
export async function* arrowColumns(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<GivenColumns> {
  const arrow = await arrowLibrary();
  try {
    const reader =
      bytes instanceof Uint8Array
        ? arrow.RecordBatchReader.from(bytes)
        : await arrow.RecordBatchReader.from(bytes);
    await reader.open();
    // Of bytes that do not begin as a stream does, the library has no schema, whatever its types say.
    const schema: Schema | undefined = reader.schema;
    if (schema === undefined) throw refused('their bytes are no Arrow stream or file');
    const { fields } = schema;
    if (fields.some(({ name }) => typeof name !== 'string')) throw refused('a column has no name');
    const types = fields.map(({ name, type }) => deltaTypeOfArrow(arrow, type, name));
    const given = (batch: RecordBatch | undefined): GivenColumns => ({
      rows: batch?.numRows ?? 0,
      columns: fields.map(({ name }, index) => {
        const data = batch?.data.children[index];
        return {
          name,
          type: types[index] ?? 'void',
          values: data === undefined ? [] : valuesOf(arrow, data, name),
        };
      }),
    });
    // A stream without a batch has columns all the same.
    yield given(undefined);
    for await (const batch of reader) yield given(batch);
  } catch (cause) {
    if (cause instanceof IgarapeError) throw cause;
    throw refused(`their Arrow stream cannot be read (${messageOf(cause)})`);
  }
}

function valuesOf(arrow: ArrowLibrary, data: Data, path: string): unknown[] {
  const each = valueReader(arrow, data, path);
  return Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? each(row) : null));
}

/** What reads the value of a row that is not null: texts and numbers as they are, all else exactly, as text. */
function valueReader(arrow: ArrowLibrary, data: Data, path: string): (row: number) => unknown {
  const { DataType: is, TimeUnit, DateUnit } = arrow;
  const { type, values, children } = data;
  const [child] = children;
  if (is.isDictionary(type)) {
    const own = data.dictionary?.data.flatMap((part: Data) => valuesOf(arrow, part, path)) ?? [];
    return (row) => own[Number(values[row])];
  }
  if (is.isTimestamp(type)) {
    const zone = (type.timezone ?? '') === '' ? '' : 'Z';
    const unit = type.unit;
    return (row) =>
      `${timeText(microsOf(BigInt(values[row]), unit, TimeUnit.NANOSECOND, path), path)}${zone}`;
  }
  if (is.isDate(type)) {
    const perDay = type.unit === DateUnit.DAY ? 1n : BigInt(DAY_MS);
    return (row) => {
      const value = BigInt(values[row]);
      if (value % perDay !== 0n) throw refused(`the column ${path} has a date with a time of day`);
      return timeText((value / perDay) * BigInt(DAY_MS) * 1000n, path).slice(0, '2024-01-31'.length);
    };
  }
  if (is.isDecimal(type)) {
    const { scale, bitWidth } = type;
    return (row) => decimalText(values, row, bitWidth, scale);
  }
  if (is.isMap(type)) {
    const entry = child?.children ?? [];
    const [keys = [], members = []] = entry.map((part: Data) => valuesOf(arrow, part, path));
    return (row) => {
      const [begin, end] = rangeOf(data, row);
      return new Map(keys.slice(begin, end).map((key, index) => [key, members[begin + index]]));
    };
  }
  if (is.isList(type) || is.isLargeList(type) || is.isFixedSizeList(type)) {
    const items = child === undefined ? [] : valuesOf(arrow, child, path);
    const size = is.isFixedSizeList(type) ? type.listSize : undefined;
    return (row) => {
      const [begin, end] = size === undefined ? rangeOf(data, row) : [row * size, (row + 1) * size];
      return items.slice(begin, end);
    };
  }
  if (is.isStruct(type)) {
    const columns = type.children.map((field, index) => {
      const part = children[index];
      return [field.name, part === undefined ? [] : valuesOf(arrow, part, `${path}.${field.name}`)] as const;
    });
    return (row) => Object.fromEntries(columns.map(([name, column]) => [name, column[row]]));
  }
  const bytes = is.isUtf8(type)
    ? new arrow.Binary()
    : is.isLargeUtf8(type)
      ? new arrow.LargeBinary()
      : is.isUtf8View(type)
        ? new arrow.BinaryView()
        : undefined;
  const vector = new arrow.Vector([bytes === undefined ? data : data.clone(bytes)]);
  return bytes === undefined ? (row) => vector.get(row) : (row) => TEXT.decode(vector.get(row));
}

// Arrow's own drops a byte order mark that a text begins with.
const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

function rangeOf({ valueOffsets }: Data, row: number): [number, number] {
  return [Number(valueOffsets[row] ?? 0), Number(valueOffsets[row + 1] ?? 0)];
}

const DAY_MS = 86_400_000;

/** @param unit As Arrow counts them: seconds, and each next a thousandth. */
function microsOf(value: bigint, unit: number, nanoseconds: number, path: string): bigint {
  if (unit !== nanoseconds) return value * 1000n ** BigInt(nanoseconds - 1 - unit);
  if (value % 1000n === 0n) return value / 1000n;
  throw refused(`the column ${path} has times with nanoseconds, where Delta has microseconds`);
}

function timeText(micros: bigint, path: string): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((micros - fraction) / 1000n));
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (!/^\d{4}-/.test(text) || text.startsWith('0000'))
    throw refused(`the column ${path} has a day or time outside of the years 1 to 9999`);
  return `${text.slice(0, -'.000Z'.length)}.${String(fraction).padStart(6, '0')}`;
}

function decimalText(words: ArrayLike<number>, row: number, bitWidth: number, scale: number): string {
  const count = bitWidth / 32;
  let unsigned = 0n;
  for (let word = count - 1; word >= 0; word -= 1)
    unsigned = (unsigned << 32n) | BigInt(words[row * count + word] ?? 0);
  const value = BigInt.asIntN(bitWidth, unsigned);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${value < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}
