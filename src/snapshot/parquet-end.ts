import { open } from 'node:fs/promises';

const MAGIC = 'PAR1';
/** After the footer: its length, and the magic bytes. */
const TRAILER_BYTES = 8;
const FIRST_LOOK_BYTES = 64 * 1024;

/** A file that lies elsewhere. */
interface Elsewhere {
  readonly sizeBytes: number;
  /** Its last bytes, all where it has fewer. */
  end(bytes: number): Promise<Buffer>;
}

/**
 * Writes a file of the same size that has of a Parquet file its footer alone, so that it opens as that file does, and takes
 * no room; its rows cannot be read. False where the file is none.
 */
export async function writeParquetEnd(file: Elsewhere, path: string): Promise<boolean> {
  let end = await file.end(FIRST_LOOK_BYTES);
  if (end.length <= TRAILER_BYTES + MAGIC.length || !isEnd(end)) return false;
  const length = end.readUInt32LE(end.length - TRAILER_BYTES) + TRAILER_BYTES;
  if (length + MAGIC.length > file.sizeBytes) return false;
  if (length > end.length) end = await file.end(length);
  await using written = await open(path, 'w');
  await written.truncate(file.sizeBytes);
  await written.write(MAGIC, 0);
  await written.write(end, end.length - length, length, file.sizeBytes - length);
  return true;
}

/** Whether a file ends as a Parquet file does, beside the same mark at its beginning. */
export async function hasParquetEnd(path: string): Promise<boolean> {
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer } = await file.read(
    Buffer.alloc(MAGIC.length),
    0,
    MAGIC.length,
    Math.max(MAGIC.length, size - MAGIC.length),
  );
  return isEnd(buffer);
}

function isEnd(end: Buffer): boolean {
  return end.toString('latin1', end.length - MAGIC.length) === MAGIC;
}
