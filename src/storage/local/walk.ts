import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compareKeys, TEMPORARY_PREFIX } from '../key.ts';
import type { StoredObject } from '../port.ts';
import { saysAbsent, statIfThere } from './files.ts';

/**
 * The files under `root` as objects, in the order of their whole keys. Symbolic links are passed over, so that the walk
 * neither leaves the root nor runs in circles.
 */
export async function* walk(root: string, prefix: string, startAfter: string): AsyncGenerator<StoredObject> {
  yield* walkFolder(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), { prefix, startAfter });
}

interface Wanted {
  readonly prefix: string;
  readonly startAfter: string;
}

async function* walkFolder(root: string, folder: string, wanted: Wanted): AsyncGenerator<StoredObject> {
  for (const { entry, key } of await readSorted(root, folder, wanted)) {
    if (entry.isDirectory()) {
      yield* walkFolder(root, key, wanted);
    } else {
      const found = await statIfThere(join(root, key));
      if (found?.isFile() === true) {
        yield { key, sizeBytes: found.size, modifiedMs: Math.floor(found.mtimeMs) };
      }
    }
  }
}

function isWanted(key: string, { prefix, startAfter }: Wanted): boolean {
  return key.startsWith(prefix) && compareKeys(key, startAfter) > 0;
}

/** The keys of a folder end in `/`, which is what sorts `a.b` before `a/b` and `a/b` before `a0`. */
function mayHoldWanted(folderKey: string, { prefix, startAfter }: Wanted): boolean {
  const onTheWay = folderKey.startsWith(prefix) || prefix.startsWith(folderKey);
  return onTheWay && (startAfter.startsWith(folderKey) || compareKeys(folderKey, startAfter) > 0);
}

async function readSorted(
  root: string,
  folder: string,
  wanted: Wanted,
): Promise<{ entry: Dirent; key: string }[]> {
  const entries = await readFolder(join(root, folder), root);
  return entries
    .filter((entry) => !entry.name.startsWith(TEMPORARY_PREFIX) && (entry.isFile() || entry.isDirectory()))
    .map((entry) => ({ entry, key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}` }))
    .filter(({ entry, key }) => (entry.isDirectory() ? mayHoldWanted(key, wanted) : isWanted(key, wanted)))
    .toSorted((left, right) => compareKeys(left.key, right.key));
}

async function readFolder(path: string, root: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (await saysAbsent(error, root)) return [];
    throw error;
  }
}
