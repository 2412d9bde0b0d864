import type { TextRow } from '../../engine/text-rows.ts';

/** What a header's `-- check: …` asks for. */
export type CheckRule =
  | { readonly kind: 'not_null'; readonly columns: readonly string[] }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'accepted_values'; readonly column: string; readonly values: readonly string[] }
  /** Every value of the column that is not null is in `toColumn` of the table `toTable`, e.g. `silver.clientes`. */
  | {
      readonly kind: 'relationship';
      readonly column: string;
      readonly toTable: string;
      readonly toColumn: string;
    }
  | { readonly kind: 'row_count'; readonly min: number; readonly max: number }
  /** Any SELECT that must give no row. */
  | { readonly kind: 'sql'; readonly sql: string };

export interface Check {
  readonly rule: CheckRule;
  /** `error` keeps the table as it was, `warn` only tells. */
  readonly severity: 'warn' | 'error';
  /** As the header has it. */
  readonly text: string;
}

/** A check that did not hold. */
export interface BrokenCheck {
  readonly check: Check;
  /** How many rows break it. */
  readonly rows: number;
  /** Some of them, as text by column. */
  readonly samples: readonly TextRow[];
}
