import type { TableConfig } from '../../config/config.ts';
import { sameName, type Schema } from '../../core/schema.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { findField } from '../../delta/schema/schema.ts';
import type { LedgerEntry } from '../../lake/ledger-entry.ts';
import { readLedgerBackwards } from '../../lake/ledger.ts';
import type { Storage } from '../../storage/port.ts';
import { appliedRun, FULL_REFRESH, LEDGER_APP, otherFeed } from './applied-run.ts';
import { VERSION_COLUMNS } from './scd2-versions.ts';

/** Where a bronze table goes on from. */
export interface Progress {
  /** The last run of the ledger that counts as applied; undefined where none does. */
  readonly after: number | undefined;
  /** Why the table is made anew, whatever it holds. */
  readonly anew: string | undefined;
}

/**
 * How far a table has come. One that was made for another `history`, or of files of others, has to be made anew: nothing of
 * it tells what it would hold.
 *
 * @param schema The table's own columns, by the ledger.
 */
export function progressOf(
  table: Snapshot | undefined,
  { history }: Pick<TableConfig, 'history'>,
  schema: Schema,
  isFullRefresh: boolean,
): Progress {
  if (isFullRefresh) return { after: undefined, anew: FULL_REFRESH };
  const fed = otherFeed(table, LEDGER_APP);
  if (fed !== undefined) return { after: undefined, anew: fed };
  const isOther = table !== undefined && hasVersions(table, schema) !== (history === 'scd2');
  return isOther
    ? { after: undefined, anew: `its "history" has become ${history}` }
    : { after: appliedRun(table), anew: undefined };
}

/** The source may have columns that are called so. */
function hasVersions(table: Snapshot, schema: Schema): boolean {
  const names = Object.values(VERSION_COLUMNS);
  const isOwn = names.every((name) => schema.some((column) => sameName(column.name, name)));
  return !isOwn && names.every((name) => findField(table.schema, name) !== undefined);
}

/** The key that a table of the lake had after a run; undefined where it was not there yet. */
export async function keyAfter(
  storage: Storage,
  newest: LedgerEntry,
  table: string,
  run: number,
): Promise<readonly string[] | undefined> {
  for await (const entry of readLedgerBackwards(storage, newest)) {
    const state = entry.run <= run ? entry.tables[table] : undefined;
    if (state !== undefined) return state.primaryKey;
  }
  return undefined;
}
