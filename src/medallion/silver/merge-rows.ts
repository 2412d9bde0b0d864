import type { AppVersions } from '../../delta/app-version.ts';
import type { WriteResult } from '../../delta/publish.ts';
import type { DeltaTable } from '../../delta/table.ts';

/** A column of merged rows that is true where only the key counts, for the table is to have no such row. */
export const GONE = 'igarape_gone';

export interface MergeNotes {
  readonly app?: AppVersions;
  readonly configuration?: Readonly<Record<string, string>>;
  /** The version that the rows were compared with. */
  readonly ifVersion: number;
}

/**
 * Makes a table's rows of some keys what they are to be, in one commit; other rows stay as they are.
 *
 * @param rows A SELECT of the table's columns and {@link GONE}.
 * @throws IgarapeError DELTA_CONFLICT where the table is at another version
 */
export async function mergeRows(
  delta: DeltaTable,
  rows: string,
  key: readonly string[],
  notes: MergeNotes,
): Promise<WriteResult> {
  return delta
    .merge(rows, { on: key, ...notes })
    .whenMatchedDelete({ where: `source.${GONE}` })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll({ where: `NOT source.${GONE}` })
    .execute();
}
