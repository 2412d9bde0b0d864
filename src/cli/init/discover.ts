import { basename, join } from 'node:path';
import { glob } from 'tinyglobby';
import { isTableName } from '../../config/table-name.ts';
import { guessDateField, guessKeys } from './guess-key.ts';
import { readSample } from './read-sample.ts';

/** A table that a folder seems to hold. */
export interface FoundTable {
  readonly name: string;
  /** The file's name inside the folder. */
  readonly file: string;
  readonly separator?: string;
  readonly decimal?: '.' | ',';
  readonly encoding?: string;
  readonly dateField?: string;
  readonly columns: readonly string[];
  /** Likely keys, best first; empty where no column of the sample tells its rows apart. */
  readonly keys: readonly (readonly string[])[];
}

export interface Discovery {
  readonly tables: readonly FoundTable[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

const ENDINGS = /\.(?:csv|csv\.gz|parquet|jsonl)$/;
const MOST_TABLES = 200;

/** The tables of a folder, up to `depth` folders down, from the beginning of each file. A missing folder has none. */
export async function discoverTables(folder: string, depth: number): Promise<Discovery> {
  const files = await glob('**/*.{csv,csv.gz,parquet,jsonl}', {
    cwd: folder,
    deep: depth,
    ignore: ['**/node_modules/**', '**/full-load/**', '**/cdc/**', '**/_igarape/**'],
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
    const sample = await readSample(join(folder, file));
    if (sample === undefined) return 'it holds no rows';
    const dateField = guessDateField(sample.columns);
    return {
      name,
      file,
      ...(sample.separator === undefined ? {} : { separator: sample.separator }),
      ...(sample.decimal === undefined ? {} : { decimal: sample.decimal }),
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
  return basename(file).replace(ENDINGS, '');
}
