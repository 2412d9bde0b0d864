import { createHash } from 'node:crypto';
import type { TableConfig } from '../config/config.ts';

/**
 * Tells apart configurations by which the same file gives other rows, values or changes. The key and the types are not
 * in it: these are in the ledger as they are.
 */
export function readAs(table: TableConfig): string {
  const { format, csv, isSeparatorGiven, sheet, range, sqliteTable, ignore, updateWhen, dateField } = table;
  const told = JSON.stringify({
    format,
    csv,
    isSeparatorGiven,
    sheet,
    range,
    sqliteTable,
    ignore: ignore.map((name) => name.toLowerCase()).toSorted(),
    ...(updateWhen === 'timestamp' ? { later: dateField?.toLowerCase() } : {}),
  });
  return createHash('sha256').update(told).digest('hex').slice(0, 16);
}
