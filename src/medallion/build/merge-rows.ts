import type { AppVersions } from '../../delta/protocol/app-version.ts';
import type { WriteResult } from '../../delta/write/publish.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { alikeIn } from '../../engine/quote.ts';
import type { Key } from './keys.ts';

/** A column of merged rows that says what they are for. */
export const ACT = '_igarape_act';

/** What a merged row is for, as SQL. */
export const ACTS = {
  /** The table is to have the row. */
  set: `'set'`,
  /** The table is to have no row of this key. */
  drop: `'drop'`,
  /** Beside a row that is set: the table has no row of this key, or the merge fails with DELTA_AMBIGUOUS. */
  isNew: `'new'`,
} as const;

/** Columns of compared rows: true for one that the table is to have, and for one whose key it has already. */
export const IS = '_igarape_is';
export const WAS = '_igarape_was';

export interface MergeNotes {
  readonly app?: AppVersions;
  readonly configuration?: Readonly<Record<string, string>>;
  /** The version that the rows were compared with. */
  readonly ifVersion: number;
}

/**
 * Makes a table's rows of some keys what they are to be, in one commit; other rows stay as they are.
 *
 * @param rows A SELECT of the table's columns and {@link ACT}.
 * @throws IgarapeError DELTA_CONFLICT where the table is at another version; DELTA_AMBIGUOUS
 */
export async function mergeRows(
  delta: DeltaTable,
  rows: string,
  { key, mayBeNull }: Key,
  notes: MergeNotes,
): Promise<WriteResult> {
  return delta
    .merge(rows, { on: mayBeNull ? alikeIn(key, 'target', 'source') : key, ...notes })
    .whenMatchedDelete({ where: `source.${ACT} = ${ACTS.drop}` })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll({ where: `source.${ACT} = ${ACTS.set}` })
    .execute();
}
