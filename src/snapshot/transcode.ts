import type { Told } from '../core/language/sentence.ts';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { IgarapeError, systemErrorCode } from '../core/errors.ts';
import { firstBytes, headOf, packingOf, unpackedChunks } from '../source/packing.ts';
import { EncodingEvidence, type Misreading } from './encoding-evidence.ts';
import { BadText, requireEncoding, openDecoder } from './transcode-decoders.ts';

/** The Unicode encodings that a byte order mark names. */
export type Bom = 'utf-8' | 'utf-16le' | 'utf-16be';

/**
 * Which byte order mark a text begins with, after unpacking where the file is packed; undefined where it has none.
 * Throws `TABLE_UNREADABLE` for UTF-32, which nothing here can read, and what {@link toUtf8} throws for the file.
 */
export async function detectBom(path: string): Promise<Bom | undefined> {
  try {
    const isPacked = (await packingOf(path)) !== undefined;
    const head = isPacked ? await firstBytes(unpackedChunks(path, basename(path)), 4) : await headOf(path, 4);
    return bomOf(head, path);
  } catch (error) {
    throw explained(error, path, 'utf-8');
  }
}

/** Whether a text has to be rewritten before a reader of UTF-8 can have it: it is in another encoding, or has a mark. */
export function needsTranscoding(encoding: string, bom: Bom | undefined): boolean {
  return bom !== undefined || requireEncoding(encoding) !== 'utf-8';
}

/** What is done where a text is not quite one in its encoding. */
export interface Leniency {
  /** Gives what stands for a character that the text ends within; where there is none, such a text is no text. */
  readonly atCut?: (() => string) | undefined;
  /** Told where the words of the text show another encoding, though it can be read in this one. */
  readonly onMisread?: ((misread: Misreading) => void) | undefined;
}

/**
 * Writes the text at `path`, packed or not, to `to` as UTF-8 without a byte order mark. A mark goes before `encoding`,
 * as on the web: text that begins with one is in no other encoding. `to` appears once it is whole. Throws
 * `TABLE_UNREADABLE` with the place where the bytes are not in that encoding, or where they are UTF-8 and read in
 * another one, `SOURCE_CORRUPT` for a broken packing,
 * `SOURCE_UNSAFE_ARCHIVE` for one that unpacks to too much,
 * `CONFIG_INVALID` for an unknown encoding, `DISK_FULL`, and the signal's reason.
 */
export async function toUtf8(
  path: string,
  encoding: string,
  to: string,
  signal: AbortSignal,
  leniency: Leniency = {},
): Promise<void> {
  const part = `${to}.part`;
  try {
    await writeFile(part, utf8Chunks(path, encoding, signal, leniency), { signal });
    await rename(part, to);
  } catch (error) {
    await rm(part, { force: true });
    signal.throwIfAborted();
    throw explained(error, path, encoding);
  }
}

/** What {@link toUtf8} writes, a part at a time; throws as it does. */
export async function* utf8Chunks(
  path: string,
  encoding: string,
  signal: AbortSignal,
  { atCut, onMisread }: Leniency = {},
): AsyncGenerator<Buffer> {
  const configured = requireEncoding(encoding);
  const bom = await detectBom(path);
  const actual = bom ?? configured;
  try {
    const unpacked = unpackedChunks(path, basename(path));
    const evidence = new EncodingEvidence();
    const seen = bom === undefined && actual !== 'utf-8' ? evidence.watch(unpacked) : unpacked;
    for await (const text of decode(seen, actual, bom === undefined ? 0 : BOM_BYTES[bom], atCut)) {
      signal.throwIfAborted();
      yield typeof text === 'string' ? Buffer.from(text) : text;
    }
    const misread = evidence.misreading(actual);
    if (misread?.other.encoding === 'utf-8') throw readOtherwise(path, misread);
    if (misread !== undefined) onMisread?.(misread);
  } catch (error) {
    signal.throwIfAborted();
    throw explained(error, path, actual);
  }
}

const BOM_BYTES: Readonly<Record<Bom, number>> = { 'utf-8': 3, 'utf-16le': 2, 'utf-16be': 2 };

function bomOf(head: Buffer, path: string): Bom | undefined {
  const hex = head.toString('hex');
  if (hex === 'fffe0000' || hex === '0000feff') {
    throw new IgarapeError('TABLE_UNREADABLE', `${basename(path)} is in UTF-32, which cannot be read`, {
      hint: 'Save it as UTF-8.',
    });
  }
  if (hex.startsWith('efbbbf')) return 'utf-8';
  if (hex.startsWith('fffe')) return 'utf-16le';
  if (hex.startsWith('feff')) return 'utf-16be';
  return undefined;
}

async function* decode(
  chunks: AsyncIterable<Buffer>,
  encoding: string,
  bomBytes: number,
  atCut: (() => string) | undefined,
): AsyncGenerator<Buffer | string> {
  const decoder = openDecoder(encoding, bomBytes);
  let toSkip = bomBytes;
  for await (const chunk of chunks) {
    const text = decoder.push(chunk.subarray(Math.min(toSkip, chunk.length)));
    toSkip = Math.max(0, toSkip - chunk.length);
    // A stream takes an empty chunk for nothing, and an empty string too.
    if (text.length > 0) yield text;
  }
  try {
    decoder.end();
  } catch (error) {
    if (atCut === undefined) throw error;
    yield atCut();
  }
}

function readOtherwise(path: string, { encoding, read, other }: Misreading): IgarapeError {
  return new IgarapeError(
    'TABLE_UNREADABLE',
    `${basename(path)} is UTF-8, and ${JSON.stringify(other.read)} in it would be read as ${JSON.stringify(read)}, by "encoding" of the table, ${encoding}`,
    {
      hint: 'Set "encoding" of the table to "utf-8". Where other files of it are not UTF-8, write all of them in one encoding.',
    },
  );
}

function explained(error: unknown, path: string, encoding: string): unknown {
  const name = basename(path);
  if (error instanceof IgarapeError) return error;
  if (error instanceof BadText) {
    const message: Told = `${name} is not ${encoding} text: at byte ${error.offset} or shortly after it has ${error.message}`;
    return new IgarapeError('TABLE_UNREADABLE', message, {
      hint: `Set "encoding" of the table to the encoding that the file is in, for example "windows-1252", "latin-1", "cp850" or "utf-16le"; if ${encoding} is right, the file is damaged.`,
      cause: error,
    });
  }
  const code = systemErrorCode(error) ?? '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new IgarapeError('DISK_FULL', `The disk became full while ${name} was rewritten as UTF-8`, {
      hint: 'Free some space, or point work_dir to a larger disk, and run again: nothing was lost.',
      cause: error,
    });
  }
  if (code === '') return error;
  return new IgarapeError('TABLE_UNREADABLE', `${name} could not be read (${code})`, {
    hint: 'Check that the file is there and may be read, and run again.',
    retryable: code === 'EIO' || code === 'EBUSY',
    cause: error,
  });
}
