import { isDeepStrictEqual } from 'node:util';
import type { FetchedFile, SeenFile, Unchanged } from './port.ts';

/** A file whose hash is known already; unchanged where it is the seen one. */
export function fetched(
  path: string,
  file: SeenFile,
  seen: SeenFile | undefined,
  confirm?: () => Promise<void>,
): FetchedFile | Unchanged {
  // Another name can mean another format, so the same bytes under another name are read again.
  if (seen?.sha256 === file.sha256 && seen.name === file.name)
    return unchanged(seen, file.version, file.marks);
  return fetchedFile(path, file, confirm);
}

/** A file whose hash is known already, to be read. */
export function fetchedFile(
  path: string,
  file: SeenFile,
  confirm: () => Promise<void> = () => Promise.resolve(),
): FetchedFile {
  return { kind: 'file', path, name: file.name, hash: () => Promise.resolve(file), confirm };
}

/** That a table's file is the seen one, and to remember the version and marks that it was now found with. */
export function unchanged(
  seen: SeenFile,
  version: string,
  marks: Readonly<Record<string, string>> | undefined,
): Unchanged {
  const isNews = seen.version !== version || !isDeepStrictEqual(seen.marks, marks);
  if (!isNews) return { kind: 'unchanged' };
  const { marks: _, ...same } = seen;
  return { kind: 'unchanged', seen: { ...same, version, ...(marks ? { marks } : {}) } };
}
