import type { Told } from '../core/language/sentence.ts';

/** The rule that {@link isTableName} checks, for messages. */
export const TABLE_NAME_RULE: Told =
  'a name of up to 100 characters that is a safe file name and SQL name: not beginning with "_", "." or "-", not ending in "." or a space, without / \\ : * ? " < > | [ ] { } , or control characters';

const FORBIDDEN = /[/\\:*?"<>|[\]{},\p{Cc}]/u;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;

/**
 * Whether a table of this name can be a file on every system and store, and be listed after a comma. Directory
 * readers such as Spark skip what begins with `_` or `.`, so such a table would be published unseen.
 */
export function isTableName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 100 &&
    !/^[\s._-]/.test(name) &&
    !/[\s.]$/.test(name) &&
    !FORBIDDEN.test(name) &&
    !WINDOWS_DEVICE.test(name)
  );
}

/** The table name that is nearest to a text; undefined where nothing of it can stand in one. */
export function nearestTableName(text: string): string | undefined {
  if (isTableName(text)) return text;
  const name = text
    .replaceAll(new RegExp(FORBIDDEN, 'gu'), ' ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[\s._-]+/, '')
    .slice(0, 100)
    .replace(/[\s.]+$/, '');
  return [name, `${name} 1`].find(isTableName);
}

/** How a table's file is read. */
export type TableFormat = 'csv' | 'parquet' | 'jsonl' | 'xlsx' | 'sqlite' | 'avro';

const FORMATS = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  txt: 'csv',
  parquet: 'parquet',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  xlsx: 'xlsx',
  sqlite: 'sqlite',
  sqlite3: 'sqlite',
  db: 'sqlite',
  avro: 'avro',
} as const satisfies Readonly<Record<string, TableFormat>>;

/** The endings that tell a format. */
const FORMAT_ENDINGS: readonly string[] = Object.keys(FORMATS);

/** The endings of packed files, after that of the format. */
const PACKED_ENDINGS: readonly string[] = ['gz', 'zst', 'bz2', 'zip'];

const ENDING = new RegExp(`\\.(${FORMAT_ENDINGS.join('|')})(?:\\.(?:${PACKED_ENDINGS.join('|')}))?$`, 'i');

/** The format that a file's ending tells, in letters of either case. */
export function formatOfName(name: string): TableFormat | undefined {
  const ending = ENDING.exec(name)?.[1]?.toLowerCase();
  return Object.entries(FORMATS).find(([known]) => known === ending)?.[1];
}

/** Whether a file's name says that its values are separated by tabs. */
export function isOfTabs(name: string): boolean {
  return /\.(?:tsv|tab)\b/i.test(name);
}

/** A file's name without the endings that tell its format and packing. */
export function withoutEnding(name: string): string {
  return name.replace(ENDING, '');
}

/** The glob that a table's file is looked for with where the configuration gives none: any ending that is known. */
export function defaultFilePattern(name: string): string {
  const packed = PACKED_ENDINGS.map((ending) => `.${ending}`).join(',');
  return `**/${literalPattern(name)}.{${FORMAT_ENDINGS.join(',')}}{,${packed}}`;
}

/** A name as the glob that matches it alone. */
export function literalPattern(name: string): string {
  return name.replaceAll(/[()[\]{}*?|\\"!+@$^]/g, String.raw`\$&`);
}
