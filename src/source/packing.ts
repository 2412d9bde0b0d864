import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { IgarapeError, systemErrorCode } from '../core/errors.ts';
import { defaultLimits, unsafeArchive } from './archive-port.ts';
import { isSkippedFrame, unzstd } from './zstd.ts';

/** How a file is packed. */
export type Packing = 'gzip' | 'Zstandard' | 'bzip2';

const CHUNK_BYTES = 256 * 1024;

const MAGIC: readonly (readonly [Buffer, Packing])[] = [
  [Buffer.from([0x1f, 0x8b]), 'gzip'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'Zstandard'],
  [Buffer.from('BZh', 'latin1'), 'bzip2'],
];

/** Frames that Zstandard passes over, before the first that is looked for: some programs write one of their own. */
const MOST_SKIPPED = 100;

/** How a file is packed, by its first bytes. */
export async function packingOf(path: string): Promise<Packing | undefined> {
  const file = await open(path);
  try {
    for (let at = 0, skipped = 0; skipped < MOST_SKIPPED; skipped += 1) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(8), 0, 8, at);
      if (bytesRead < 8 || !isSkippedFrame(buffer.readUInt32LE())) {
        const head = buffer.subarray(0, bytesRead);
        const packing = MAGIC.find(([magic]) => head.subarray(0, magic.length).equals(magic))?.[1];
        return at === 0 || packing === 'Zstandard' ? packing : undefined;
      }
      at += 8 + buffer.readUInt32LE(4);
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** The first bytes of a file as it is; fewer where it has fewer. */
export async function headOf(path: string, size: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * A file's bytes, unpacked where it is packed.
 *
 * @throws IgarapeError SOURCE_CORRUPT where the packing is cut off or damaged; `name` is the file's in messages.
 */
export async function* unpackedChunks(path: string, name: string): AsyncGenerator<Buffer> {
  const packing = await packingOf(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (packing === undefined) return yield* buffersOf(file);
  try {
    const unpacked =
      packing === 'gzip' ? gunzip(file) : packing === 'bzip2' ? bunzip(file) : unzstd(buffersOf(file));
    yield* refuseBomb(unpacked, (await stat(path)).size, name);
  } catch (error) {
    if (error instanceof IgarapeError || isOfTheFile(error)) throw error;
    throw brokenPacking(packing, name, error);
  } finally {
    file.destroy();
  }
}

/** The first bytes of a stream, which is then closed; fewer where it has fewer. */
export async function firstBytes(chunks: AsyncIterable<unknown>, size: number): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (chunk instanceof Uint8Array) head = Buffer.concat([head, chunk]);
    if (head.length >= size) break;
  }
  return head.subarray(0, size);
}

async function* buffersOf(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
}

/** Ends the reading of a small file that unpacks to far more than tables do, before it fills the disk. */
async function* refuseBomb(
  chunks: AsyncIterable<Buffer>,
  packedBytes: number,
  name: string,
): AsyncGenerator<Buffer> {
  const { maxRatio, ratioFreeBytes } = defaultLimits;
  const mostBytes = Math.max(ratioFreeBytes, maxRatio * packedBytes);
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw unsafeArchive(name, `unpacks to more than ${mostBytes} bytes from ${packedBytes}`);
    yield chunk;
  }
}

async function* gunzip(file: ReadStream): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => unpacked.destroy(error));
  yield* buffersOf(file.pipe(unpacked));
}

async function* bunzip(file: ReadStream): AsyncGenerator<Buffer> {
  const { default: unbzip2 } = await import('unbzip2-stream');
  const unpack = unbzip2();
  let ready: Uint8Array[] = [];
  let failure: unknown;
  unpack.on('data', (chunk: Uint8Array) => ready.push(chunk));
  unpack.on('error', (error: unknown) => (failure = error));
  for await (const chunk of buffersOf(file)) {
    unpack.write(chunk);
    if (failure !== undefined) throw failure;
    yield Buffer.concat(ready);
    ready = [];
  }
  unpack.end();
  // Where there is nothing left to read it reads on.
  if (failure instanceof TypeError) throw new Error('unexpected EOF', { cause: failure });
  if (failure !== undefined) throw failure;
  yield Buffer.concat(ready);
}

/** An error of reading the file, and not of what it holds. */
function isOfTheFile(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code !== undefined && /^E[A-Z]+$/.test(code);
}

function brokenPacking(packing: Packing, name: string, error: unknown): IgarapeError {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const code = systemErrorCode(error);
  const isCut = code === 'Z_BUF_ERROR' || /unexpected EOF|ended prematurely/i.test(message);
  const found = isCut ? 'is cut off' : 'is damaged';
  return new IgarapeError('SOURCE_CORRUPT', `The ${packing} file ${name} ${found}`, {
    hint: 'Nothing of it was used. Get the file again from where it comes from.',
    cause: error,
  });
}
