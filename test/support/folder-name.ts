import { cp, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as fc from 'fast-check';

const SIGNS = ['[', ']', '*', '?', '{', '}', '!', "'", '"', '%', '#', '&', '=', '+', ',', ';', ':', '$', '~'];
const PARTS = [
  ...SIGNS,
  ' ',
  '%20',
  '[ab]',
  '**',
  'day=1',
  '$1',
  'ção',
  'Ω',
  '日本',
  '🐟',
  'e\u0301',
  'a',
  'B',
  '7',
];

/** Names of folders with whatever a file system takes: the signs of globs, URIs, SQL and shells, and other scripts. */
export const folderName: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...PARTS), { minLength: 3, maxLength: 8 })
  .map((parts) => parts.join(''));

/**
 * Copies a folder beside it to where its name leads as a glob, if it is one, and makes nonsense of the copy's files: who
 * takes the folder's name for a glob stumbles over it.
 */
export async function plantDecoy(folder: string): Promise<void> {
  const other = basename(folder)
    .replaceAll(/\[([^\]])[^\]]*\]/g, '$1')
    .replaceAll(/[*?]/g, 'x');
  const decoy = join(dirname(folder), other);
  if (decoy === folder) return;
  await cp(folder, decoy, { recursive: true });
  for (const entry of await readdir(decoy, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await writeFile(join(entry.parentPath, entry.name), 'a decoy');
}
