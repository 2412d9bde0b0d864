import type { Told } from '../core/language/sentence.ts';
import { IgarapeError } from '../core/errors.ts';

/** A file inside an archive. */
export interface ArchiveEntry {
  /** Its path inside the archive, parts separated by `/`, without `.` and `..` parts. */
  readonly name: string;
  /** Its size unpacked, as the archive declares it. */
  readonly sizeBytes: number;
}

/** What became of an entry that was to be extracted. */
export type Extraction =
  | { readonly kind: 'extracted'; readonly path: string; readonly sizeBytes: number; readonly sha256: string }
  | { readonly kind: 'failed'; readonly error: IgarapeError };

/** An archive on local disk. No file is held open between calls. */
export interface Archive {
  readonly format: 'zip' | 'tar' | 'tar.gz';
  /** The regular files, in the archive's order; every name is safe and there once. */
  readonly entries: readonly ArchiveEntry[];

  /**
   * Unpacks the named entries into `folder`, under names of its own making that cannot leave it, and checks sizes and
   * checksums. A file is there whole or not at all. Nested archives are files like others. An entry that fails is an
   * outcome, so that others can be used; in a tar, whose checksum is one for all, all fail together.
   * Throws only when `signal` aborts.
   */
  extract(
    names: readonly string[],
    folder: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Extraction>>;
}

/** What an archive may cost to unpack. */
export interface ArchiveLimits {
  /** How many bytes one packed byte may become … */
  readonly maxRatio: number;
  /** … beyond this many bytes unpacked; small files may be as dense as they like. */
  readonly ratioFreeBytes: number;
  readonly maxEntries: number;
}

export const defaultLimits: ArchiveLimits = {
  maxRatio: 250,
  ratioFreeBytes: 256 * 1024 * 1024,
  maxEntries: 100_000,
};

export function corruptArchive(label: string, found: Told, cause?: unknown): IgarapeError {
  return new IgarapeError('SOURCE_CORRUPT', `The archive ${label} ${found}`, {
    hint: 'Nothing of it was used. Delete the local copy if there is one, and download it again; if it stays so, tell its publisher.',
    cause,
  });
}

export function unsafeArchive(label: string, found: Told): IgarapeError {
  return new IgarapeError('SOURCE_UNSAFE_ARCHIVE', `The archive ${label} ${found}`, {
    hint: 'Nothing of it was used, for honest archives do not hold this. Look at where it comes from before you unpack it by hand.',
  });
}
