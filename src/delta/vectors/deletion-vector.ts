import { crc32 } from 'node:zlib';
import type { DeletionVectorDescriptor } from '../protocol/actions.ts';
import { corrupt, messageOf } from '../protocol/corrupt.ts';
import type { Disk } from '../files/disk.ts';
import { decodeRowBitmap, encodeRowBitmap } from './row-bitmap.ts';
import type { RowSet } from './row-set.ts';
import { readTableFile } from '../files/table-file.ts';
import { encodeUriPath } from '../protocol/uri-path.ts';
import { decodeZ85, encodeZ85 } from './z85.ts';

/** The first byte of a file of deletion vectors. */
const FILE_VERSION = 1;
const UUID_CHARACTERS = 20;
const SIZE_BYTES = 4;
const CHECKSUM_BYTES = 4;

/**
 * The numbers of the rows, counted from 0 in the data file, that a deletion vector removes; ascending.
 *
 * @param read Reads a whole file by its path in the log, so that a caller can keep files that hold several vectors.
 * @throws IgarapeError DELTA_CORRUPT where the vector is missing, damaged, or not as described.
 */
export async function readDeletionVector(
  disk: Disk,
  vector: DeletionVectorDescriptor,
  read: (path: string) => Promise<Uint8Array> = (path) => readTableFile(disk, path),
): Promise<number[]> {
  if (vector.storageType === 'i') return checked(disk.storage.uri, vector, () => inlineBytes(vector));
  const path = vectorPath(vector, disk.storage.uri);
  const file = await read(path);
  return checked(`${disk.storage.uri}: ${path}`, vector, () => storedBytes(file, vector));
}

/** The file of a vector as the log spells paths. @throws IgarapeError DELTA_CORRUPT */
export function vectorPath({ storageType, pathOrInlineDv }: DeletionVectorDescriptor, table: string): string {
  if (storageType === 'p') return pathOrInlineDv;
  const prefix = pathOrInlineDv.slice(0, -UUID_CHARACTERS);
  try {
    const uuid = formatUuid(decodeZ85(pathOrInlineDv.slice(-UUID_CHARACTERS)));
    return encodeUriPath(`${prefix === '' ? '' : `${prefix}/`}deletion_vector_${uuid}.bin`);
  } catch (cause) {
    throw corrupt(table, `the deletion vector ${pathOrInlineDv} has no name (${messageOf(cause)})`, cause);
  }
}

/** A vector that is kept in the log itself. */
export function inlineDeletionVector(rows: RowSet): DeletionVectorDescriptor {
  const bytes = encodeRowBitmap(rows);
  return {
    storageType: 'i',
    pathOrInlineDv: encodeZ85(bytes),
    sizeBytes: bytes.length,
    cardinality: rows.size,
  };
}

/** A file of deletion vectors, not yet written, and what its adds say of each vector. */
export interface DeletionVectorFile {
  /** The storage key, in the table's root. */
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly descriptors: readonly DeletionVectorDescriptor[];
}

/** @param uuid New for every file. @param vectors None of them empty. */
export function deletionVectorFile(uuid: string, vectors: readonly RowSet[]): DeletionVectorFile {
  const parts: Buffer[] = [Buffer.of(FILE_VERSION)];
  let offset = 1;
  const pathOrInlineDv = encodeZ85(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
  const descriptors = vectors.map((rows): DeletionVectorDescriptor => {
    const data = encodeRowBitmap(rows);
    const frame = Buffer.alloc(SIZE_BYTES + data.length + CHECKSUM_BYTES);
    frame.writeUInt32BE(data.length, 0);
    frame.set(data, SIZE_BYTES);
    frame.writeUInt32BE(crc32(data), SIZE_BYTES + data.length);
    parts.push(frame);
    const at = offset;
    offset += frame.length;
    return { storageType: 'u', pathOrInlineDv, offset: at, sizeBytes: data.length, cardinality: rows.size };
  });
  return { key: `deletion_vector_${uuid}.bin`, bytes: Buffer.concat(parts), descriptors };
}

function checked(where: string, vector: DeletionVectorDescriptor, bytes: () => Uint8Array): number[] {
  let rows: number[];
  try {
    rows = decodeRowBitmap(bytes());
  } catch (cause) {
    throw corrupt(where, `the deletion vector cannot be read: ${messageOf(cause)}`, cause);
  }
  if (rows.length === vector.cardinality) return rows;
  throw corrupt(where, `the deletion vector has ${rows.length} rows, and the log says ${vector.cardinality}`);
}

function inlineBytes({ pathOrInlineDv, sizeBytes }: DeletionVectorDescriptor): Uint8Array {
  const bytes = decodeZ85(pathOrInlineDv);
  // Text stands for whole groups of four bytes.
  if (bytes.length < sizeBytes || bytes.length - sizeBytes > 3) {
    throw new RangeError(`it has ${bytes.length} bytes, and the log says ${sizeBytes}`);
  }
  return bytes.subarray(0, sizeBytes);
}

function storedBytes(file: Uint8Array, { offset, sizeBytes }: DeletionVectorDescriptor): Uint8Array {
  if (file[0] !== FILE_VERSION) throw new RangeError(`the file has the unknown version ${file[0]}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  // The version stands first, so that 0, which the protocol lets an absent offset mean, can only mean the byte after.
  const start = offset === undefined || offset === 0 ? 1 : offset;
  const end = start + SIZE_BYTES + sizeBytes;
  if (end + CHECKSUM_BYTES > file.length) throw new RangeError('the file ends before it');
  const size = view.getUint32(start);
  if (size !== sizeBytes) throw new RangeError(`it has ${size} bytes, and the log says ${sizeBytes}`);
  const data = file.subarray(start + SIZE_BYTES, end);
  if (crc32(data) !== view.getUint32(end)) throw new RangeError('its checksum is wrong');
  return data;
}

function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
