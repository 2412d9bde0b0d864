import { sameName } from '../../core/schema.ts';
import { evolveSchema } from '../write/evolve-schema.ts';
import type { MergeOptions } from './request.ts';
import { findColumn } from './plan.ts';
import { refused, type SourceColumn } from '../write/row-source.ts';
import { findField } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { type ChangedTable, changedTable } from '../write/table-change.ts';

/** The table that a merge writes to: with the columns and types that the source brings, where that is asked for. */
export interface MergeTarget extends ChangedTable {
  /** Whether every file is to be written anew, for a wider type. */
  readonly widens: boolean;
}

/** @throws IgarapeError DELTA_QUERY, DELTA_UNSUPPORTED for what the table cannot be made */
export function mergeTarget(
  snapshot: Snapshot,
  source: readonly SourceColumn[],
  { on, mergeSchema = false, configuration }: MergeOptions,
): MergeTarget {
  const keys = typeof on === 'string' ? [] : on;
  const columns = (mergeSchema === false ? [] : chosen(source, mergeSchema)).filter(
    // A key that the table lacks is a mistake.
    ({ name }) => findField(snapshot.schema, name) !== undefined || !keys.some((key) => sameName(key, name)),
  );
  const evolution = evolveSchema(snapshot, columns);
  const upgrade = configuration === undefined ? 'listed' : 'any';
  const wanted = { schema: evolution?.schema, configuration, keepsRows: true, upgrade } as const;
  return { ...changedTable(snapshot, wanted), widens: evolution?.widens ?? false };
}

function chosen(source: readonly SourceColumn[], names: true | readonly string[]): readonly SourceColumn[] {
  if (names === true) return source;
  for (const name of names) {
    if (findColumn(source, name) === undefined) throw refused(`the source has no column ${name}`);
  }
  return source.filter(({ name }) => names.some((wanted) => sameName(wanted, name)));
}
