import type { Schema } from '../core/schema.ts';
import type { LedgerEntry } from '../lake/ledger-entry.ts';
import type { ExaminedOne } from './examine-all.ts';

/** What the ledger records of a table of the source, or is about to. */
export interface RecordedTable {
  readonly schema: Schema;
  readonly rows: number;
}

/** By a table's name. */
export type Recorded = (table: string) => RecordedTable | undefined;

export function recordedIn(entry: LedgerEntry | undefined): Recorded {
  return (table) => {
    const state = entry?.tables[table];
    return state && { schema: state.schema, rows: state.base.rows };
  };
}

/** As {@link recordedIn}, once what was examined is published. */
export function recordedAfter(
  entry: LedgerEntry | undefined,
  examined: readonly Pick<ExaminedOne<unknown>, 'table' | 'outcome'>[],
): Recorded {
  const before = recordedIn(entry);
  const found = new Map(
    examined.flatMap(({ table: { name }, outcome }) =>
      outcome.kind === 'examined'
        ? [[name, { schema: outcome.schema, rows: outcome.base?.rows ?? before(name)?.rows ?? 0 }] as const]
        : [],
    ),
  );
  return (table) => found.get(table) ?? before(table);
}
