import { IgarapeError } from '../core/errors.ts';

/** What the folders of a file's name say of its rows, as `dt=2024-01-01/part-0.parquet` does: a value for each column. */
export type FolderValues = ReadonlyMap<string, string | null>;

const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';

/** @throws IgarapeError TABLE_UNREADABLE where two folders of the name give one column its value. */
export function folderValues(name: string): FolderValues {
  const values = new Map<string, string | null>();
  for (const folder of name.split('/').slice(0, -1)) {
    const [, column, value] = /^([^=]+)=(.*)$/s.exec(folder) ?? [];
    if (column === undefined || value === undefined) continue;
    const plain = unescapeText(column);
    if (values.has(plain)) {
      throw new IgarapeError(
        'TABLE_UNREADABLE',
        `${name}: two of its folders give the column ${plain} a value.`,
        {
          hint: 'Name each folder after a column of its own, as in year=2024/month=01.',
        },
      );
    }
    values.set(plain, value === NO_VALUE || value === '' ? null : unescapeText(value));
  }
  return values;
}

/** Signs that a folder's name cannot hold are written as `%` and the hexadecimal digits of their UTF-8 bytes. */
function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'));
  } catch {
    return text;
  }
}
