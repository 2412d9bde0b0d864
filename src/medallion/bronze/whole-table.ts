import { describedType, sameName, type Schema } from '../../core/schema.ts';
import type { AppVersion } from '../../delta/protocol/app-version.ts';
import { findField, type StructType } from '../../delta/schema/schema.ts';
import { deltaTypeOf } from '../../delta/schema/sql-schema.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { ParquetFiles } from '../../delta/write/new-rows.ts';
import { isWithin } from '../../delta/write/row-source.ts';
import { FEED_PROPERTY } from './applied-run.ts';
import { type LayerReport, overwrittenReport, type Reasons } from '../report.ts';

/**
 * Why every row of a table is to be written anew: a column has got a type that does not hold what it has now, or is none of the
 * table's any more, which was started anew without it.
 *
 * @param known The columns that the table has.
 * @param added The columns beside those of the schema.
 */
export function rewriteReason(
  known: StructType,
  schema: Schema,
  added: readonly string[],
): string | undefined {
  const isLeft = (field: string): boolean =>
    schema.some(({ name }) => sameName(name, field)) || added.some((name) => sameName(name, field));
  const gone = known.fields.find(({ name }) => !isLeft(name));
  if (gone !== undefined) return `the column ${gone.name} is gone, so that every row was written anew`;
  const column = schema.find(({ name, type }) => {
    const before = findField(known, name)?.type;
    return before !== undefined && !isWithin(before, deltaTypeOf(describedType(type), name));
  });
  return column === undefined
    ? undefined
    : `the column ${column.name} has become ${column.type}, so that every row was written anew`;
}

/** Replaces all rows, in the columns that the new ones have. */
export async function overwriteTable(
  delta: DeltaTable,
  rows: string | ParquetFiles,
  app: AppVersion,
  ...reasons: Reasons
): Promise<LayerReport> {
  const noted = (await delta.snapshot()).state.transactions.get(app.appId);
  const result = await delta.overwrite(rows, {
    overwriteSchema: true,
    configuration: { [FEED_PROPERTY]: app.appId },
    // What the table has noted already is not noted again: the write would be taken for done.
    ...(noted !== undefined && noted.version >= app.version ? {} : { app }),
  });
  return overwrittenReport(result, 0, ...reasons);
}
