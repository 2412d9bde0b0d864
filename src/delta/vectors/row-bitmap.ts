import { CONTAINER_BYTES, CONTAINER_ROWS, countBits, type RowSet } from './row-set.ts';

/**
 * The set of row numbers of a deletion vector: a 64-bit Roaring bitmap in the "portable" form with Delta's magic number
 * before it.
 *
 * Source: the Delta protocol, "Deletion Vector Format", and the Roaring format specification.
 */

const MAGIC = 1681511377;
const COOKIE_NO_RUNS = 12346;
const COOKIE_RUNS = 12347;
/** From this many containers on, one with runs lists their offsets. */
const OFFSETS_FROM = 4;
const ARRAY_MOST = 4096;
const HIGH = 2 ** 32;
/** A cookie with runs holds another number above this. */
const COOKIE_PARTS = 2 ** 16;
/** Containers in a bitmap of 32 bits. */
const CONTAINERS = 2 ** 16;

/**
 * The row numbers, in ascending order.
 *
 * @throws RangeError where the bytes are no such bitmap, or stand for rows that are no safe integers
 */
export function decodeRowBitmap(bytes: Uint8Array): number[] {
  const reader = new Reader(bytes);
  const magic = reader.uint32();
  if (magic !== MAGIC) throw new RangeError(`it begins with ${magic}, not with ${MAGIC}`);
  const rows: number[] = [];
  const bitmaps = reader.uint64();
  let last = -1;
  for (let index = 0; index < bitmaps; index += 1) {
    const high = reader.uint32();
    if (high <= last) throw new RangeError('its parts are out of order');
    if (high >= 2 ** 21) throw new RangeError('a row number is beyond 2^53');
    last = high;
    readRoaring(reader, high * HIGH, rows);
  }
  if (!reader.atEnd()) throw new RangeError('there are bytes after its end');
  return rows;
}

export function encodeRowBitmap(rows: RowSet): Uint8Array {
  const bitmaps = new Map<number, Container[]>();
  for (const [number, bits] of rows.containers()) {
    const high = Math.floor(number / CONTAINERS);
    const bitmap = bitmaps.get(high) ?? [];
    bitmaps.set(high, bitmap);
    bitmap.push({ key: number % CONTAINERS, size: countBits(bits), bits });
  }
  const parts: Uint8Array[] = [words(32, [MAGIC]), longWord(bitmaps.size)];
  for (const [high, containers] of bitmaps) parts.push(words(32, [high]), ...roaringParts(containers));
  return concat(parts);
}

interface Container {
  readonly key: number;
  /** How many rows it has. */
  readonly size: number;
  readonly bits: Uint8Array;
}

function readRoaring(reader: Reader, base: number, rows: number[]): void {
  const cookie = reader.uint32();
  const hasRuns = cookie % COOKIE_PARTS === COOKIE_RUNS;
  if (!hasRuns && cookie !== COOKIE_NO_RUNS)
    throw new RangeError(`a part begins with the unknown number ${cookie}`);
  const count = hasRuns ? Math.floor(cookie / COOKIE_PARTS) + 1 : reader.uint32();
  if (count > CONTAINERS) throw new RangeError(`a part claims ${count} containers`);
  const runs = hasRuns ? reader.take(Math.ceil(count / 8)) : undefined;
  const containers = Array.from({ length: count }, () => ({
    key: reader.uint16(),
    size: reader.uint16() + 1,
  }));
  if (!hasRuns || count >= OFFSETS_FROM) reader.take(count * 4);
  let last = -1;
  for (const [index, { key, size }] of containers.entries()) {
    if (key <= last) throw new RangeError('its containers are out of order');
    last = key;
    const isRun = (((runs?.[Math.floor(index / 8)] ?? 0) >> (index % 8)) & 1) === 1;
    const before = rows.length;
    readContainer(
      reader,
      isRun ? 'runs' : size > ARRAY_MOST ? 'bits' : 'list',
      size,
      base + key * CONTAINER_ROWS,
      rows,
    );
    if (rows.length - before !== size)
      throw new RangeError('a container holds another number of rows than it claims');
  }
}

function readContainer(
  reader: Reader,
  kind: 'runs' | 'bits' | 'list',
  size: number,
  base: number,
  rows: number[],
): void {
  let last = -1;
  const put = (low: number): void => {
    if (low <= last || low >= CONTAINER_ROWS) throw new RangeError('a container is out of order');
    last = low;
    rows.push(base + low);
  };
  if (kind === 'list') {
    for (let index = 0; index < size; index += 1) put(reader.uint16());
  } else if (kind === 'bits') {
    for (const low of lowsOf(reader.take(CONTAINER_BYTES))) put(low);
  } else {
    const runs = reader.uint16();
    for (let run = 0; run < runs; run += 1) {
      const start = reader.uint16();
      const end = start + reader.uint16();
      for (let low = start; low <= end; low += 1) put(low);
    }
  }
}

function roaringParts(containers: readonly Container[]): Uint8Array[] {
  const bodies = containers.map(({ size, bits }) => (size > ARRAY_MOST ? bits : words(16, lowsOf(bits))));
  const header = 8 + containers.length * 8;
  let offset = header;
  const offsets = bodies.map((body) => {
    const at = offset;
    offset += body.length;
    return at;
  });
  return [
    words(32, [COOKIE_NO_RUNS, containers.length]),
    words(
      16,
      containers.flatMap(({ key, size }) => [key, size - 1]),
    ),
    words(32, offsets),
    ...bodies,
  ];
}

function lowsOf(bits: Uint8Array): number[] {
  const lows: number[] = [];
  for (let byte = 0; byte < bits.length; byte += 1) {
    const value = bits[byte] ?? 0;
    for (let bit = 0; value >> bit > 0; bit += 1) if (((value >> bit) & 1) === 1) lows.push(byte * 8 + bit);
  }
  return lows;
}

function words(bits: 16 | 32, values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array((values.length * bits) / 8);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    if (bits === 16) view.setUint16(index * 2, value, true);
    else view.setUint32(index * 4, value, true);
  }
  return bytes;
}

function longWord(value: number): Uint8Array {
  return words(32, [value % HIGH, Math.floor(value / HIGH)]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Takes little-endian numbers off bytes. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  uint64(): number {
    return this.uint32() + this.uint32() * HIGH;
  }

  atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  #advance(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new RangeError('it ends too early');
    this.#at = at + length;
    return at;
  }
}
