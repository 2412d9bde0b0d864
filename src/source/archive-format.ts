import type { Told } from '../core/language/sentence.ts';
import { constants, createGunzip } from 'node:zlib';
import { headOf } from './packing.ts';

/** What a file's first bytes say that it is, whatever its name. */
export type FileFormat = keyof typeof DESCRIPTIONS;

/** As much of a file as its format can be told by. */
export const HEAD_BYTES: number = 64 * 1024;

/** Tells a file by its first bytes. Throws what the file system throws. */
export async function sniffFormat(path: string): Promise<FileFormat> {
  const head = await headOf(path, HEAD_BYTES);
  const format = formatOf(head);
  return format === 'gzip' && isTarHeader(await gunzipHead(head)) ? 'tar.gz' : format;
}

/** The format of a file that begins with these bytes. */
export function formatOf(head: Buffer): FileFormat {
  const named = MAGIC.find(([magic]) => head.subarray(0, magic.length).equals(magic));
  if (named) return named[1] === 'zip' && isOfficePart(head) ? 'xlsx' : named[1];
  if (head.length === 0) return 'empty';
  if (isTarHeader(head.subarray(0, TAR_BLOCK_BYTES))) return 'tar';
  return textFormat(head.subarray(0, 1024));
}

/** The format in words: `it looks like …`. */
export function describeFormat(format: FileFormat): string {
  const described: Told = DESCRIPTIONS[format];
  return described;
}

const DESCRIPTIONS = {
  zip: 'a zip archive',
  tar: 'a tar archive',
  'tar.gz': 'a gzipped tar archive',
  gzip: 'a single gzipped file',
  zstd: 'a single Zstandard file',
  bzip2: 'a single bzip2 file',
  xz: 'an xz file',
  lz4: 'an LZ4 file',
  '7z': 'a 7-Zip archive',
  rar: 'a RAR archive',
  parquet: 'a Parquet file',
  'encrypted parquet': 'an encrypted Parquet file',
  orc: 'an ORC file',
  avro: 'an Avro file',
  arrow: 'an Arrow or Feather file',
  'old feather': 'a Feather file of the first version',
  sqlite: 'a SQLite database',
  xlsx: 'an Excel workbook',
  ole: 'an Excel workbook of the old form (.xls), or one with a password',
  hdf5: 'an HDF5 file',
  pdf: 'a PDF document',
  html: 'an HTML page',
  xml: 'an XML document',
  lfs: 'a Git LFS pointer, and not the file that it stands for',
  json: 'a JSON document',
  'utf-16le': 'text in UTF-16 (little-endian) without a byte order mark',
  'utf-16be': 'text in UTF-16 (big-endian) without a byte order mark',
  text: 'plain text',
  binary: 'binary data of an unknown kind',
  empty: 'an empty file',
} as const;

const MAGIC: readonly (readonly [Buffer, FileFormat])[] = (
  [
    ['PK\u0003\u0004', 'zip'],
    ['PK\u0005\u0006', 'zip'],
    ['PK\u0007\u0008', 'zip'],
    ['\u001F\u008B', 'gzip'],
    ['(\u00B5/\u00FD', 'zstd'],
    ['BZh', 'bzip2'],
    ['\u00FD7zXZ\0', 'xz'],
    ['\u0004"M\u0018', 'lz4'],
    ['7z\u00BC\u00AF\u0027\u001C', '7z'],
    ['Rar!\u001A\u0007', 'rar'],
    ['PAR1', 'parquet'],
    ['PARE', 'encrypted parquet'],
    ['ORC', 'orc'],
    ['Obj\u0001', 'avro'],
    ['ARROW1', 'arrow'],
    ['FEA1', 'old feather'],
    ['SQLite format 3\0', 'sqlite'],
    ['\u00D0\u00CF\u0011\u00E0\u00A1\u00B1\u001A\u00E1', 'ole'],
    ['\u0089HDF\r\n\u001A\n', 'hdf5'],
    ['%PDF-', 'pdf'],
    ['version https://git-lfs.github.com/spec/', 'lfs'],
  ] as const
).map(([magic, format]) => [Buffer.from(magic, 'latin1'), format]);

/** Whether a zip archive begins with a part of an Office document, and so is one file and no archive of files. */
function isOfficePart(head: Buffer): boolean {
  const name = head.toString('latin1', 30, 30 + (head.length < 30 ? 0 : head.readUInt16LE(26)));
  return /^(?:\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/.test(name);
}

const TAR_BLOCK_BYTES = 512;
const CHECKSUM_START = 148;
const CHECKSUM_END = 156;

/** By the `ustar` magic, or, in archives older than it, by the header's checksum. */
function isTarHeader(block: Buffer): boolean {
  if (block.length < TAR_BLOCK_BYTES) return false;
  if (block.toString('latin1', 257, 262) === 'ustar') return true;
  const stated = Number.parseInt(block.toString('latin1', CHECKSUM_START, CHECKSUM_END), 8);
  const sum = block.reduce(
    (total, byte, at) => total + (at >= CHECKSUM_START && at < CHECKSUM_END ? 0x20 : byte),
    0,
  );
  return stated === sum;
}

function textFormat(head: Buffer): FileFormat {
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  const markup = text.replace(/^(?:<!--.*?-->\s*)+/s, '');
  if (/^<(?:!doctype|(?:html|head|body|title|meta|script|div|table|h1|p)[\s>])/i.test(markup)) return 'html';
  if (/^<\?xml/i.test(text)) return /<html/i.test(text) ? 'html' : 'xml';
  // oxlint-disable-next-line no-control-regex -- such a zero is of UTF-16
  if (/^[{[](?!\0)/.test(text)) return 'json';
  return head.includes(0) ? (utf16Format(head) ?? 'binary') : 'text';
}

/** Text in UTF-16 that is mostly of the letters of Western languages, which have a zero in every other byte. */
function utf16Format(head: Buffer): FileFormat | undefined {
  if (/^(?:\u00FF\u00FE(?!\0\0)|\u00FE\u00FF)/.test(head.toString('latin1', 0, 4))) return 'text';
  // oxlint-disable-next-line no-control-regex -- bytes that no text in UTF-16 has beside its zeros
  if (/[\u0001-\u0008\u000E-\u001F]/.test(head.toString('latin1'))) return undefined;
  const zeros = [0, 0];
  for (const [at, byte] of head.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros.map((count) => count / (head.length / 2));
  if (odd > 0.6 && even < 0.05) return 'utf-16le';
  return even > 0.6 && odd < 0.05 ? 'utf-16be' : undefined;
}

/** The first block of what a gzip file's first bytes hold; shorter where they do not hold as much. */
async function gunzipHead(packed: Buffer): Promise<Buffer> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  gunzip.end(packed);
  const blocks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of gunzip) {
      if (!Buffer.isBuffer(chunk)) break;
      blocks.push(chunk);
      size += chunk.length;
      if (size >= TAR_BLOCK_BYTES) break;
    }
  } catch {
    // Broken further on: what came until then tells the format; reading it whole reports the damage.
  }
  return Buffer.concat(blocks).subarray(0, TAR_BLOCK_BYTES);
}
