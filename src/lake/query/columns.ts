import { type Schema, sqlType } from '../../core/schema.ts';
import { quoteName } from '../../engine/quote.ts';

/** SQL: a table's own columns in their recorded types; null where `isThere` says that the relation has none. */
export function ownColumns(schema: Schema, isThere: (column: string) => boolean = () => true): string {
  return schema
    .map(
      ({ name, type }) =>
        `TRY_CAST(${isThere(name) ? quoteName(name) : 'NULL'} AS ${sqlType(type)}) AS ${quoteName(name)}`,
    )
    .join(', ');
}
