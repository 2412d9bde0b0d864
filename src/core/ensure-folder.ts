import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from './errors.ts';

/**
 * Creates `folder`, and what is missing above it. Resolves to the first folder that it made, to undefined where all were
 * there. Node's own `recursive` never ends where a folder takes no names and says ENOENT for it, as `/proc` does.
 *
 * @throws what the system says of the folder that cannot be made.
 */
export async function ensureFolder(folder: string): Promise<string | undefined> {
  const parent = dirname(folder);
  let first: string | undefined;
  for (let parentWasThere = parent === folder; ;) {
    try {
      mkdirSync(folder);
      return first ?? folder;
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'EEXIST' ? statSync(folder).isDirectory() : code !== 'ENOENT' && isFolder(folder))
        return first;
      if (code !== 'ENOENT') throw error;
      if (parentWasThere) throw error;
      const made = await ensureFolder(parent);
      parentWasThere = made === undefined;
      first ??= made;
    }
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
