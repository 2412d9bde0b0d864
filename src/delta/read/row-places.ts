import { unsupported } from '../protocol/corrupt.ts';
import { findField, type StructType } from '../schema/schema.ts';

/**
 * Columns that tell where a row lies, beside a table's own, which may have any name that people use: the index of its file among
 * those that are read, and its number in it, from 0; both BIGINT.
 */
export const AT = { file: '_igarape_at_file', row: '_igarape_at_row' } as const;

/** @throws IgarapeError DELTA_UNSUPPORTED for a table that has such a column itself */
export function checkPlaceNames({
  table,
  schema,
}: {
  readonly table: string;
  readonly schema: StructType;
}): void {
  const taken = Object.values(AT).find((name) => findField(schema, name) !== undefined);
  if (taken !== undefined)
    throw unsupported(table, `it has a column ${taken}, which is what igarape calls the place of a row`);
}
