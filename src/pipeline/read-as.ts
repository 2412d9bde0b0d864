import { createHash } from 'node:crypto';
import type { TableConfig } from '../config/config.ts';

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
