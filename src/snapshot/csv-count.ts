import { type FileHandle, open } from 'node:fs/promises';
import { CSV_COUNT_CODE } from './csv-count-code.ts';
import { CR, type CsvDialect, LF } from './csv-fields.ts';
import { USUAL_RECORD_BYTES } from './csv-records.ts';

const CHUNK_BYTES = 1024 * 1024;

/** As many bytes as csv-count.wat looks at at once, and as it has for its state; in that, by number, what is used here. */
const BLOCK_BYTES = 64;
const IN_QUOTES = 0;
const MAY_OPEN = 1;
const WAS_END = 3;
const NOTICED = 6;

/** Bits of what it notices. */
const LINE_FEED = 1n;
const BOTH = 2n;
const CARRIAGE_RETURN = 4n;

/**
 * How many records a file of UTF-8 has, where nothing is to be told of any: each has as many fields as there are columns, none
 * is long, all end alike, and quotes stand around fields, or doubled within them. Undefined where a closer look is needed.
 */
export async function countRecords(
  path: string,
  { separator, quote, escape }: CsvDialect,
  columns: number,
): Promise<number | undefined> {
  const [byte, ...others] = separator;
  if (byte === undefined || others.length > 0 || escape !== undefined) return undefined;
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    return await new Counting(byte, quote, columns).read(handle, size);
  } finally {
    await handle.close();
  }
}

/** The counting of one file: its state, which the code has in its memory only while it looks at a chunk. */
class Counting {
  readonly #state = new BigInt64Array(BLOCK_BYTES / BigInt64Array.BYTES_PER_ELEMENT);
  readonly #dialect: readonly [separator: number, quote: number, hasQuotes: number, separators: bigint];
  #records = 0;

  constructor(separator: number, quote: number | undefined, columns: number) {
    this.#dialect = [separator, quote ?? 0, quote === undefined ? 0 : 1, BigInt(columns - 1)];
    // A file begins as if there were a line end before it.
    this.#state[MAY_OPEN] = 1n;
    this.#state[WAS_END] = 1n;
  }

  async read(handle: FileHandle, sizeBytes: number): Promise<number | undefined> {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes + BLOCK_BYTES));
    let last = LF;
    let rest = 0;
    for (;;) {
      const { bytesRead } = await handle.read(chunk, rest, chunk.length - rest);
      if (bytesRead === 0) break;
      const size = rest + bytesRead;
      last = chunk[size - 1] ?? last;
      rest = size % BLOCK_BYTES;
      if (size > rest) this.#count(chunk.subarray(0, size - rest));
      if (!this.#isClean()) return undefined;
      chunk.copyWithin(0, size - rest, size);
    }
    this.#count(padded(chunk.subarray(0, rest)));
    this.#count(padded(last === LF || last === CR ? '' : this.#lineEnd()));
    return this.#isClean() && this.#state[IN_QUOTES] === 0n ? this.#records : undefined;
  }

  #count(blocks: Uint8Array): void {
    const { count, memory } = code();
    const state = new BigInt64Array(memory.buffer, 0, this.#state.length);
    state.set(this.#state);
    new Uint8Array(memory.buffer, BLOCK_BYTES).set(blocks);
    this.#records += count(blocks.length, ...this.#dialect, BigInt(USUAL_RECORD_BYTES - BLOCK_BYTES));
    this.#state.set(state);
  }

  #isClean(): boolean {
    return [0n, LINE_FEED, BOTH, CARRIAGE_RETURN].includes(this.#state[NOTICED] ?? 0n);
  }

  /** What the last record has to end with, to end as the others do. */
  #lineEnd(): string {
    const noticed = this.#state[NOTICED];
    if (noticed === BOTH) return '\r\n';
    return noticed === CARRIAGE_RETURN ? '\r' : '\n';
  }
}

/** Followed by zeros, which are bytes like others: no field and no record ends with them. */
function padded(bytes: Uint8Array | string): Uint8Array {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(Buffer.from(bytes));
  return block;
}

interface Code {
  readonly memory: WebAssembly.Memory;
  readonly count: (...values: (number | bigint)[]) => number;
}

let loaded: Code | undefined;

function code(): Code {
  loaded ??= loadCode();
  return loaded;
}

function loadCode(): Code {
  const module = new WebAssembly.Module(Buffer.from(CSV_COUNT_CODE, 'base64'));
  const { memory, count } = new WebAssembly.Instance(module).exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof count !== 'function')
    throw new TypeError('csv-count.wat exports its memory and what counts.');
  return { memory, count: (...values) => Reflect.apply(count, undefined, values) };
}
