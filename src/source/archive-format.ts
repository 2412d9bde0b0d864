import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';

/** What a file's first bytes say that it is, whatever its name. */
export type FileFormat =
  | 'zip'
  | 'tar'
  | 'tar.gz'
  | 'gzip'
  | 'parquet'
  | '7z'
  | 'rar'
  | 'html'
  | 'json'
  | 'text'
  | 'binary'
  | 'empty';

const HEAD_BYTES = 64 * 1024;

/** Tells a file by its first bytes. Throws what the file system throws. */
export async function sniffFormat(path: string): Promise<FileFormat> {
  const head = await readHead(path);
  const named = MAGIC.find(([magic]) => head.subarray(0, magic.length).equals(magic));
  if (named) return named[1];
  if (head.length === 0) return 'empty';
  if (head[0] === 0x1f && head[1] === 0x8b) {
    return isTarHeader(await gunzipHead(head)) ? 'tar.gz' : 'gzip';
  }
  if (isTarHeader(head.subarray(0, TAR_BLOCK_BYTES))) return 'tar';
  return textFormat(head.subarray(0, 1024));
}

/** The format in words: `it looks like …`. */
export function describeFormat(format: FileFormat): string {
  return DESCRIPTIONS[format];
}

const DESCRIPTIONS: Readonly<Record<FileFormat, string>> = {
  zip: 'a zip archive',
  tar: 'a tar archive',
  'tar.gz': 'a gzipped tar archive',
  gzip: 'a single gzipped file',
  parquet: 'a Parquet file',
  '7z': 'a 7-Zip archive',
  rar: 'a RAR archive',
  html: 'an HTML page',
  json: 'a JSON document',
  text: 'plain text',
  binary: 'binary data of an unknown kind',
  empty: 'an empty file',
};

const MAGIC: readonly (readonly [Buffer, FileFormat])[] = [
  [Buffer.from('PK\u0003\u0004', 'latin1'), 'zip'],
  [Buffer.from('PK\u0005\u0006', 'latin1'), 'zip'],
  [Buffer.from('PK\u0007\u0008', 'latin1'), 'zip'],
  [Buffer.from('PAR1', 'latin1'), 'parquet'],
  [Buffer.from('7z\u00bc\u00af\u0027\u001c', 'latin1'), '7z'],
  [Buffer.from('Rar!\u001a\u0007', 'latin1'), 'rar'],
];

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
  const text = head.toString('utf8').trimStart();
  if (/^<(?:!doctype|html|head|body|\?xml)/i.test(text)) return 'html';
  if (/^[{[]/.test(text)) return 'json';
  return head.includes(0) ? 'binary' : 'text';
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
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
