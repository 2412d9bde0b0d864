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
  let last = LF;
  let found: Beginning | undefined;
  for await (const chunk of unpackedChunks(path, name)) {
    let hashed = 0;
    for (const known of waiting.filter((one) => one.sizeBytes < sizeBytes + chunk.length)) {
      const end = known.sizeBytes - sizeBytes;
      hash.update(chunk.subarray(hashed, end));
      hashed = end;
      if (hash.copy().digest('hex') !== known.sha256) continue;
      found = { known, rest: isLineEnd(chunk[end - 1] ?? last, chunk[end]) ? 'lines' : 'half a line' };
    }
    waiting = waiting.filter((one) => one.sizeBytes >= sizeBytes + chunk.length);
    if (waiting.length === 0) return found;
    hash.update(chunk.subarray(hashed));
    sizeBytes += chunk.length;
    last = chunk.at(-1) ?? last;
  }
  const sha256 = hash.digest('hex');
  const whole = waiting.find((known) => known.sizeBytes === sizeBytes && known.sha256 === sha256);
  return whole === undefined ? found : { known: whole, rest: 'nothing' };
}

/** Half a line that was taken has another meaning once its rest is there. */
function isLineEnd(last: number, next: number | undefined): boolean {
  return [LF, CR].includes(last) || next === LF || next === CR;
}
