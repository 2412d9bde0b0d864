import { quoteName } from '../engine/quote.ts';
import { textOrNull } from '../engine/text-rows.ts';

/** A value as the engine writes it, with all its digits; null for none. */
export type Cell = string | null;

export interface ExploredColumn {
  readonly name: string;
  /** The engine's name of the type: `BIGINT`, `TIMESTAMP WITH TIME ZONE` … */
  readonly type: string;
  /** Part of the table's key. */
  readonly key: boolean;
}

/** SQL: columns as text, called `c0`, `c1` … */
export function cellList(columns: readonly { readonly name: string }[], from = '', as = 'c'): string {
  return columns
    .map(({ name }, index) => `CAST(${from}${quoteName(name)} AS VARCHAR) AS ${as}${index}`)
    .join(', ');
}

/** The cells that {@link cellList} gave for so many columns. */
export function cellsOf(row: Readonly<Record<string, unknown>>, count: number, as = 'c'): Cell[] {
  return Array.from({ length: count }, (_, index) => textOrNull(row[`${as}${index}`]));
}
