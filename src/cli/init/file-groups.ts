import { basename, dirname } from 'node:path';
import { literalPattern, nearestTableName, withoutEnding } from '../../config/table-name.ts';
import { DATE_MARK, splitByDates } from '../../source/dates.ts';
import { findTable, foundNames } from '../../source/match.ts';

/** Files of a folder that look, by their names, like one table. */
export interface FileGroup {
  readonly name: string;
  /** What `"file"` says of them. */
  readonly pattern: string;
  /** Of snapshots, what it says of the same files as one table. */
  readonly glob: string;
  /** In the order of their names; of snapshots, of their dates. */
  readonly files: readonly string[];
  /** By `words` alone they are one table only where their columns say so too. */
  readonly by: 'folders' | 'dates' | 'numbers' | 'words';
}

interface Likeness {
  readonly by: FileGroup['by'];
  /** The pattern that a name suggests; undefined where it suggests none. */
  readonly patternOf: (file: string) => string | undefined;
  readonly globOf?: (file: string) => string | undefined;
  readonly fewest: number;
}

const NUMBERED = /^(.*?)\(?\d+\)?$/s;

/** The likelier first: a file is of one group at most. */
const LIKENESSES: readonly Likeness[] = [
  { by: 'folders', patternOf: hivePattern, fewest: 1 },
  {
    by: 'dates',
    patternOf: (file) => datedPattern(file, () => DATE_MARK),
    globOf: (file) => datedPattern(file, (date) => date.replaceAll(/[^/]+/g, '*')),
    fewest: 2,
  },
  { by: 'numbers', patternOf: (file) => endPattern(file, NUMBERED), fewest: 2 },
  { by: 'words', patternOf: (file) => endPattern(file, /^(.*[_-])[^_-]+$/s), fewest: 2 },
];

/** Groups of the files that are left once `isGroup` has taken those before; the rest is told by no group. */
export async function groupFiles(
  files: readonly string[],
  isGroup: (group: FileGroup) => Promise<boolean>,
): Promise<void> {
  let left = files;
  for (const likeness of LIKENESSES) {
    for (const group of groupsOf(likeness, left)) {
      if (await isGroup(group)) left = left.filter((file) => !group.files.includes(file));
    }
  }
}

function groupsOf({ by, patternOf, globOf, fewest }: Likeness, files: readonly string[]): FileGroup[] {
  const byPattern = new Map<string, string[]>();
  for (const file of files) {
    const pattern = patternOf(file);
    if (pattern !== undefined) byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), file]);
  }
  return [...byPattern].flatMap(([pattern, alike]) => {
    const [first = ''] = alike;
    const alikeBy = globOf?.(first) ?? pattern;
    const glob = [alikeBy, alikeBy.replace(/\*(?=[^*/]*$)/, '[0-9]*')].find((one) =>
      findsAll(one, alike, files),
    );
    const name = nameOf(pattern) ?? nameOf(endPattern(first, NUMBERED) ?? first);
    return alike.length < fewest || glob === undefined || name === undefined
      ? []
      : [{ name, pattern: globOf === undefined ? glob : pattern, glob, files: alike.toSorted(), by }];
  });
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

function datedPattern(file: string, mark: (date: string) => string): string | undefined {
  return splitByDates(file)
    ?.map((part, index) => (index % 2 === 1 ? mark(part) : literalPattern(part)))
    .join('');
}

/** Names that differ in their last part. */
function endPattern(file: string, form: RegExp): string | undefined {
  const [, beginning = ''] = form.exec(withoutEnding(basename(file))) ?? [];
  if (!/\p{L}/u.test(beginning)) return undefined;
  const folder = dirname(file) === '.' ? '' : `${dirname(file)}/`;
  return `${literalPattern(`${folder}${beginning}`)}*${endingOf(file)}`;
}

function endingOf(file: string): string {
  return file.slice(withoutEnding(file).length);
}

/** Names of files that say nothing of what is in them. */
const SAYS_NOTHING = /^(?:part|parte|data|dados|file|arquivo|export|page|chunk)?$/i;

/** What stands before the part that differs; where that says nothing, the folder. */
function nameOf(pattern: string): string | undefined {
  const parts = pattern
    .split('/')
    .toReversed()
    .map((part) => withoutEnding(part).replaceAll('\\', ''))
    .filter((part) => !part.includes('='))
    .map((part) =>
      part
        .replaceAll(DATE_MARK, '')
        .replace(/\*.*$/s, '')
        .replaceAll(/^[\s_.-]+|[\s_.(-]+$/g, ''),
    );
  const said = parts.find((part) => !SAYS_NOTHING.test(part));
  return said === undefined ? undefined : nearestTableName(said);
}
