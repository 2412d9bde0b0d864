import type { Schema } from '../../core/schema.ts';
import type { AppVersion } from '../../delta/protocol/app-version.ts';
import { findField } from '../../delta/schema/schema.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { ParquetFiles } from '../../delta/write/new-rows.ts';
import { quoteName } from '../../engine/quote.ts';
import { type LayerReport, overwrittenReport } from '../report.ts';

/** Why every row of a table is to be written anew, where a column has got a type that no merge can give it. */
export async function rewriteReason(delta: DeltaTable, schema: Schema): Promise<string | undefined> {
  const known = (await delta.snapshot()).schema;
  for (const { name, type } of schema) {
    // Text stays text, unless there is none: a column that has held no value gets its type with the first ones.
    if (type === 'text' || findField(known, name)?.type !== 'string') continue;
    if (!(await hasValues(delta, name))) return `the column ${name} has become ${type} with its first values`;
  }
  const column = schema.find(({ name, type }) => {
    const before = findField(known, name)?.type;
    if (before === undefined) return false;
    return (type === 'text' && before !== 'string') || (type === 'double' && before !== 'double');
  });
  return column === undefined
    ? undefined
    : `the column ${column.name} has become ${column.type}, so that every row was written anew`;
}

async function hasValues(delta: DeltaTable, name: string): Promise<boolean> {
  await using rows = await delta.read({ columns: [name], where: `${quoteName(name)} IS NOT NULL` });
  for await (const batch of rows.batches()) if (batch.length > 0) return true;
  return false;
}

/** Replaces all rows, in the columns that the new ones have. */
export async function overwriteTable(
  delta: DeltaTable,
  rows: string | ParquetFiles,
  app: AppVersion,
  reason: string,
): Promise<LayerReport> {
  const noted = (await delta.snapshot()).state.transactions.get(app.appId);
  const result = await delta.overwrite(rows, {
    overwriteSchema: true,
    // What the table has noted already is not noted again: the write would be taken for done.
    ...(noted !== undefined && noted.version >= app.version ? {} : { app }),
  });
  return overwrittenReport(result, 0, reason);
}
