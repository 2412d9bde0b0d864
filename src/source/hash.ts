import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

const CHUNK_BYTES = 1 << 20;

/** The SHA-256 of a file's bytes, as lower-case hex. Throws the file system's own errors, and the signal's reason. */
export async function sha256File(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // A stream takes a chunk's memory for the smallest file.
  const { size } = await stat(path);
  const chunks = createReadStream(path, { highWaterMark: Math.min(CHUNK_BYTES, Math.max(size, 1)) });
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}
