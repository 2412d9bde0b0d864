import type { PartitionValues } from '../protocol/actions.ts';

/** The folder for rows whose partition value is null. */
const NULL_FOLDER = '__HIVE_DEFAULT_PARTITION__';

/** Characters that Hive, and with it Spark, escapes in the names of partition folders. */
// oxlint-disable-next-line no-control-regex
const ESCAPED = /[\u0000-\u001F\u007F"#%'*/:=?\\{[\]^]/g;

/**
 * The folder of a file with these partition values, by convention `column=value/…`; readers go by the log alone.
 * The result is a file's name, not yet a URI of the log.
 */
export function hiveFolder(columns: readonly string[], values: PartitionValues): string {
  return columns.map((column) => `${escapeHive(column)}=${folderOf(values[column] ?? '')}`).join('/');
}

function escapeHive(text: string): string {
  return text.replaceAll(ESCAPED, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

function folderOf(value: string): string {
  return value === '' ? NULL_FOLDER : escapeHive(value);
}

/** The columns and values that the folders of a file's name tell by the same convention. */
export function hiveValues(key: string): ReadonlyMap<string, string | null> {
  const values = new Map<string, string | null>();
  for (const folder of key.split('/').slice(0, -1)) {
    const [, column, value] = /^([^=]+)=(.*)$/.exec(folder) ?? [];
    if (column === undefined || value === undefined) continue;
    values.set(unescapeHive(column), value === NULL_FOLDER ? null : unescapeHive(value));
  }
  return values;
}

/** Some writers escape bytes, others characters, and a percent sign that escapes nothing is itself. */
function unescapeHive(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
