import { createHash } from 'node:crypto';
import type { TakenFile } from '../lake/taken-files.ts';
import { unpackedChunks } from '../source/packing.ts';

/** A file begins with the bytes that were taken of it, or of another one. */
export interface Beginning {
  readonly known: TakenFile;
  readonly rest: 'nothing' | 'lines' | 'half a line';
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * The longest of the taken files whose bytes a file begins with, once it is unpacked, and how it goes on after them.
 *
 * @throws IgarapeError SOURCE_CORRUPT where its packing is cut off or damaged.
 */
export async function findBeginning(
  { path, name }: { readonly path: string; readonly name: string },
  taken: readonly TakenFile[],
): Promise<Beginning | undefined> {
  let waiting = taken.toSorted((one, other) => one.sizeBytes - other.sizeBytes);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let last: Buffer = Buffer.from([LF]);
  let found: Beginning | undefined;
  for await (const chunk of unpackedChunks(path, name)) {
    let hashed = 0;
    for (const known of waiting.filter((one) => one.sizeBytes < sizeBytes + chunk.length)) {
      const end = known.sizeBytes - sizeBytes;
      hash.update(chunk.subarray(hashed, end));
      hashed = end;
      if (hash.copy().digest('hex') !== known.sha256) continue;
      found = {
        known,
        rest: isLineEnd(tail(last, chunk.subarray(0, end)), chunk[end]) ? 'lines' : 'half a line',
      };
    }
    waiting = waiting.filter((one) => one.sizeBytes >= sizeBytes + chunk.length);
    if (waiting.length === 0) return found;
    hash.update(chunk.subarray(hashed));
    sizeBytes += chunk.length;
    last = tail(last, chunk);
  }
  const sha256 = hash.digest('hex');
  const whole = waiting.find((known) => known.sizeBytes === sizeBytes && known.sha256 === sha256);
  return whole === undefined ? found : { known: whole, rest: 'nothing' };
}

/** The last two bytes. */
function tail(before: Buffer, chunk: Buffer): Buffer {
  return Buffer.concat([before, chunk.subarray(-2)]).subarray(-2);
}

/** Half a line that was taken has another meaning once its rest is there. */
function isLineEnd(last: Buffer, next: number | undefined): boolean {
  const isEnd = (byte: number | undefined): boolean => byte === LF || byte === CR;
  // In UTF-16 a zero may follow.
  return isEnd(last.at(-1)) || (last.at(-1) === 0 && isEnd(last.at(-2))) || isEnd(next);
}
