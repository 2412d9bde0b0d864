import type { Told } from '../core/language/sentence.ts';
import { IgarapeError } from '../core/errors.ts';
import { sameName } from '../core/schema.ts';
import { FEED_COLUMNS } from '../delta/write/row-source.ts';
import { VERSION_COLUMNS } from './bronze/scd2-versions.ts';
import { BRONZE_COLUMNS } from './source-views.ts';

/** What a column of a bronze table may not be called: what the change data feed adds to rows, and what bronze does. */
export function takenInBronze(history: 'latest' | 'scd2'): readonly string[] {
  const versions = history === 'scd2' ? Object.values(VERSION_COLUMNS) : [];
  return [...FEED_COLUMNS, ...Object.values(BRONZE_COLUMNS), ...versions];
}

/**
 * Refuses columns that the table of a layer that is made of them cannot have.
 *
 * @param where The file, or the table, that has them.
 * @throws IgarapeError TABLE_UNREADABLE
 */
export function refuseLayerColumns(
  where: string,
  columns: readonly { readonly name: string }[],
  taken: readonly string[],
  hint: Told,
): void {
  const found = columns.find(({ name }) => taken.some((each) => sameName(each, name)));
  if (found === undefined) return;
  throw new IgarapeError(
    'TABLE_UNREADABLE',
    `${where}: the column ${JSON.stringify(found.name)} has a name that tables of the layers need for themselves.`,
    { hint },
  );
}
