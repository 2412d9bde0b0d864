import { ensureFolder } from '../core/ensure-folder.ts';
import type { Told } from '../core/language/sentence.ts';
import { createHash } from 'node:crypto';
import { rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { IgarapeError, systemErrorCode } from '../core/errors.ts';
import { safeFileName, shownName } from './archive-names.ts';
import { type ArchiveEntry, corruptArchive, type Extraction, unsafeArchive } from './archive-port.ts';

/** An entry about to be unpacked: with the CRC-32 of its bytes where the archive states one for each. */
export interface PackedEntry extends ArchiveEntry {
  readonly crc32?: number;
}

/**
 * Writes an entry's bytes, which `open` starts to read, to `folder`, checking size and CRC-32, by way of a `.part` file that nothing is left of when
 * it fails. Throws an `IgarapeError`, or the signal's reason.
 */
export async function writeEntry(
  label: string,
  entry: PackedEntry,
  open: () => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
  folder: string,
  signal: AbortSignal,
): Promise<Extraction & { kind: 'extracted' }> {
  const path = join(folder, safeFileName(entry.name));
  const part = `${path}.part`;
  try {
    await ensureFolder(folder);
    await checkFreeSpace(folder, entry.sizeBytes, `${shownName(entry.name)} of the archive ${label}`);
    const hash = createHash('sha256');
    await writeFile(part, checked(label, entry, open, hash), { signal });
    await rename(part, path);
    return { kind: 'extracted', path, sizeBytes: entry.sizeBytes, sha256: hash.digest('hex') };
  } catch (error) {
    await rm(part, { force: true });
    signal.throwIfAborted();
    throw entryError(label, entry.name, error);
  }
}

/** What an unpacking failed of, as an error that names archive and entry. */
export function entryError(label: string, name: string, error: unknown): IgarapeError {
  if (error instanceof IgarapeError) return error;
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return diskFull(
      `The disk became full while ${shownName(name)} of the archive ${label} was unpacked`,
      error,
    );
  }
  return corruptArchive(label, `is damaged at ${shownName(name)}`, error);
}

/** Throws `DISK_FULL` where `folder`'s disk has less than `neededBytes` left. */
export async function checkFreeSpace(folder: string, neededBytes: number, what: string): Promise<void> {
  const disk = await statfs(folder);
  const freeBytes = disk.bavail * disk.bsize;
  if (neededBytes <= freeBytes) return;
  throw diskFull(`There is no room for ${what}: ${neededBytes} bytes are needed and ${freeBytes} are free`);
}

export function diskFull(message: Told, cause?: unknown): IgarapeError {
  return new IgarapeError('DISK_FULL', message, {
    hint: 'Free some space, or point work_dir to a larger disk, and run again: nothing was lost.',
    cause,
  });
}

async function* checked(
  label: string,
  entry: PackedEntry,
  open: () => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let crc = 0;
  for await (const chunk of await open()) {
    size += chunk.length;
    if (size > entry.sizeBytes) {
      throw unsafeArchive(label, `has an entry ${shownName(entry.name)} that is larger than it declares`);
    }
    crc = crc32(chunk, crc);
    hash.update(chunk);
    yield chunk;
  }
  if (size !== entry.sizeBytes) {
    const sizes = `${size} bytes instead of ${entry.sizeBytes}` as const;
    throw corruptArchive(label, `is damaged: ${shownName(entry.name)} has ${sizes}`);
  }
  if (entry.crc32 !== undefined && crc !== entry.crc32) {
    throw corruptArchive(label, `is damaged: the CRC-32 of ${shownName(entry.name)} does not match`);
  }
}
