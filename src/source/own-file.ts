import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder } from '../core/ensure-folder.ts';
import { IgarapeError, systemErrorCode } from '../core/errors.ts';
import { linkOrCopy } from '../storage/local/files.ts';
import { safeFileName } from './archive-names.ts';
import { sha256File } from './hash.ts';

export interface OwnFile {
  readonly path: string;
  /** To be called after the last reading: throws where the bytes were changed meanwhile. */
  readonly confirm: () => Promise<void>;
}

/**
 * A download of the work folder as a run's own file, below `runDir`: other runs may replace or remove theirs. What is
 * hashed is this file, for what was downloaded need not be what lies there: work folders are shared, copied and restored.
 *
 * @throws IgarapeError SOURCE_CORRUPT, retryable: it has other bytes than `sha256` says. It is dropped, so that the next
 * run downloads it again.
 */
export async function ownFile(
  shared: string,
  { label, sha256 }: { readonly label: string; readonly sha256: string },
  runDir: string,
  signal: AbortSignal,
): Promise<OwnFile> {
  // Two tables may be read from one file at once.
  const folder = join(runDir, 'source', randomUUID());
  const path = join(folder, safeFileName(shared));
  try {
    await ensureFolder(folder);
    await linkOrCopy(shared, path);
    const before = await stateOf(path);
    const found = await sha256File(path, signal);
    if (found === sha256) {
      return {
        path,
        confirm: async () => {
          if ((await stateOf(path)) !== before) throw notTheDownload(label);
        },
      };
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw notTheDownload(label, error);
    throw error;
  }
  await rm(shared, { force: true });
  throw notTheDownload(label);
}

/** Times of the bytes alone: links come and go. */
async function stateOf(path: string): Promise<string> {
  const { size, mtimeNs } = await stat(path, { bigint: true });
  return `${size} ${mtimeNs}`;
}

function notTheDownload(label: string, cause?: unknown): IgarapeError {
  return new IgarapeError(
    'SOURCE_CORRUPT',
    `The copy of ${label} in the work folder is not what was downloaded`,
    {
      hint: 'Run again: it is downloaded anew. Best give each schedule a work_dir of its own.',
      retryable: true,
      cause,
    },
  );
}
