import { basename, join } from 'node:path';
import { glob } from 'tinyglobby';
import { defaultFilePattern, isTableName, withoutEnding } from '../../config/table-name.ts';
import { guessDateField, guessKeys } from './guess-key.ts';
import { proposeValues, type ValueOptions } from './propose-values.ts';
import { readSample } from './read-sample.ts';
import type { CsvShape } from './sample.ts';

/** A table that a folder seems to hold. */
export interface FoundTable {
  readonly name: string;
  /** The file's name inside the folder. */
  readonly file: string;
  readonly separator?: string;
  readonly encoding?: string;
  /** Other options that its file is to be read with. */
  readonly options?: CsvShape & ValueOptions;
  readonly dateField?: string;
  readonly columns: readonly string[];
  /** Likely keys, best first; empty where no column of the sample tells its rows apart. */
  readonly keys: readonly (readonly string[])[];
  /** What only a person can tell. */
  readonly notes: readonly string[];
}

export interface Discovery {
  readonly tables: readonly FoundTable[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

const DEFAULT_ENDINGS = defaultFilePattern('x').replace('/x.', '/*.');

/** Endings of files that are listed, with the reason why they are no tables. */
const UNREAD = ['7z', 'rar', 'xz', 'lz4', 'xls', 'xlsb', 'ods', 'orc', 'h5', 'hdf5'];

/** What lies beside data and is none. */
const NO_DATA = ['igarape', 'config', 'package', 'package-lock', 'tsconfig*', '*.schema'];

const NO_HEADER = 'its first line looks like a row and not like a header; give it names with "columns"';
const MOST_TABLES = 200;

/** The tables of a folder, up to `depth` folders down, from the beginning of each file. A missing folder has none. */
export async function discoverTables(folder: string, depth: number): Promise<Discovery> {
  const files = await glob([DEFAULT_ENDINGS, `**/*.{${UNREAD.join(',')}}`], {
    cwd: folder,
    deep: depth,
    caseSensitiveMatch: false,
    ignore: [
      '**/node_modules/**',
      '**/full-load/**',
      '**/cdc/**',
      '**/_igarape/**',
      ...NO_DATA.map((name) => `**/${name}.json`),
    ],
  });
  const byName = new Map<string, string[]>();
  for (const file of files.toSorted()) {
    const folded = tableName(file).toLowerCase();
    byName.set(folded, [...(byName.get(folded) ?? []), file]);
  }
  const tables: FoundTable[] = [];
  const skipped: { file: string; reason: string }[] = [];
  for (const [file = '', ...others] of byName.values()) {
    const name = tableName(file);
    if (tables.length >= MOST_TABLES)
      skipped.push({ file, reason: `${MOST_TABLES} tables were found before` });
    else if (others.length > 0) skipped.push({ file, reason: `${others[0]} has the same name` });
    else if (!isTableName(name)) skipped.push({ file, reason: 'its name cannot be a table name' });
    else {
      const found = await look(folder, file, name);
      if (typeof found === 'string') skipped.push({ file, reason: found });
      else tables.push(found);
    }
  }
  return { tables, skipped };
}

async function look(folder: string, file: string, name: string): Promise<FoundTable | string> {
  try {
    const sample = await readSample({ path: join(folder, file), name: file });
    if (sample === undefined) return 'it holds no rows';
    if (/\.txt\b/i.test(file) && sample.columns.length < 2) return 'it is text without columns';
    const dateField = guessDateField(sample.columns);
    const { separator, shape } = sample;
    const values =
      separator === undefined ? undefined : proposeValues(sample.columns, sample.rows, separator);
    return {
      name,
      file,
      ...(separator === undefined ? {} : { separator }),
      options: { ...shape, ...values?.options },
      notes: [...(shape?.header === false ? [NO_HEADER] : []), ...(values?.notes ?? [])].map(
        (note) => `${file}: ${note}`,
      ),
      ...(sample.encoding === undefined ? {} : { encoding: sample.encoding }),
      ...(dateField === undefined ? {} : { dateField }),
      columns: sample.columns,
      keys: guessKeys(sample),
    };
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}

function tableName(file: string): string {
  return withoutEnding(basename(file));
}
