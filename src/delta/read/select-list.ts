import { IgarapeError } from '../../core/errors.ts';
import { quoteName } from '../../engine/quote.ts';
import { findField, type StructType } from '../schema/schema.ts';

/** SQL of the columns that are wanted, or of all. @throws IgarapeError DELTA_QUERY for one that is not there */
export function selectList(
  { schema, table }: { schema: StructType; table: string },
  columns: readonly string[] | undefined,
): string {
  if (columns === undefined) return '*';
  const fields = columns.map((name) => {
    const field = findField(schema, name);
    if (field !== undefined) return quoteName(field.name);
    throw new IgarapeError('DELTA_QUERY', `${table} has no column ${name}`, {
      hint: `Its columns are ${schema.fields.map((known) => known.name).join(', ')}.`,
    });
  });
  if (fields.length === 0)
    throw new IgarapeError('DELTA_QUERY', 'No column was asked for', { hint: 'Name one at least.' });
  return fields.join(', ');
}
