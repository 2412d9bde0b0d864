import type { Archive, Extraction } from './archive-port.ts';
import { fetched, fetchedFile } from './fetched.ts';
import { manyFiles } from './many.ts';
import { findTable, foundNames, type FoundTable, withDate } from './match.ts';
import { refuseUnclosed } from './unclosed.ts';
import type { Fetched, Part, SeenFile, TableRequest, TableState, Unchanged } from './port.ts';

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
  const sizes = new Map(archive.entries.map(({ name, sizeBytes }) => [name, sizeBytes]));
  const found = new Map(tables.map((table) => [table, findTable(table, [...sizes.keys()])]));
  const wanted = new Set([...found.values()].flatMap(foundNames));
  let extraction: Promise<ReadonlyMap<string, Extraction>> | undefined;
  const extractOnce = (): Promise<ReadonlyMap<string, Extraction>> => {
    extraction ??= archive.extract([...wanted], options.folder, options.signal);
    return extraction;
  };
  const { version, marks, confirm } = options;
  const extracted = async (name: string): Promise<{ path: string; file: SeenFile }> => {
    await refuseUnclosed(name, (other) => sizes.get(other));
    const outcome = (await extractOnce()).get(name);
    if (outcome === undefined) throw new Error(`${name} was not unpacked`);
    if (outcome.kind === 'failed') throw outcome.error;
    const { path, sizeBytes, sha256 } = outcome;
    return { path, file: { version, name, sizeBytes, sha256, ...(marks ? { marks } : {}) } };
  };
  const partOf = (name: string): Part => ({
    name,
    sizeBytes: sizes.get(name) ?? 0,
    fetch: async () => {
      const { path, file } = await extracted(name);
      return fetchedFile(path, file, confirm);
    },
  });
  const stateOf = (table: TableRequest, match: FoundTable): TableState => {
    if (match.kind === 'many')
      return manyFiles(table, match.names.map(partOf), { version, marks: marks ?? {} });
    if (match.kind !== 'found') return match;
    const fetch = async (): Promise<Fetched | Unchanged> => {
      const { path, file } = await extracted(match.name);
      return fetched(path, file, table.seen, confirm);
    };
    return { kind: 'present', name: match.name, sizeBytes: sizes.get(match.name) ?? 0, fetch };
  };
  return new Map([...found].map(([table, match]) => [table.name, withDate(match, stateOf(table, match))]));
}
