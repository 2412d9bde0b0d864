import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { sameName, type Schema } from '../core/schema.ts';

/**
 * `05/10/2024` is text that comes before `06/01/2023`: such an order is meant only where somebody says so.
 *
 * @throws IgarapeError TABLE_KEY, GUARD where an option goes by a column of text.
 */
export function refuseTextOrder(
  option: 'duplicates' | 'update_when',
  by: string,
  { table, schema }: { readonly table: Pick<TableConfig, 'name' | 'types'>; readonly schema: Schema },
): void {
  const isText = schema.some(
    ({ name, type, open }) => sameName(name, by) && type === 'text' && open !== true,
  );
  if (!isText || Object.keys(table.types).some((name) => sameName(name, by))) return;
  throw new IgarapeError(
    option === 'duplicates' ? 'TABLE_KEY' : 'GUARD',
    `"${option}" goes by ${by}, which is text: of two values the later in the alphabet would be the last.`,
    {
      hint: `The table ${table.name} is left as it was. If these are dates, set "date_format"; if the alphabet is meant, "types": {${JSON.stringify(by)}: "text"}.`,
    },
  );
}
