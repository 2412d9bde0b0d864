import { isDeepStrictEqual } from 'node:util';
import type { Archive, Extraction } from './archive-port.ts';
import { findTable } from './match.ts';
import type { FetchedFile, SeenFile, TableRequest, TableState, Unchanged } from './port.ts';

export interface ArchiveTablesOptions {
  /** The source version that the archive is of. */
  readonly version: string;
  /** What to remember of the archive with each table. */
  readonly marks?: Readonly<Record<string, string>>;
  /** Where the files are unpacked to. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Throws where the archive itself was changed meanwhile; needless for one that nobody else writes to. */
  readonly confirm?: () => Promise<void>;
}

/**
 * The state of each table in an archive. The first `fetch` unpacks the files of all tables together, so that an archive
 * is read once; each table's fetch throws its own file's error, and resolves unchanged where its hash is the seen one.
 */
export function tablesInArchive(
  archive: Archive,
  tables: readonly TableRequest[],
  options: ArchiveTablesOptions,
): Map<string, TableState> {
  const names = archive.entries.map(({ name }) => name);
  const found = tables.map((table) => ({ table, match: findTable(table.pattern, names) }));
  const wanted = new Set(found.flatMap(({ match }) => (match.kind === 'found' ? [match.name] : [])));
  let extraction: Promise<ReadonlyMap<string, Extraction>> | undefined;
  const extractOnce = (): Promise<ReadonlyMap<string, Extraction>> => {
    extraction ??= archive.extract([...wanted], options.folder, options.signal);
    return extraction;
  };
  const fetch = async (name: string, seen: SeenFile | undefined): Promise<FetchedFile | Unchanged> => {
    const outcome = (await extractOnce()).get(name);
    if (outcome === undefined) throw new Error(`${name} was not unpacked`);
    if (outcome.kind === 'failed') throw outcome.error;
    const { path, sizeBytes, sha256 } = outcome;
    const { version, marks, confirm } = options;
    return fetched(path, { version, name, sizeBytes, sha256, ...(marks ? { marks } : {}) }, seen, confirm);
  };
  return new Map(
    found.map(({ table, match }) => [
      table.name,
      match.kind === 'found'
        ? { kind: 'present', name: match.name, fetch: () => fetch(match.name, table.seen) }
        : match,
    ]),
  );
}

/** A file whose hash is known already; unchanged where it is the seen one. */
export function fetched(
  path: string,
  file: SeenFile,
  seen: SeenFile | undefined,
  confirm: () => Promise<void> = () => Promise.resolve(),
): FetchedFile | Unchanged {
  // Another name can mean another format, so the same bytes under another name are read again.
  if (seen?.sha256 === file.sha256 && seen.name === file.name)
    return unchanged(seen, file.version, file.marks);
  return {
    kind: 'file',
    path,
    name: file.name,
    hash: () => Promise.resolve(file),
    confirm,
  };
}

/** That a table's file is the seen one, and to remember the version and marks that it was now found with. */
export function unchanged(
  seen: SeenFile,
  version: string,
  marks: Readonly<Record<string, string>> | undefined,
): Unchanged {
  const isNews = seen.version !== version || !isDeepStrictEqual(seen.marks, marks);
  if (!isNews) return { kind: 'unchanged' };
  const { name, sizeBytes, sha256 } = seen;
  return { kind: 'unchanged', seen: { version, name, sizeBytes, sha256, ...(marks ? { marks } : {}) } };
}
