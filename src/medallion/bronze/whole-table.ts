import type { Schema } from '../../core/schema.ts';
import type { AppVersion } from '../../delta/protocol/app-version.ts';
import { findField } from '../../delta/schema/schema.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { LayerReport } from '../report.ts';

/** Why every row of a table is to be written anew, where a column has got a type that no merge can give it. */
export async function rewriteReason(delta: DeltaTable, schema: Schema): Promise<string | undefined> {
  const known = (await delta.snapshot()).schema;
  const first = schema.find(({ name, type }) => type !== 'text' && findField(known, name)?.type === 'string');
  // Text stays text, unless there is none: a table that has held no row gets its types with the first ones.
  if (first !== undefined && (await delta.describe()).rows === 0)
    return `the column ${first.name} has become ${first.type} with the first rows`;
  const column = schema.find(({ name, type }) => {
    const before = findField(known, name)?.type;
    if (before === undefined) return false;
    return (type === 'text' && before !== 'string') || (type === 'double' && before !== 'double');
  });
  return column === undefined
    ? undefined
    : `the column ${column.name} has become ${column.type}, so that every row was written anew`;
}

/** Replaces all rows, in the columns that the new ones have. */
export async function overwriteTable(
  delta: DeltaTable,
  rows: string,
  app: AppVersion,
  reason: string,
): Promise<LayerReport> {
  const noted = (await delta.snapshot()).state.transactions.get(app.appId);
  const { version, metrics } = await delta.overwrite(rows, {
    overwriteSchema: true,
    // What the table has noted already is not noted again: the write would be taken for done.
    ...(noted !== undefined && noted.version >= app.version ? {} : { app }),
  });
  return {
    operation: 'rebuilt',
    inserted: metrics['numOutputRows'] ?? 0,
    updated: 0,
    deleted: 0,
    version,
    reason,
  };
}
