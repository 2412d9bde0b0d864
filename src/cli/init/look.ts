import type { Told } from '../../core/language/sentence.ts';
import { basename, join } from 'node:path';
import { CDC_COLUMNS } from '../../config/cdc-columns.ts';
import { literalPattern, withoutEnding } from '../../config/table-name.ts';
import { sameName } from '../../core/schema.ts';
import { checkColumnNames } from '../../snapshot/column-names.ts';
import { folderValues } from '../../snapshot/hive-path.ts';
import type { FileGroup } from './file-groups.ts';
import type { GuessedEncoding } from './guess-encoding.ts';
import { type CubeGuess, guessCube } from './guess-cube.ts';
import { guessDateField, guessKeys, isIdentifier } from './guess-key.ts';
import { proposeValues, type ValueOptions } from './propose-values.ts';
import { type FileSample, readSample, type SeveralTables, type TablePart } from './read-sample.ts';
import { type CsvShape, headerBelow, isValue, isYear, type Sample } from './sample.ts';

/** A table that a folder seems to hold. */
export interface FoundTable {
  readonly name: string;
  /** The file's name inside the folder; of several their pattern. */
  readonly file: string;
  /** What `"file"` has to say; left out where the table's name says it. */
  readonly pattern?: string;
  readonly separator?: string;
  readonly encoding?: string;
  /** Other options that its file is to be read with. */
  readonly options?: CsvShape & ValueOptions & { readonly table?: string; readonly sheet?: string };
  readonly dateField?: string;
  /** What a first table of gold may add up. */
  readonly cube?: CubeGuess;
  readonly columns: readonly string[];
  /** Likely keys, best first; empty where no column of the sample tells its rows apart. */
  readonly keys: readonly (readonly string[])[];
  /** What only a person can tell. */
  readonly notes: readonly string[];
}

const NO_HEADER = 'its first line looks like a row and not like a header; give it names with "columns"';

const SHORT_HEADER =
  'its header has a name less than the rows have fields, as R writes it: the names are in "columns", and the first is made up';

const REPEATED_NAMES =
  'its header has a name twice, in letters of either case: the names are in "columns", with a number behind those that come again';

/** A column that is named as one of those that change files add, which a run refuses. */
function addedName({ columns }: Sample): string | undefined {
  return columns.find((name) => Object.values(CDC_COLUMNS).some((added) => sameName(name, added)));
}

/** A file, or a part of it, as a table, from its beginning; or the parts of one that has several, or why it is none. */
export async function lookAtFile(
  folder: string,
  file: string,
  name: string,
  part?: TablePart,
): Promise<FoundTable | SeveralTables | string> {
  try {
    const sample = await readSample({ path: join(folder, file), name: file }, part);
    if (sample !== undefined && 'parts' in sample) return sample;
    if (sample === undefined || sample.rows.length === 0) return 'it holds no rows';
    checkColumnNames(file, sample.columns);
    const added = addedName(sample);
    if (added !== undefined)
      return `change files add a column ${added} themselves: give theirs other names with "cdc_columns"`;
    if (/\.txt\b/i.test(file) && sample.columns.length < 2) return 'it is text without columns';
    if (part !== undefined) {
      const table = tableOf(sample, name, partLabel(file, part));
      return { ...table, pattern: literalPattern(file), options: { ...part, ...table.options } };
    }
    const table = tableOf(sample, name, file);
    return withoutEnding(basename(file)) === name ? table : { ...table, pattern: literalPattern(file) };
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return `it cannot be read: ${why.replace(`${file}: `, '').replace(/\.$/, '')}`;
  }
}

/** What a file of lines may mean otherwise. */
function unclearNotes({ columns, rows, shape }: FileSample): Told[] {
  const name = shape?.header === false ? undefined : columns.find((each) => isValue(each) && !isYear(each));
  const quoted =
    shape?.quote === undefined ? [columns, ...rows].flat().find((field) => /^'.+'$/s.test(field)) : undefined;
  const header = shape?.header === false ? 0 : headerBelow([columns, ...rows]);
  const fields = [columns, ...rows].flat().filter((field) => field.includes('\\'));
  const areDoubled = fields.length > 0 && fields.every((field) => !/(?<!\\)(?:\\\\)*\\(?!\\)/.test(field));
  const marked = shape?.comment === undefined && firstMarked(rows);
  return [
    ...(header === 0
      ? []
      : [
          `its header may be ${JSON.stringify(rows[header - 1])}: where what stands before that is a title, set "skip"` as const,
        ]),
    ...(areDoubled && shape?.escape === undefined
      ? ['it has \\ as \\\\ alone: where that is one \\, set "escape"' as const]
      : []),
    ...(marked === false
      ? []
      : [
          `it has a row that begins with ${JSON.stringify(marked)}: where such a line is none, set "comment"` as const,
        ]),
    ...(name === undefined
      ? []
      : [
          `its header has the name ${JSON.stringify(name)}: where its first line is a row, "header" is false` as const,
        ]),
    ...(quoted === undefined
      ? []
      : [
          `it has the text ${JSON.stringify(quoted)}: where ' is what texts are quoted with, set "quote"` as const,
        ]),
  ];
}

/** What the first row begins with that begins with #, where others have a number or a date there. */
function firstMarked(rows: FileSample['rows']): string | false {
  const firsts = rows.map(([first = '']) => first);
  const marked = firsts.find((first) => first.startsWith('#'));
  const others = firsts.filter((first) => !first.startsWith('#'));
  return (others.length > 0 && others.every(isValue) && marked) || false;
}

function doubtNote({ encoding, doubt }: GuessedEncoding): Told[] {
  if (encoding === undefined || doubt === undefined) return [];
  const { read, other } = doubt;
  return [
    other === undefined
      ? `it is read as ${encoding}, where it has ${JSON.stringify(read)}: if that is no text, set "encoding"`
      : `it is read as ${encoding}, where it has ${JSON.stringify(read)}: if that is ${JSON.stringify(other.read)}, "encoding" is ${JSON.stringify(other.encoding)}`,
  ];
}

/** What a part of a file is called where it is told of. */
export function partLabel(file: string, part: TablePart): string {
  return `${file} (${partName(part)})`;
}

export function partName(part: TablePart): string {
  return 'table' in part ? part.table : part.sheet;
}

/** Files that look like one table, as that table; undefined where what is in them says otherwise. */
export async function lookAtGroup(folder: string, group: FileGroup): Promise<FoundTable | undefined> {
  const samples: FileSample[][] = [];
  for (const files of chosenFiles(group)) samples.push(await readAll(folder, files));
  // A file of ASCII alone does not tell the encoding, and a doubt is told.
  const [first] = samples
    .flat()
    .toSorted(
      (one, other) =>
        Number(tellsNone(one)) - Number(tellsNone(other)) ||
        Number(one.doubt === undefined) - Number(other.doubt === undefined),
    );
  if (first === undefined || !samples.every((some) => areAlike(some, first))) return undefined;
  // It is told of each file by itself.
  if (addedName(first) !== undefined) return undefined;
  const gathered = samples.map((some) => together(first, some));
  const [newest = first] = gathered;
  const { glob, snapshots } = group;
  const [newestKey = first.columns] = guessKeys(newest);
  const areSnapshots = snapshots !== undefined && repeats(gathered, newestKey);
  const pattern = areSnapshots ? snapshots.pattern : glob;
  const all = areSnapshots ? newest : together(first, gathered);
  const table = tableOf(all, group.name, pattern);
  const keysOfEach = guessKeys(first);
  // Without a key over all of them, files of different words, of a date that each have one, or of numbers whose identifiers
  // come again, are rather tables of their own.
  const needsKey =
    group.by === 'words' ||
    (snapshots !== undefined && keysOfEach.length > 0) ||
    (group.by === 'numbers' && keysOfEach[0]?.every(isIdentifier) === true);
  if (needsKey && table.keys.length === 0) return undefined;
  const keys = table.keys.length === 0 ? keyWithFolders(all, keysOfEach, group) : table.keys;
  return { ...table, keys, pattern, notes: [noteOn(group, areSnapshots), ...table.notes] };
}

function noteOn({ files, glob, snapshots }: FileGroup, areSnapshots: boolean): string {
  const count = `${files.length} ${files.length === 1 ? 'file is' : 'files are'}`;
  if (snapshots === undefined) return `${glob}: ${count} one table`;
  const { pattern, dates } = snapshots;
  const isOneADate = dates.length === files.length;
  if (areSnapshots) {
    const as = `"file" is ${JSON.stringify(glob)}`;
    return isOneADate
      ? `${pattern}: ${count} snapshots, each the whole table of its date; where each has rows of its own, ${as}`
      : `${pattern}: ${count} snapshots, those of a date together the whole table; where each has rows of its own, ${as}`;
  }
  const as = `"file" is ${JSON.stringify(pattern)}, and where rows only ever come, "mode" is "append"`;
  return isOneADate
    ? `${glob}: ${count} one table; where each is the whole table of its date, ${as}`
    : `${glob}: ${count} one table; where those of a date together are the whole table, ${as}`;
}

/** The key of one file together with the columns of the folders, where that tells all rows apart. */
function keyWithFolders(
  { columns, rows }: Sample,
  keysOfEach: readonly (readonly string[])[],
  { files: [first = ''] }: FileGroup,
): (readonly string[])[] {
  const folders = [...folderValues(first).keys()];
  return keysOfEach
    .map((key) => [...key.filter((column) => !folders.includes(column)), ...folders])
    .filter((key) => {
      const places = key.map((column) => columns.indexOf(column));
      return (
        new Set(rows.map((row) => JSON.stringify(places.map((place) => row[place])))).size === rows.length
      );
    })
    .slice(0, 1);
}

function tableOf(sample: FileSample, name: string, file: string): FoundTable {
  const { columns, rows, separator, shape, encoding, emptyTexts, unread } = sample;
  const dateField = guessDateField(columns);
  const values = separator === undefined ? undefined : proposeValues(columns, rows, separator, emptyTexts);
  const keys = guessKeys(sample);
  const cube = guessCube(sample, values?.options ?? {}, { keys: keys.slice(0, 1), dateField });
  return {
    name,
    file,
    ...(separator === undefined ? {} : { separator }),
    options: { ...shape, ...values?.options },
    notes: [
      ...(shape?.skip === undefined || (shape.header === false && shape.columns !== undefined)
        ? []
        : [`what stands before the header is left out by "skip": ${shape.skip}`]),
      ...(shape?.footer === undefined
        ? []
        : [`what stands after the rows is left out by "footer": ${shape.footer}`]),
      ...(unread === undefined
        ? []
        : [
            `its line ${unread} is not understood, and a run will refuse it: check "sep", "quote" and "escape"`,
          ]),
      ...(shape?.columns === undefined || shape.header === false ? [] : [REPEATED_NAMES]),
      ...(shape?.header === false ? [shape.columns === undefined ? NO_HEADER : SHORT_HEADER] : []),
      ...(separator === undefined ? [] : unclearNotes(sample)),
      ...doubtNote(sample),
      ...(values?.notes ?? []),
    ].map((note) => `${file}: ${note}`),
    ...(encoding === undefined ? {} : { encoding }),
    ...(dateField === undefined ? {} : { dateField }),
    ...(cube === undefined ? {} : { cube }),
    columns,
    keys,
  };
}

/** The last file, which is the newest of snapshots, and two others; of each such date the first and the last. */
function chosenFiles({ files, snapshots }: FileGroup): string[][] {
  const dates = snapshots?.dates ?? files.map((file) => [file]);
  const chosen = new Set([dates.at(-1), dates.at(-2), dates[0]].filter((date) => date !== undefined));
  return [...chosen].map((date) => [...new Set([date[0] ?? '', date.at(-1) ?? ''])]);
}

/** None where one cannot be read. */
async function readAll(folder: string, files: readonly string[]): Promise<FileSample[]> {
  const samples: FileSample[] = [];
  for (const file of files) {
    try {
      const sample = await readSample({ path: join(folder, file), name: file });
      if (sample === undefined || 'parts' in sample || sample.rows.length === 0) return [];
      samples.push(withFolders(sample, file));
    } catch {
      // It is told of the file by itself why it cannot be read.
      return [];
    }
  }
  return samples;
}

function withFolders(sample: FileSample, file: string): FileSample {
  const values = [...folderValues(file)].filter(([column]) => !sample.columns.includes(column));
  return {
    ...sample,
    columns: [...sample.columns, ...values.map(([column]) => column)],
    rows: sample.rows.map((row) => [...row, ...values.map(([, value]) => value ?? '')]),
  };
}

function tellsNone({ encoding }: FileSample): boolean {
  return encoding === undefined;
}

function areAlike(samples: readonly FileSample[], first: FileSample): boolean {
  return (
    samples.length > 0 &&
    samples.every(
      (sample) =>
        sample.separator === first.separator &&
        (tellsNone(sample) || sample.encoding === first.encoding) &&
        JSON.stringify(sample.shape) === JSON.stringify(first.shape) &&
        sample.columns.toSorted().join('\n') === first.columns.toSorted().join('\n'),
    )
  );
}

/** The rows of all samples as one of the first. */
function together(first: FileSample, samples: readonly Sample[]): FileSample {
  return {
    ...first,
    rows: samples.flatMap(({ columns, rows }) => {
      const places = first.columns.map((column) => columns.indexOf(column));
      return rows.map((row) => places.map((place) => row[place] ?? ''));
    }),
  };
}

/** Whether a row of one sample is in another, too, by these columns. */
function repeats(samples: readonly Sample[], columns: readonly string[]): boolean {
  const seen = new Set<string>();
  for (const sample of samples) {
    const places = columns.map((column) => sample.columns.indexOf(column));
    const keys = new Set(sample.rows.map((row) => JSON.stringify(places.map((place) => row[place]))));
    if ([...keys].some((key) => seen.has(key))) return true;
    for (const key of keys) seen.add(key);
  }
  return false;
}
