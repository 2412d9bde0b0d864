import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import { sourceError } from './files-state.ts';
import { isLeftBehind } from './match.ts';

/**
 * The names of the files under `folder`, parts separated by `/`, in the order of their code units. Links to files
 * count as files; linked folders are not entered, so that nothing is found twice and no walk is endless. Left out are
 * dot files and folders, files that are still being written by their ending (`.part`, `.tmp`), and lakes.
 */
export async function listFolder(folder: string, signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  const folders = [''];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    signal.throwIfAborted();
    const path = join(folder, at);
    const entries = await readFolder(path);
    if (at !== '' && entries.some((entry) => entry.name === LAKE_MARK)) continue;
    for (const entry of entries) {
      if (isLeftBehind(entry.name) || UNFINISHED.test(entry.name)) continue;
      const name = `${at}${entry.name}`;
      if (entry.isDirectory()) folders.push(`${name}/`);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(join(path, entry.name))))) {
        names.push(name);
      }
    }
  }
  return names.toSorted();
}

/** The folder that every lake has: what igarape has written is no source of what it reads. */
const LAKE_MARK = '_igarape';

const UNFINISHED = /(?:\.(?:part|partial|filepart|tmp|temp|crdownload|download|swp)|~)$/i;

async function readFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw sourceError(error, path);
  }
}

async function leadsToFile(link: string): Promise<boolean> {
  try {
    return (await stat(link)).isFile();
  } catch (error) {
    // What else is wrong with it concerns the table whose file it may be, and no other.
    return !['ENOENT', 'ELOOP', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
  }
}
