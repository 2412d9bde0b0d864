import { z } from 'zod';
import type { ExpectedTable } from './lakes.ts';

const tableSchema: z.ZodType<ExpectedTable> = z.object({
  columns: z.record(z.string(), z.string()),
  rows: z.array(z.array(z.string().nullable())),
});

/** What a reader printed, with the rows in the order of their first column, as a number. */
export function byKey(printed: unknown): ExpectedTable {
  const { columns, rows } = tableSchema.parse(printed);
  return { columns, rows: rows.toSorted(([a], [b]) => Number(a) - Number(b)) };
}

/** The same without one column, whose values are the reader's own matter. */
export function withoutColumn(printed: unknown, name: string): ExpectedTable {
  const { columns, rows } = byKey(printed);
  const position = Object.keys(columns).indexOf(name);
  const { [name]: _, ...others } = columns;
  return { columns: others, rows: rows.map((row) => row.toSpliced(position, 1)) };
}
