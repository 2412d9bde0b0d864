import { corruptArchive, type Archive, type ArchiveLimits, defaultLimits } from './archive-port.ts';
import { describeFormat, sniffFormat } from './archive-format.ts';
import { openTar } from './archive-tar.ts';
import { openZip } from './archive-zip.ts';

export interface OpenArchiveOptions {
  /** What the archive is called in errors; its path where it is not given. */
  readonly label?: string;
  readonly limits?: ArchiveLimits;
}

/**
 * Opens a zip, tar or gzipped tar, told by its bytes, and lists it. Throws `SOURCE_CORRUPT` where it is none of them or
 * is damaged, and `SOURCE_UNSAFE_ARCHIVE` where its listing alone shows that it is made to do harm: names that lead
 * out, links, devices, names twice, overlapping or too many entries.
 */
export async function openArchive(path: string, options: OpenArchiveOptions = {}): Promise<Archive> {
  const { label = path, limits = defaultLimits } = options;
  const format = await sniffFormat(path);
  if (format === 'zip' || format === 'xlsx') return await openZip(path, label, limits);
  if (format === 'tar' || format === 'tar.gz') return await openTar(path, format, label, limits);
  throw corruptArchive(label, `is neither zip nor tar: it looks like ${describeFormat(format)}`);
}
