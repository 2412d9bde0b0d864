import { basename, resolve as resolvePath } from 'node:path';
import { literalPattern } from '../../config/table-name.ts';
import { discoverTables } from './discover.ts';
import type { FoundTable } from './look.ts';
import type { Answers, DraftTable } from './draft.ts';

export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/** Everything that is to be written, and what was seen but left out. */
export interface Proposal {
  readonly answers: Answers;
  readonly skipped: readonly Skipped[];
  /** What only a person can tell of the files. */
  readonly notes?: readonly string[];
}

/** A folder that may be a source, with what it holds. */
export interface SourceFolder {
  /** As the configuration names it, from the directory. */
  readonly path: string;
  readonly tables: readonly FoundTable[];
  readonly skipped: readonly Skipped[];
}

/** How many folders down tables are looked for. */
export const FOLDER_DEPTH = 4;

/** What a source folder holds; of the directory itself only the files right in it. */
export async function openSourceFolder(directory: string, path: string): Promise<SourceFolder> {
  const folder = resolvePath(directory, path);
  const isDirectory = folder === resolvePath(directory);
  return { path, ...(await discoverTables(folder, isDirectory ? 0 : FOLDER_DEPTH)) };
}

/** A found table with one of its keys. In the directory itself, files are named so that folders below are not searched. */
export function draftFound(folder: SourceFolder, table: FoundTable, key: readonly string[]): DraftTable {
  return {
    name: table.name,
    ...fileOf(folder, table),
    ...(table.separator === undefined ? {} : { separator: table.separator }),
    ...(table.options === undefined ? {} : { options: table.options }),
    ...(table.encoding === undefined ? {} : { encoding: table.encoding }),
    ...(table.dateField === undefined ? {} : { dateField: table.dateField }),
    ...(table.cube === undefined ? {} : { cube: table.cube }),
    key,
  };
}

function fileOf({ path }: SourceFolder, { pattern, file }: FoundTable): { file?: string } {
  if (pattern !== undefined) return { file: pattern };
  return path === '.' ? { file: literalPattern(file) } : {};
}

/** Where the lake and the work folder go by default: beside the source, never inside it. */
export function defaultPlaces(directory: string, sourcePath: string): { lake: string; workDir?: string } {
  if (resolvePath(directory, sourcePath) !== resolvePath(directory)) return { lake: './lake' };
  const name = basename(resolvePath(directory)) || 'igarape';
  return { lake: `../${name}-lake`, workDir: `../.igarape-${name}` };
}
