import { basename, dirname } from 'node:path';
import { literalPattern, nearestTableName, withoutEnding } from '../../config/table-name.ts';
import { DATE_MARK, datedNames, splitByDates } from '../../source/dates.ts';
import { findTable, foundNames } from '../../source/match.ts';

/** Files of a folder that look, by their names, like one table. */
export interface FileGroup {
  readonly name: string;
  /** What `"file"` says of them as one table. */
  readonly glob: string;
  /** In the order of their names. */
  readonly files: readonly string[];
  /** By `words` alone they are one table only where their columns say so too; `parts` have names that say nothing else. */
  readonly by: 'folders' | 'parts' | 'numbers' | 'words';
  /** Of files with dates in their names. */
  readonly snapshots?: DatedFiles;
}

/** What files are if each date has the whole table of its own. */
interface DatedFiles {
  /** What `"file"` says of them then. */
  readonly pattern: string;
  /** The files of each date, in the order of the dates. */
  readonly dates: readonly (readonly string[])[];
}

interface Likeness {
  readonly by: FileGroup['by'];
  /** The pattern that a name suggests; undefined where it suggests none. */
  readonly patternOf: (file: string) => string | undefined;
  /** Set where that has the place of a date: the pattern without it. */
  readonly globOf?: (file: string) => string | undefined;
  readonly isGroup?: (files: readonly string[]) => boolean;
  /** How many files, or dates; two by default. */
  readonly fewest?: number;
}

/** Words that say nothing of what is in a file. */
const NOTHING = '(?:parts?|partes?|data|dados|files?|arquivos?|exports?|pages?|chunks?)';
const SAYS_NOTHING = new RegExp(`^${NOTHING}?$`, 'i');
const NUMBERED = /^(.*?)\(?\d+\)?$/s;

/** How files of one table differ by their own names, with what stands before that. */
const FORMS: readonly (readonly [FileGroup['by'], RegExp])[] = [
  // part-00000-0c7e6a1e-…-c000, as Spark writes it; 000012; a hash
  ['parts', new RegExp(String.raw`^((?:${NOTHING}[-_. ]?)?)(?:\d.*|[\da-f-]{16,})$`, 'is')],
  ['numbers', NUMBERED],
  ['words', /^(.*[_-])[^_-]+$/s],
];

const BY_OWN_NAMES: readonly Likeness[] = FORMS.map(([by, form]) => ({
  by,
  patternOf: (file) => ownPattern(file, form),
}));

/** The likelier first: a file is of one group at most. */
const LIKENESSES: readonly Likeness[] = [
  { by: 'folders', patternOf: hivePattern, fewest: 1 },
  ...FORMS.map(([by, form]) => datedLikeness(by, form)),
  datedLikeness('numbers'),
  ...BY_OWN_NAMES,
];

/** Groups of the files that are left once `isGroup` has taken those before; the rest is told by no group. */
export async function groupFiles(
  files: readonly string[],
  folder: string,
  isGroup: (group: FileGroup) => Promise<boolean>,
): Promise<void> {
  let left = files;
  for (const likeness of LIKENESSES) {
    for (const group of groupsOf(likeness, left, folder)) {
      if (await isGroup(group)) left = left.filter((file) => !group.files.includes(file));
    }
  }
}

/** Files that are no group, of names that may yet mean one table: of one name in several folders, or alike but for their last words. */
export function alikeFiles(files: readonly string[], folder: string): FileGroup[] {
  const likenesses: Likeness[] = [{ by: 'words', patternOf: anyFolder }, ...BY_OWN_NAMES];
  return likenesses.flatMap((likeness) => groupsOf(likeness, files, folder));
}

/** With a form, of files whose names differ behind the date, too. */
function datedLikeness(by: FileGroup['by'], form?: RegExp): Likeness {
  const dated = (file: string): string | undefined => datedPattern(file, () => DATE_MARK);
  return {
    by,
    patternOf: (file) => datedPattern(file, () => DATE_MARK, form),
    globOf: (file) => datedPattern(file, (date) => date.replaceAll(/[^/]+/g, '*'), form),
    isGroup: (files) => form === undefined || new Set(files.map(dated)).size > 1,
  };
}

function groupsOf(likeness: Likeness, files: readonly string[], folder: string): FileGroup[] {
  const { by, patternOf, globOf, isGroup, fewest = 2 } = likeness;
  const byPattern = new Map<string, string[]>();
  for (const file of files) {
    const pattern = patternOf(file);
    if (pattern !== undefined) byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), file]);
  }
  return [...byPattern].flatMap(([pattern, alike]) => {
    const [first = ''] = alike;
    const dates = globOf === undefined ? undefined : filesByDate(pattern, alike);
    if ((dates ?? alike).length < fewest || isGroup?.(alike) === false) return [];
    const alikeBy = globOf?.(first) ?? pattern;
    const glob = [alikeBy, alikeBy.replace(/\*(?=[^*/]*$)/, '[0-9]*')].find((one) =>
      findsAll(one, alike, files),
    );
    if (glob === undefined) return [];
    const group = { name: nameOf(pattern, folder), glob, files: alike.toSorted(), by };
    return [dates === undefined ? group : { ...group, snapshots: { pattern, dates } }];
  });
}

function filesByDate(pattern: string, files: readonly string[]): string[][] {
  const byDate = new Map<string, string[]>();
  for (const { name, date } of datedNames(pattern, files))
    byDate.set(date, [...(byDate.get(date) ?? []), name]);
  return [...byDate].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, names]) => names);
}

/** Whether a pattern matches these files and no others. */
function findsAll(pattern: string, files: readonly string[], all: readonly string[]): boolean {
  const found = foundNames(findTable({ pattern, isMany: true }, all));
  return found.length === files.length && found.every((name) => files.includes(name));
}

function hivePattern(file: string): string | undefined {
  const folders = file.split('/').slice(0, -1);
  if (!folders.some((folder) => /^[^=]+=/.test(folder))) return undefined;
  const names = folders.map((folder) => literalPattern(folder).replace(/^([^=]+=).*$/s, '$1*'));
  return [...names, `*${endingOf(file)}`].join('/');
}

function datedPattern(file: string, mark: (date: string) => string, form?: RegExp): string | undefined {
  const parts = splitByDates(file);
  const rest = parts?.at(-1) ?? '';
  const end = form === undefined ? literalPattern(rest) : endPattern(rest, form);
  if (parts === undefined || end === undefined) return undefined;
  return [
    ...parts.slice(0, -1).map((part, index) => (index % 2 === 1 ? mark(part) : literalPattern(part))),
    end,
  ].join('');
}

/** Numbers alone say something of a folder, and nothing of a source. */
function ownPattern(file: string, form: RegExp): string | undefined {
  const pattern = endPattern(file, form) ?? '';
  return /[/\p{L}].*\*/su.test(pattern) ? pattern : undefined;
}

/** Names that differ in their last part. */
function endPattern(file: string, form: RegExp): string | undefined {
  const [, beginning] = form.exec(withoutEnding(basename(file))) ?? [];
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return beginning === undefined ? undefined : `${literalPattern(`${folder}${beginning}`)}*${endingOf(file)}`;
}

function anyFolder(file: string): string | undefined {
  return file.includes('/')
    ? `${dirname(file).replaceAll(/[^/]+/g, '*')}/${literalPattern(basename(file))}`
    : undefined;
}

function endingOf(file: string): string {
  return file.slice(withoutEnding(file).length);
}

/** What stands before the part that differs; where that says nothing, the folder, or else what there is. */
function nameOf(pattern: string, folder: string): string {
  const parts = [folder, ...pattern.split('/').filter((part) => !part.includes('='))]
    .toReversed()
    .map((part) =>
      withoutEnding(part)
        .replaceAll('\\', '')
        .replaceAll(DATE_MARK, '')
        .replace(/\*.*$/s, '')
        .replaceAll(/^[\s_.-]+|[\s_.(-]+$/g, ''),
    );
  const said = parts.find((part) => !SAYS_NOTHING.test(part)) ?? parts.find((part) => part !== '');
  return nearestTableName(said ?? '') ?? 'data';
}
