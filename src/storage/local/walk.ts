import { type Dirent, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { compareKeys, isKey, TEMPORARY_PREFIX } from '../key.ts';
import type { StoredObject } from '../port.ts';
import { saysAbsent, statIfThere } from './files.ts';

/**
 * The files under `root` as objects, in the order of their whole keys. Symbolic links are passed over, so that the walk
 * neither leaves the root nor runs in circles.
 */
export async function* walk(root: string, prefix: string, startAfter: string): AsyncGenerator<StoredObject> {
  yield* walkFolder(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), { prefix, startAfter });
}

/** The names of the folders right in a folder. */
export async function foldersIn(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readFolder(join(root, folder), root);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.filter((name) => isKey(name)).toSorted(compareKeys);
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
      const found = entry.stats ?? (await statIfThere(join(root, key)));
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
): Promise<{ entry: Entry; key: string }[]> {
  const path = join(root, folder);
  const after = wanted.startAfter.startsWith(folder) ? wanted.startAfter.slice(folder.length) : '';
  const tail = after === '' ? undefined : await readTail(path, root, after);
  const entries = tail ?? (await readFolder(path, root));
  return entries
    .filter((entry) => !entry.name.startsWith(TEMPORARY_PREFIX) && (entry.isFile() || entry.isDirectory()))
    .map((entry) => ({ entry, key: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}` }))
    .filter(({ entry, key }) => (entry.isDirectory() ? mayHoldWanted(key, wanted) : isWanted(key, wanted)))
    .toSorted((left, right) => compareKeys(left.key, right.key));
}

interface Entry extends Pick<Dirent, 'isFile' | 'isDirectory'> {
  readonly name: string;
  /** Where it has been looked up already. */
  readonly stats?: Stats;
}

/**
 * What sorts after a name in a folder, and folders that may hold such, where they are few: to read the names alone takes
 * half the time, and whoever lists the end of a long log skips nearly all of them. Undefined where they are many.
 */
async function readTail(path: string, root: string, startAfter: string): Promise<Entry[] | undefined> {
  // Against ASCII, JavaScript's order is that of the UTF-8 bytes, whatever the other text is.
  const isAfter = ASCII.test(startAfter)
    ? (name: string): boolean => name > startAfter
    : (name: string): boolean => compareKeys(name, startAfter) > 0;
  const names = (await readNames(path, root)).filter((name) => isAfter(name) || startAfter.startsWith(name));
  if (names.length > LONGEST_TAIL) return undefined;
  const found = await Promise.all(
    names.map(async (name) => ({ name, stats: await statIfThere(join(path, name)) })),
  );
  return found.flatMap(({ name, stats }) =>
    stats === undefined
      ? []
      : [{ name, stats, isFile: () => stats.isFile(), isDirectory: () => stats.isDirectory() }],
  );
}

const LONGEST_TAIL = 200;
const ASCII = /^[ -~]*$/;

async function readNames(path: string, root: string): Promise<string[]> {
  try {
    return readdirSync(path);
  } catch (error) {
    if (await saysAbsent(error, root)) return [];
    throw error;
  }
}

async function readFolder(path: string, root: string): Promise<Dirent[]> {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (await saysAbsent(error, root)) return [];
    throw error;
  }
}
