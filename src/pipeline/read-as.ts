import { createHash } from 'node:crypto';
import type { TableConfig } from '../config/config.ts';
import { formatOfName, isOfTabs } from '../config/table-name.ts';

/** Options that are in the ledger as they are, or change neither a row that is read nor what is an update. */
type ElsewhereKnown =
  | 'name'
  | 'file'
  | 'mode'
  | 'key'
  | 'isRowKey'
  | 'types'
  | 'schema'
  | 'maxDeleteRatio'
  | 'maxUpdateRatio'
  | 'history'
  | 'maxFilesPerRun';

/** All others; those of updates by time as the column that these go by. */
type ReadBy = Omit<TableConfig, ElsewhereKnown | 'updateWhen' | 'dateField'> & { later?: string | undefined };

/** Whether a file of this name is read as it was by the options of a hash: what they say may be what its name says. */
export function isReadAs(table: TableConfig, name: string, known: string): boolean {
  const { csv, isSeparatorGiven, format } = table;
  const usual = isOfTabs(name) ? '\t' : ',';
  const separator = isSeparatorGiven ? csv.separator : usual;
  const separators: Pick<TableConfig, 'csv' | 'isSeparatorGiven'>[] = [
    { csv: { ...csv, separator }, isSeparatorGiven: true },
    ...(separator === usual ? [{ csv: { ...csv, separator: ',' }, isSeparatorGiven: false }] : []),
  ];
  const ofName = formatOfName(name);
  const formats = (format ?? ofName) === ofName ? [ofName, undefined] : [format];
  return separators.some((one) =>
    formats.some((other) => readAs({ ...table, ...one, format: other }) === known),
  );
}

/** Tells apart configurations by which the same file gives other rows, values or changes. */
export function readAs(table: TableConfig): string {
  const { format, csv, isSeparatorGiven, sheet, range, sqliteTable } = table;
  const { ignore, duplicates, updateWhen, dateField } = table;
  const told: ReadBy = {
    format,
    csv,
    isSeparatorGiven,
    sheet,
    range,
    sqliteTable,
    ignore: ignore.map((name) => name.toLowerCase()).toSorted(),
    duplicates: duplicates && { ...duplicates, by: duplicates.by.toLowerCase() },
    ...(updateWhen === 'timestamp' ? { later: dateField?.toLowerCase() } : {}),
  };
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
}
