const MOST_BLOCK_BYTES = 128 * 1024;

/** The bytes as a Zstandard frame of blocks that are not compressed: for tests without a compressor. */
export function zstdOf(bytes: Uint8Array): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += MOST_BLOCK_BYTES) {
    const part = bytes.subarray(at, at + MOST_BLOCK_BYTES);
    blocks.push(block(part.length, 0, at + MOST_BLOCK_BYTES >= bytes.length), Buffer.from(part));
  }
  return Buffer.concat([HEADER, ...blocks]);
}

/** A frame that unpacks to so many equal bytes. */
export function zstdRepeating(byte: number, times: number): Buffer {
  const count = Math.ceil(times / MOST_BLOCK_BYTES);
  const blocks = Array.from({ length: count }, (_, index) =>
    Buffer.concat([block(MOST_BLOCK_BYTES, 1, index === count - 1), Buffer.from([byte])]),
  );
  return Buffer.concat([HEADER, ...blocks]);
}

/** The magic number, no flags, and a window of 1 MB. */
const HEADER = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]);

function block(size: number, type: 0 | 1, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (type << 1) | (isLast ? 1 : 0), 0, 3);
  return header;
}
