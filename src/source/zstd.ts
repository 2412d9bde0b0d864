const FRAME = 0xfd2fb528;
/** Frames of anything else, which are passed over. */
const FIRST_SKIPPED = 0x184d2a50;
const LAST_SKIPPED = 0x184d2a5f;

export function isSkippedFrame(magic: number): boolean {
  return magic >= FIRST_SKIPPED && magic <= LAST_SKIPPED;
}

/**
 * Unpacks Zstandard block by block, so that no more than one is in memory however dense it is, and holds each frame
 * that has a checksum to it, which the unpacker itself passes over.
 */
export async function* unzstd(chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd');
  const { createXXHash64 } = await import('hash-wasm');
  const hash = await createXXHash64();
  const packed = new ByteReader(chunks);
  let ready: Buffer[] = [];
  while (!(await packed.isAtEnd())) {
    const magic = await packed.take(4);
    const number = magic.readUInt32LE();
    if (isSkippedFrame(number)) {
      await packed.skip((await packed.take(4)).readUInt32LE());
      continue;
    }
    if (number !== FRAME) throw new Error('what follows is no frame');
    const unpack = new Decompress((chunk) => {
      // A copy: the unpacker uses its memory again.
      const copy = Buffer.from(chunk);
      hash.update(copy);
      ready.push(copy);
    });
    hash.init();
    const head = await packed.take(1);
    const [descriptor = 0] = head;
    unpack.push(Buffer.concat([magic, head, await packed.take(headerBytes(descriptor))]));
    for (let isLast = false; !isLast;) {
      const header = await packed.take(3);
      const block = header.readUIntLE(0, 3);
      isLast = (block & 1) === 1;
      const isRepeated = ((block >> 1) & 3) === 1;
      unpack.push(Buffer.concat([header, await packed.take(isRepeated ? 1 : block >> 3)]));
      yield* ready;
      ready = [];
    }
    const hasChecksum = (descriptor & 4) !== 0;
    const checksum = await packed.take(hasChecksum ? 4 : 0);
    unpack.push(checksum, true);
    yield* ready;
    ready = [];
    if (hasChecksum && Number.parseInt(hash.digest().slice(-8), 16) !== checksum.readUInt32LE())
      throw new Error('its checksum is another');
  }
}

/** What follows the descriptor of a frame: the window, a dictionary's id, the content's size, each where it is there. */
function headerBytes(descriptor: number): number {
  const isSingle = (descriptor & 32) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag;
  return Number(!isSingle) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + sizeBytes;
}

/** Bytes by number, from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer> | Iterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer> | Iterable<Buffer>) {
    this.#chunks =
      Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return true;
      this.#rest = next.value;
    }
    return false;
  }

  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = size; missing > 0;) {
      const part = await this.#some(missing);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async skip(size: number): Promise<void> {
    for (let missing = size; missing > 0;) missing -= (await this.#some(missing)).length;
  }

  async #some(most: number): Promise<Buffer> {
    if (await this.isAtEnd()) throw new Error('unexpected EOF');
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
