import {
  closeSync,
  constants,
  fsync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { systemErrorCode } from '../../core/errors.ts';
import { TEMPORARY_PREFIX } from '../key.ts';

/** link(2), given as an argument so that file systems without hard links can be told of in tests. */
export type Link = (from: string, to: string) => Promise<void>;

/** Node's own way to names of files is another thread, whose turn takes ten times as long; what waits for a disk goes it. */
export const hardLink: Link = async (from, to) => linkSync(from, to);

const toDisk = promisify(fsync);

const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

/** Node's answers where a file system has no hard links, or none between these two places. */
const NO_LINK = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL']);

/** A name for a file on its way to `path`, beside it. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `${TEMPORARY_PREFIX}${randomUUID()}`);
}

/** Writes a new file and has its bytes on disk; EEXIST where there is one. What was begun is removed on failure. */
export async function writeNewFile(path: string, body: Uint8Array): Promise<void> {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, body);
    await toDisk(file);
  } catch (error) {
    await removeFile(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Makes `to`, which must not exist, hold what `from` holds: the same file where it can be, else a durable copy. */
export async function linkOrCopy(from: string, to: string, link: Link = hardLink): Promise<void> {
  if (await tryLink(from, to, link)) return;
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await syncFile(to);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') await removeFile(to);
    throw error;
  }
}

/** False where the file system has no hard links here; throws EEXIST where `to` exists. */
export async function tryLink(from: string, to: string, link: Link = hardLink): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (NO_LINK.has(systemErrorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Removes a file; false where there is none. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The file or folder itself, not what a symbolic link points to; undefined where there is none. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** True where the error says that there is no such file under `root`: a file may stand where the path has a folder. */
export async function saysAbsent(error: unknown, root: string): Promise<boolean> {
  const code = systemErrorCode(error);
  if (code === 'ENOTDIR') return (await statIfThere(root))?.isFile() !== true;
  return code === 'ENOENT' || code === 'EISDIR';
}

export async function syncFile(path: string): Promise<void> {
  // Windows flushes only through a handle that may write.
  const file = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await toDisk(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the names in a folder durable. Windows cannot open folders, and keeps names durable by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform !== 'win32') await syncFile(path);
}

/**
 * Creates `folder`, and makes every name from `root` down to it durable.
 *
 * @param durable Folders of which that is so already; those of which it is so now are added.
 */
export async function makeFolder(folder: string, root: string, durable: Set<string>): Promise<void> {
  const firstCreated = await ensureFolder(folder);
  // One that is known and had to be made again is not durable again.
  const isNew = (path: string): boolean => firstCreated !== undefined && path.length >= firstCreated.length;
  const synced: string[] = [];
  let path = folder;
  while (isNew(path) || (path.length > root.length && !durable.has(path))) {
    await syncFolder(dirname(path));
    synced.push(path);
    path = dirname(path);
  }
  for (const each of synced) durable.add(each);
}

/**
 * Removes what killed processes left in `folder`: temporaries that are a day old at `nowMs`, which is taken from a new
 * file of the same file system, so that no clock has to agree with another.
 */
export async function removeStaleTemporaries(folder: string, nowMs: number): Promise<void> {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const path = join(folder, name);
    const found = await statIfThere(path);
    // ctime, for a link keeps the mtime of the file that it was made from.
    if (found !== undefined && nowMs - found.ctimeMs > STALE_AFTER_MS) await removeFile(path);
  }
}
