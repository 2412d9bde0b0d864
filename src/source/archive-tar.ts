import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract as createExtract, type Extract } from 'tar-stream';
import { IgarapeError } from '../core/errors.ts';
import { entryError, writeEntry } from './archive-extract.ts';
import { checkEntryName, shownName } from './archive-names.ts';
import {
  type Archive,
  type ArchiveEntry,
  type ArchiveLimits,
  corruptArchive,
  type Extraction,
  unsafeArchive,
} from './archive-port.ts';

/** Lists a tar file by reading it through once; see {@link Archive} for what follows. */
export async function openTar(
  path: string,
  format: 'tar' | 'tar.gz',
  label: string,
  limits: ArchiveLimits,
): Promise<Archive> {
  const tar: Tar = { path, gzipped: format === 'tar.gz', label, limits };
  const entries = await listEntries(tar);
  return {
    format,
    entries,
    extract: (names, folder, signal) => extractEntries(tar, entries, names, folder, signal),
  };
}

interface Tar {
  readonly path: string;
  readonly gzipped: boolean;
  readonly label: string;
  readonly limits: ArchiveLimits;
}

async function listEntries(tar: Tar): Promise<ArchiveEntry[]> {
  const { label, limits } = tar;
  const entries = new Map<string, ArchiveEntry>();
  let count = 0;
  await readTar(tar, undefined, async (entry) => {
    const { name: stated, size, type } = entry.header;
    count += 1;
    if (count > limits.maxEntries) {
      throw unsafeArchive(label, `has too many entries; at most ${limits.maxEntries} are read`);
    }
    if (type === 'directory' && /^[./]*$/.test(stated) && !stated.includes('..')) return;
    const checked = checkEntryName(stated);
    if (checked.kind === 'unsafe') {
      throw unsafeArchive(label, `has an entry ${shownName(stated)} that ${checked.reason}`);
    }
    if (type === 'directory') return;
    if (type !== 'file' && type !== 'contiguous-file') {
      throw unsafeArchive(label, `has an entry ${shownName(stated)} that is a link or a device`);
    }
    if (entries.has(checked.name))
      throw unsafeArchive(label, `has two entries named ${shownName(checked.name)}`);
    entries.set(checked.name, { name: checked.name, sizeBytes: size });
  });
  return [...entries.values()];
}

async function extractEntries(
  tar: Tar,
  entries: readonly ArchiveEntry[],
  names: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<Map<string, Extraction>> {
  const wanted = new Map(
    entries.filter(({ name }) => names.includes(name)).map((entry) => [entry.name, entry]),
  );
  const outcomes = new Map<string, Extraction & { kind: 'extracted' }>();
  let current = names[0] ?? '';
  try {
    await readTar(tar, signal, async (entry) => {
      const checked = checkEntryName(entry.header.name);
      const known = checked.kind === 'safe' ? wanted.get(checked.name) : undefined;
      if (!known) return;
      current = known.name;
      outcomes.set(known.name, await writeEntry(tar.label, known, () => bytesOf(entry), folder, signal));
    });
    return outcomes;
  } catch (error) {
    await Promise.all([...outcomes.values()].map(({ path }) => rm(path, { force: true })));
    signal.throwIfAborted();
    const failed: Extraction = { kind: 'failed', error: entryError(tar.label, current, error) };
    return new Map([...wanted.keys()].map((name) => [name, failed]));
  }
}

async function* bytesOf(entry: Entry): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

/**
 * Shows every entry to `visit`, which reads its bytes or leaves them, and reads to the end of the file whatever comes,
 * so that checksum and end mark are always looked at. Throws an `IgarapeError`, or the signal's reason.
 */
async function readTar(
  tar: Tar,
  signal: AbortSignal | undefined,
  visit: (entry: Entry) => Promise<void>,
): Promise<void> {
  const extract = createExtract();
  const unpacked = new PassThrough();
  const feeding = Promise.allSettled([unpack(tar, unpacked, signal), feed(tar, unpacked, extract)]);
  try {
    for await (const entry of extract) {
      await visit(entry);
      entry.resume();
    }
    for (const outcome of await feeding) if (outcome.status === 'rejected') throw outcome.reason;
  } catch (error) {
    unpacked.destroy();
    extract.destroy(null);
    const causes = await feeding;
    signal?.throwIfAborted();
    throw tarError(tar.label, error, causes);
  }
}

async function unpack(tar: Tar, target: PassThrough, signal: AbortSignal | undefined): Promise<void> {
  const file = createReadStream(tar.path);
  const options = signal ? { signal } : {};
  await (tar.gzipped ? pipeline(file, createGunzip(), target, options) : pipeline(file, target, options));
}

const TAR_BLOCK_BYTES = 512;

/** Writes the unpacked bytes to the tar reader, watching what they cost and that they end as a tar does. */
async function feed(tar: Tar, unpacked: Readable, extract: Extract): Promise<void> {
  const { size: packedBytes } = await stat(tar.path);
  let tail: Buffer = Buffer.alloc(0);
  let bytes = 0;
  try {
    for await (const chunk of unpacked) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      if (bytes > tar.limits.ratioFreeBytes && bytes > tar.limits.maxRatio * packedBytes) {
        throw unsafeArchive(tar.label, `looks like a bomb: ${packedBytes} bytes become more than ${bytes}`);
      }
      tail = Buffer.concat([tail, chunk.subarray(-TAR_BLOCK_BYTES)]).subarray(-TAR_BLOCK_BYTES);
      if (!extract.write(chunk)) await drained(extract);
    }
    if (tail.length < TAR_BLOCK_BYTES || tail.some((byte) => byte !== 0)) {
      throw corruptArchive(tar.label, 'is cut off: the mark at the end of a tar file is not there');
    }
    extract.end(null);
  } catch (error) {
    extract.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function drained(extract: Extract): Promise<void> {
  if (extract.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      extract.removeListener('drain', done);
      extract.removeListener('close', done);
      resolve();
    };
    extract.on('drain', done);
    extract.on('close', done);
  });
}

/** The error that was first: ours where there is one, else that of the unpacking, else that of the tar reader. */
function tarError(
  label: string,
  error: unknown,
  causes: readonly PromiseSettledResult<void>[],
): IgarapeError {
  const reasons = [error, ...causes.flatMap((cause) => (cause.status === 'rejected' ? [cause.reason] : []))];
  const own = reasons.find((reason) => reason instanceof IgarapeError);
  if (own instanceof IgarapeError) return own;
  const zlibError = reasons.find(
    (reason) => reason instanceof Error && 'code' in reason && String(reason.code).startsWith('Z_'),
  );
  const first = zlibError ?? error;
  const message = first instanceof Error ? first.message : String(first);
  return corruptArchive(label, `is damaged or cut off: ${message}`, first);
}
