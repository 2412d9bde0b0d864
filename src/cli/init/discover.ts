import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { glob } from 'tinyglobby';
import {
  defaultFilePattern,
  formatOfName,
  literalPattern,
  nearestTableName,
  withoutEnding,
} from '../../config/table-name.ts';
import { sameName } from '../../core/schema.ts';
import type { Told } from '../../core/language/sentence.ts';
import { alikeFiles, groupFiles } from './file-groups.ts';
import { type FoundTable, lookAtFile, lookAtGroup, partLabel, partName } from './look.ts';
import type { TablePart } from './read-sample.ts';

export interface Discovery {
  readonly tables: readonly FoundTable[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

const DEFAULT_ENDINGS = defaultFilePattern('x').replace('/x.', '/*.');

/** Endings of files that are listed, with the reason why they are no tables. */
const UNREAD = ['7z', 'rar', 'xz', 'lz4', 'xls', 'xlsb', 'ods', 'orc', 'h5', 'hdf5'];

/** Endings of archives, which hold files of their own. */
const ARCHIVES = ['zip', 'tar', 'tgz', 'tar.gz'];

const NO_NAME = 'its name cannot be a table name' satisfies Told;
const NO_TABLE = 'its ending is that of no kind of table that is read' satisfies Told;

/** What lies beside data and is none. */
const NO_DATA = ['igarape', 'config', 'package', 'package-lock', 'tsconfig*', '*.schema'];

const NOT_LOOKED_AT = [
  '**/node_modules/**',
  '**/full-load/**',
  '**/cdc/**',
  '**/_igarape/**',
  ...NO_DATA.map((name) => `**/${name}.json`),
];

const MOST_TABLES = 200;
const TOO_MANY: Told = `${MOST_TABLES} tables were found before`;

/** The tables of a folder, up to `depth` folders down, from the beginning of each file. A missing folder has none. */
export async function discoverTables(folder: string, depth: number): Promise<Discovery> {
  const seek = async (patterns: string[]): Promise<string[]> =>
    glob(patterns, { cwd: folder, deep: depth, caseSensitiveMatch: false, ignore: NOT_LOOKED_AT });
  const seen = await seek([DEFAULT_ENDINGS, `**/*.{${[...UNREAD, ...ARCHIVES].join(',')}}`]);
  const files = seen.filter((file) => !isArchive(file));
  const groups = new Map<string, FoundTable>();
  const grouped = new Set<string>();
  await groupFiles(files.toSorted(), basename(folder), async (group) => {
    const found = groups.has(group.name.toLowerCase()) ? undefined : await lookAtGroup(folder, group);
    if (found === undefined) return false;
    groups.set(found.name.toLowerCase(), found);
    for (const file of group.files) grouped.add(file);
    return true;
  });
  const byName = new Map<string, string[]>();
  for (const file of files.toSorted().filter((one) => !grouped.has(one))) {
    const folded = (tableName(file) ?? '').toLowerCase();
    byName.set(folded, [...(byName.get(folded) ?? []), file]);
  }
  const tables: FoundTable[] = [...groups.values()];
  const parts: { file: string; part: TablePart }[] = [];
  const skipped: { file: string; reason: string }[] = seen.filter(isArchive).map((file) => ({
    file,
    reason: 'it is an archive, which may be the source itself: igarape init, with its path' satisfies Told,
  }));
  const isKnown = (own: string, shared: string): boolean => {
    const folded = own.toLowerCase();
    const isOther = byName.has(folded) && folded !== shared.toLowerCase();
    return isOther || groups.has(folded) || tables.some((table) => table.name.toLowerCase() === folded);
  };
  for (const [file = '', ...others] of byName.values()) {
    const name = tableName(file);
    if (name === undefined) skipped.push(...[file, ...others].map((one) => ({ file: one, reason: NO_NAME })));
    else if (tables.length >= MOST_TABLES) skipped.push({ file, reason: TOO_MANY });
    else if (groups.has(name.toLowerCase()))
      skipped.push({ file, reason: `${groups.get(name.toLowerCase())?.file} has the same name` });
    else {
      const named = others.length === 0 ? new Map([[file, name]]) : apart([file, ...others]);
      const isTaken = others.length > 0 && [...named.values()].some((own) => isKnown(own, name));
      if (named.size === 0 || isTaken) skipped.push({ file, reason: `${others[0]} has the same name` });
      else
        for (const [one, own] of named) {
          const found = await lookAtFile(folder, one, own);
          if (typeof found === 'string') skipped.push({ file: one, reason: found });
          else if ('parts' in found) parts.push(...found.parts.map((part) => ({ file: one, part })));
          else tables.push(others.length === 0 ? found : { ...found, pattern: literalPattern(one) });
        }
    }
  }
  // Once all other tables have their names.
  for (const { file, part } of parts) {
    const label = partLabel(file, part);
    const own = partName(part);
    const name = [own, `${withoutEnding(basename(file))}_${own}`]
      .flatMap((each) => nearestTableName(each) ?? [])
      .find((each) => !tables.some((table) => sameName(table.name, each)));
    const found =
      name === undefined
        ? NO_NAME
        : tables.length >= MOST_TABLES
          ? TOO_MANY
          : await lookAtFile(folder, file, name, part);
    if (typeof found === 'string') skipped.push({ file: label, reason: found });
    else if (!('parts' in found)) tables.push(found);
  }
  if (tables.length === 0) {
    const others = (await seek(['**'])).filter((file) => !seen.includes(file)).toSorted();
    for (const file of others) skipped.push({ file, reason: NO_TABLE });
  }
  const notes = notesOnAlike(
    tables.filter(({ file }) => files.includes(file)),
    basename(folder),
  );
  return {
    tables: tables
      .map((table) => ({ ...table, notes: [...(notes.get(table.file) ?? []), ...table.notes] }))
      .toSorted((a, b) => (a.file < b.file ? -1 : 1)),
    skipped,
  };
}

/** Of tables of a file each that may be one, what is told with the first of them. */
function notesOnAlike(tables: readonly FoundTable[], folder: string): Map<string, string[]> {
  const columnsOf = new Map(tables.map(({ file, columns }) => [file, columns]));
  const notes = new Map<string, string[]>();
  for (const { files, glob } of alikeFiles([...columnsOf.keys()], folder)) {
    const [first = '', ...others] = files;
    if (!others.every((file) => isDeepStrictEqual(columnsOf.get(file), columnsOf.get(first)))) continue;
    const pattern = JSON.stringify(glob);
    const note = `${glob}: ${files.length} files have the same columns, and are tables of their own; where they are one, "file" is ${pattern}`;
    notes.set(first, [...new Set([...(notes.get(first) ?? []), note])]);
  }
  return notes;
}

/** Files of one name by names of their own: with their folders, or else their endings. None where these are alike, too. */
function apart(files: readonly string[]): Map<string, string> {
  const base = (file: string): string => withoutEnding(basename(file));
  const byFolder = (file: string): string => [...file.split('/').slice(0, -1), base(file)].join('_');
  const byEnding = (file: string): string => basename(file).replaceAll('.', '_');
  for (const nameBy of [byFolder, byEnding]) {
    const named = new Map(files.flatMap((file) => withName(file, nearestTableName(nameBy(file)))));
    if (new Set([...named.values()].map((name) => name.toLowerCase())).size === files.length) return named;
  }
  return new Map();
}

function withName(file: string, name: string | undefined): [string, string][] {
  return name === undefined ? [] : [[file, name]];
}

/** How many files of a folder may be tables, by their names alone. */
export async function countTableFiles(folder: string, depth: number): Promise<number> {
  const files = await glob([DEFAULT_ENDINGS], {
    cwd: folder,
    deep: depth,
    caseSensitiveMatch: false,
    ignore: NOT_LOOKED_AT,
  });
  return files.length;
}

/** A packed table is none: `clientes.csv.zip`. */
function isArchive(file: string): boolean {
  const isOne = ARCHIVES.some((ending) => file.toLowerCase().endsWith(`.${ending}`));
  return isOne && formatOfName(file) === undefined;
}

/** Files whose names begin with an underscore or a dot are no data, as Hive and Spark have it. */
function tableName(file: string): string | undefined {
  const name = basename(file);
  return /^[._]/.test(name) ? undefined : nearestTableName(withoutEnding(name));
}
