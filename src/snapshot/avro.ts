import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { callbackify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import type * as avsc from 'avsc';
import { IgarapeError } from '../core/errors.ts';
import { quoteName } from '../engine/quote.ts';
import { unzstd } from '../source/zstd.ts';
import { type AvroLogical, AvroRefused, type AvroValues, avroValues } from './avro-cells.ts';
import { openCells } from './cell-file.ts';
import { type CellRow, writeCells } from './cell-writer.ts';
import { checkColumnNames } from './column-names.ts';
import type { TableFile } from './open-table.ts';
import type { RawColumn, RawTable } from './raw-table.ts';
import { unreadable } from './unreadable.ts';

type Avro = Pick<typeof avsc, 'Type' | 'types' | 'streams'>;

/** A block holds rows of some kilobytes; one that unpacks to more than this is none. */
const LARGEST_BLOCK_BYTES = 256 * 1024 * 1024;
const SYNC_BYTES = 16;

/**
 * An Avro file as a relation of typed columns: types are those of its schema, nested values and unions of several types
 * become JSON text, bytes base64 text. A block at a time is in memory.
 *
 * @throws IgarapeError TABLE_UNREADABLE no Avro, no records, damaged or cut off, a type that cannot be held exactly.
 */
export async function openAvro(file: TableFile, workDir: string, signal: AbortSignal): Promise<RawTable> {
  const reading = await Reading.open(file);
  try {
    const path = join(workDir, 'cells.ndjson');
    const written = await writeCells(reading.rows(), path, signal);
    const { names, values } = reading;
    const table = openCells({ path, names, ...written }, file.name, `avro ${reading.meaning}`);
    return { ...table, columns: table.columns.map((column, index) => typedColumn(column, values[index])) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof IgarapeError || !(error instanceof Error) || 'syscall' in error) throw error;
    const [, codec] = /^unknown codec: (.*)/.exec(error.message) ?? [];
    if (codec !== undefined)
      throw unreadable(
        file.name,
        `its blocks are packed by ${codec}`,
        'Write it with deflate, Snappy or Zstandard, or without.',
        error,
      );
    throw unreadable(
      file.name,
      'it is a damaged Avro file, or its schema is none',
      'Fetch it again, or have the source corrected.',
      error,
    );
  }
}

/** The columns as the schema has them, and the rows on their way. */
class Reading {
  names: readonly string[] = [];
  values: readonly AvroValues[] = [];
  /** Tells apart files whose equal cells have other meanings. */
  meaning = '';
  readonly #file: TableFile;
  readonly #avro: Avro;
  /** Rows that the blocks say they have. */
  #expected = 0;

  private constructor(file: TableFile, avro: Avro) {
    this.#file = file;
    this.#avro = avro;
  }

  static async open(file: TableFile): Promise<Reading> {
    return new Reading(file, (await import('avsc')).default);
  }

  async *rows(): AsyncGenerator<CellRow> {
    const input = createReadStream(this.#file.path);
    const decoder = new this.#avro.streams.BlockDecoder({
      codecs: await codecs(),
      parseHook: (schema) => this.#parse(schema),
    });
    let sync: Buffer | undefined;
    decoder.on('metadata', (_type: unknown, _codec: unknown, header: { readonly sync: Buffer }) => {
      sync = header.sync;
    });
    decoder.on('block', ({ valueCount }: { readonly valueCount: number }) => {
      this.#expected += valueCount;
    });
    input.on('error', (error) => decoder.destroy(error));
    let read = 0;
    try {
      for await (const record of input.pipe(decoder)) {
        read += 1;
        yield this.#cells(record);
      }
    } finally {
      input.destroy();
    }
    if (sync === undefined || read !== this.#expected || !(await lastBytes(this.#file.path)).equals(sync))
      throw unreadable(this.#file.name, 'it is cut off within a block of rows', 'Fetch it again.');
  }

  #parse(schema: avsc.Schema): avsc.Type {
    const kinds = new WeakMap<avsc.Type, AvroLogical>();
    const { Type: AvroType } = this.#avro;
    const type = AvroType.forSchema(schema, {
      wrapUnions: true,
      registry: { long: longType(this.#avro) },
      typeHook: (written, options) => {
        if (typeof written !== 'object' || !('type' in written)) return undefined;
        const logical = 'logicalType' in written && LOGICAL.has(written.logicalType) ? written : undefined;
        if (logical === undefined && written.type !== 'long') return undefined;
        const plain = { ...written, logicalType: '' };
        const made = written.type === 'long' ? longType(this.#avro) : AvroType.forSchema(plain, options);
        if (logical !== undefined) {
          const { logicalType: name, precision = 0, scale = 0 } = logical;
          kinds.set(made, { name, precision: Number(precision), scale: Number(scale) });
        }
        return made;
      },
    });
    if (!(type instanceof this.#avro.types.RecordType))
      throw unreadable(
        this.#file.name,
        'its rows are no records',
        'Write records: their fields are the columns.',
      );
    const { fields } = type;
    this.names = fields.map(({ name }) => name);
    checkColumnNames(this.#file.name, this.names);
    this.values = fields.map((field) => {
      try {
        return avroValues(field.type, { types: this.#avro.types, logicalOf: (of) => kinds.get(of) });
      } catch (error) {
        if (!(error instanceof AvroRefused)) throw error;
        const reason: string = error.message;
        throw unreadable(
          this.#file.name,
          `the column ${field.name} ${reason}, and 38 is the most that can be read`,
          'Write it as text, or as decimals of at most 38 digits.',
        );
      }
    });
    this.meaning = this.values.map(({ typed }) => typed?.type ?? '').join();
    return type;
  }

  #cells(record: unknown): CellRow {
    const row = typeof record === 'object' && record !== null ? Object.values(record) : [];
    return this.values.map(({ cell }, index) => {
      try {
        return row[index] == null ? null : cell(row[index]);
      } catch (error) {
        if (!(error instanceof AvroRefused)) throw error;
        const reason: string = error.message;
        throw unreadable(
          this.#file.name,
          `in the column ${this.names[index] ?? ''} it ${reason}`,
          'Have the source corrected, or write the column as text.',
          error,
        );
      }
    });
  }
}

/** Types whose values mean more than what they are stored as. */
const LOGICAL: ReadonlySet<string> = new Set([
  'decimal',
  'uuid',
  'date',
  'time-millis',
  'time-micros',
  ...['millis', 'micros', 'nanos'].flatMap((unit) => [`timestamp-${unit}`, `local-timestamp-${unit}`]),
]);

/** Integers of 64 bits with every digit. */
function longType({ types: { LongType } }: Avro): avsc.Type {
  // oxlint-disable-next-line no-underscore-dangle -- its name in the library
  return LongType.__with({
    fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64LE(value);
      return buffer;
    },
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (left: bigint, right: bigint) => Number(left > right) - Number(left < right),
  });
}

type Codec = (packed: Buffer, done: (error: Error | null, plain?: Buffer) => void) => void;

async function codecs(): Promise<Record<string, Codec>> {
  const { uncompress } = (await import('snappyjs')).default;
  return {
    null: (plain, done) => done(null, plain),
    deflate: (packed, done) => inflateRaw(packed, { maxOutputLength: LARGEST_BLOCK_BYTES }, done),
    snappy: callbackify(async (packed: Buffer) => {
      const plain = Buffer.from(uncompress(packed.subarray(0, -4), LARGEST_BLOCK_BYTES));
      if (crc32(plain) !== packed.readUInt32BE(packed.length - 4)) throw new Error('its checksum is another');
      return plain;
    }),
    zstandard: callbackify(unzstdBlock),
  };
}

async function unzstdBlock(packed: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of unzstd([packed])) {
    bytes += part.length;
    if (bytes > LARGEST_BLOCK_BYTES) throw new RangeError('A block is too large.');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function lastBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(
      Buffer.alloc(SYNC_BYTES),
      0,
      SYNC_BYTES,
      Math.max(0, size - SYNC_BYTES),
    );
    return buffer;
  } finally {
    await file.close();
  }
}

/** A column as its schema has it: read from the text of its cells. */
function typedColumn(column: RawColumn, values: AvroValues | undefined): RawColumn {
  if (values?.typed === undefined) return column;
  const { type, sql } = values.typed;
  const value = sql(`${quoteName(column.name)}[2:]`);
  const text = type === 'text' ? value : `CAST(${value} AS VARCHAR)`;
  return { name: column.name, text, scalar: text, hashed: column.hashed, typed: { type, sql: value } };
}
