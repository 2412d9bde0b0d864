import type { Readable } from 'node:stream';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { IgarapeError } from '../core/errors.ts';
import { entryError, writeEntry } from './archive-extract.ts';
import { checkEntryName, shownName } from './archive-names.ts';
import {
  type Archive,
  type ArchiveLimits,
  corruptArchive,
  type Extraction,
  unsafeArchive,
} from './archive-port.ts';

/** Lists a zip file by its central directory; see {@link Archive} for what follows. */
export async function openZip(path: string, label: string, limits: ArchiveLimits): Promise<Archive> {
  const packed = await withZip(path, label, (zip) => listEntries(zip, label, limits));
  const entries = [...packed].map(([name, entry]) => ({ name, sizeBytes: entry.uncompressedSize }));
  return {
    format: 'zip',
    entries,
    extract: (names, folder, signal) => {
      const extractAll = async (zip: ZipFile): Promise<Map<string, Extraction>> => {
        const outcomes = new Map<string, Extraction>();
        for (const name of names) {
          const entry = packed.get(name);
          if (entry) outcomes.set(name, await extractEntry(zip, label, name, entry, limits, folder, signal));
        }
        return outcomes;
      };
      return withZip(path, label, extractAll, signal);
    },
  };
}

async function extractEntry(
  zip: ZipFile,
  label: string,
  name: string,
  entry: Entry,
  limits: ArchiveLimits,
  folder: string,
  signal: AbortSignal,
): Promise<Extraction> {
  const packed = { name, sizeBytes: entry.uncompressedSize, crc32: entry.crc32 };
  try {
    checkReadable(label, name, entry, limits);
    const open = (): Promise<Readable> => zip.openReadStreamPromise(entry);
    return await writeEntry(label, packed, open, folder, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'failed', error: entryError(label, name, error) };
  }
}

function checkReadable(label: string, name: string, entry: Entry, limits: ArchiveLimits): void {
  if (entry.isEncrypted()) throw corruptArchive(label, `has an encrypted entry ${shownName(name)}`);
  if (!entry.canDecodeFileData()) {
    const method = entry.compressionMethod;
    throw corruptArchive(
      label,
      `has an entry ${shownName(name)} of an unknown compression method (${method})`,
    );
  }
  const { uncompressedSize, compressedSize } = entry;
  if (uncompressedSize > limits.ratioFreeBytes && uncompressedSize > limits.maxRatio * compressedSize) {
    const sizes = `${compressedSize} bytes would become ${uncompressedSize}` as const;
    throw unsafeArchive(label, `looks like a zip bomb: ${sizes} at ${shownName(name)}`);
  }
}

async function listEntries(zip: ZipFile, label: string, limits: ArchiveLimits): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.maxEntries) {
    throw unsafeArchive(label, `has ${zip.entryCount} entries; at most ${limits.maxEntries} are read`);
  }
  const all: Entry[] = [];
  const files = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) {
    all.push(entry);
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
    const stated = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
    const checked = checkEntryName(stated);
    if (checked.kind === 'unsafe') {
      throw unsafeArchive(label, `has an entry ${shownName(stated)} that ${checked.reason}`);
    }
    if (isSpecialFile(entry)) {
      throw unsafeArchive(label, `has an entry ${shownName(stated)} that is a link or a device`);
    }
    if (stated.endsWith('/')) continue;
    if (files.has(checked.name))
      throw unsafeArchive(label, `has two entries named ${shownName(checked.name)}`);
    files.set(checked.name, entry);
  }
  checkOverlaps(label, all);
  return files;
}

const UNIX = 3;
const FILE_KIND_MASK = 0xf000;
const ORDINARY_KINDS: ReadonlySet<number> = new Set([0, 0x8000, 0x4000]);

/** By the Unix mode, where a Unix system made the archive: neither a regular file nor a folder. */
function isSpecialFile(entry: Entry): boolean {
  if (entry.versionMadeBy >>> 8 !== UNIX) return false;
  const kind = (entry.externalFileAttributes >>> 16) & FILE_KIND_MASK;
  return !ORDINARY_KINDS.has(kind);
}

const LOCAL_HEADER_BYTES = 30;

/** Entries that share bytes multiply a small archive into a huge one: no archiver writes them. */
function checkOverlaps(label: string, entries: readonly Entry[]): void {
  const byOffset = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const entry of byOffset) {
    const start = entry.relativeOffsetOfLocalHeader;
    if (start < end) throw unsafeArchive(label, 'has entries that overlap, as zip bombs do');
    end = start + LOCAL_HEADER_BYTES + entry.fileNameLength + entry.compressedSize;
  }
}

/** Throws what `use` throws as an `IgarapeError`, but for the reason of an abort. */
async function withZip<T>(
  path: string,
  label: string,
  use: (zip: ZipFile) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { autoClose: false, decodeStrings: false, validateEntrySizes: false });
    return await use(zip);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof IgarapeError) throw error;
    throw corruptArchive(label, 'is no whole zip file', error);
  } finally {
    zip?.close();
  }
}
