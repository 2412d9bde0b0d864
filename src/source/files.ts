import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { SourceConfig } from '../config/config.ts';
import { sniffFormat } from './archive-format.ts';
import { tablesInArchive } from './archive-tables.ts';
import { filesOfTable, filesTable, type LocalFile } from './files-table.ts';
import { confirmState, fileState, type FileState, sourceError, stateMarks } from './files-state.ts';
import { listFolder } from './files-list.ts';
import { openHashCache } from './files-hash-cache.ts';
import { isKnown } from './marks.ts';
import { findTable, foundNames, type FoundTable, withDate } from './match.ts';
import { nearPath } from './near-path.ts';
import type { Source, SourceContext, SourceSnapshot, TableRequest, TableState } from './port.ts';

export type FilesConfig = Extract<SourceConfig, { type: 'files' }>;

/**
 * A folder, an archive (zip, tar, tar.gz) or a single file as a source. Its version is a fingerprint of names, sizes
 * and modification times; it has no time. Files are read where they are.
 */
export function openFilesSource(config: FilesConfig): Source {
  return {
    id: `files:${config.name}`,
    open: async (tables, context) => {
      const { path } = config;
      const state = await fileState(path).catch((error: unknown) => {
        throw sourceError(error, path, nearPath(path));
      });
      if (state.isFolder) {
        const names = await listFolder(path, context.signal);
        return await openNames(path, names, findTable, tables, context);
      }
      if (await isArchive(path)) return await openPacked(path, state, tables, context);
      const find = tables.length === 1 ? findAny : findTable;
      return await openNames(dirname(path), [basename(path)], find, tables, context);
    },
  };
}

/** The one file of a source that is read for one table: nobody has to tell it from another. */
function findAny(table: TableRequest, names: readonly string[]): FoundTable {
  const found = findTable(table, names);
  const [name] = names;
  return found.kind === 'many' || name === undefined ? found : { kind: 'found', name };
}

const ARCHIVE_NAME = /\.(?:zip|tar|tgz|tar\.gz)$/i;

/** By its bytes, or by its name: what is called an archive and is none must be an error, not a table. */
async function isArchive(path: string): Promise<boolean> {
  if (ARCHIVE_NAME.test(path)) return true;
  try {
    return ['zip', 'tar', 'tar.gz'].includes(await sniffFormat(path));
  } catch (error) {
    throw sourceError(error, path);
  }
}

async function openNames(
  folder: string,
  names: readonly string[],
  find: (table: TableRequest, names: readonly string[]) => FoundTable,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const found = tables.map((table) => ({ table, match: find(table, names) }));
  const states = new Map<string, FileState>();
  const failed = new Map<string, unknown>();
  for (const name of new Set(found.flatMap(({ match }) => foundNames(match)))) {
    context.signal.throwIfAborted();
    const path = join(folder, name);
    await fileState(path).then(
      (state) => states.set(name, state),
      (error: unknown) => failed.set(name, sourceError(error, path)),
    );
  }
  const version = fingerprint(states);
  const hashes = await openHashCache(context.workDir);
  const fileOf = (name: string): LocalFile[] => {
    const state = states.get(name);
    return state === undefined ? [] : [{ path: join(folder, name), name, version, state }];
  };
  const stateOf = (table: TableRequest, match: FoundTable): TableState => {
    const { signal } = context;
    const unseen = foundNames(match).find((name) => failed.has(name));
    // What is wrong with a file is its table's alone.
    if (unseen !== undefined) {
      const fetch = (): Promise<never> => Promise.reject(failed.get(unseen));
      return { kind: 'present', name: unseen, sizeBytes: 0, fetch };
    }
    const files = foundNames(match).flatMap(fileOf);
    if (match.kind === 'many') return filesOfTable(table, files, version, hashes, signal);
    const [file] = files;
    if (match.kind === 'found' && file !== undefined) return filesTable(table, file, hashes, signal);
    return match.kind === 'found' ? { kind: 'missing', pattern: table.pattern } : match;
  };
  const entries = found.map(
    ({ table, match }) => [table.name, withDate(match, stateOf(table, match))] as const,
  );
  return { version: { label: version }, tables: new Map(entries) };
}

async function openPacked(
  path: string,
  state: FileState,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const name = basename(path);
  const version = fingerprint(new Map([[name, state]]));
  const marks = { archiveBytes: String(state.sizeBytes), ...stateMarks(state) };
  const known = tables.filter((table) => isKnown(table, marks));
  const open = tables.filter((table) => !known.includes(table));
  const states = new Map<string, TableState>(known.map((table) => [table.name, { kind: 'unchanged' }]));
  if (open.length > 0) {
    // The readers of archives load only where there is one.
    const { openArchive } = await import('./archive.ts');
    const archive = await openArchive(path, { label: name }).catch((error: unknown) => {
      throw sourceError(error, path);
    });
    const folder = join(context.runDir, 'unpacked');
    const confirm = (): Promise<void> => confirmState(path, name, state);
    const unpack = { version, marks, folder, signal: context.signal, confirm };
    for (const [table, found] of tablesInArchive(archive, open, unpack)) states.set(table, found);
  }
  return { version: { label: version }, tables: states };
}

function fingerprint(files: ReadonlyMap<string, FileState>): string {
  const lines = [...files].map(([name, { sizeBytes, mtime }]) => JSON.stringify([name, sizeBytes, mtime]));
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex').slice(0, 16);
}
