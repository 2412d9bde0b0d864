import type { HelperTables } from '../../delta/read/relation.ts';
import { fullName } from '../layer.ts';
import { netChanges } from '../net-changes.ts';
import type { SourceRange } from '../step.ts';
import type { Cube } from './cube.ts';
import type { SourceColumns } from './cube-sources.ts';
import { joinColumns } from './reach.ts';
import { usedColumns } from './used-columns.ts';

/** Rows of a source that a range of its versions has changed, before and after. */
export interface ChangedRows {
  readonly source: SourceColumns;
  /** A table of {@link netChanges} in the columns of the source that the cube may look at. */
  readonly table: string;
}

/**
 * The rows of a source that have changed in what the cube may look at. A row that is afterwards as it was before is
 * none.
 *
 * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING where the changes cannot be read
 */
export async function changedRows(
  cube: Cube,
  source: SourceColumns,
  { from, to }: Pick<SourceRange, 'from' | 'to'>,
  helpers: HelperTables,
): Promise<ChangedRows> {
  const delta = await cube.tables.require(source.table);
  const range = { from: from + 1, to };
  return { source, table: await netChanges(delta, range, relevantColumns(cube, source), helpers) };
}

function relevantColumns(cube: Cube, source: SourceColumns): readonly string[] {
  const { dates, tree, sources } = cube;
  const wanted = new Set(usedColumns(tree, sources, source).map(({ name }) => name));
  if (source === dates.source) wanted.add(dates.column);
  for (const name of joinColumns(cube, source)) wanted.add(name);
  return [...wanted];
}

export function rangeOfSource(
  ranges: readonly SourceRange[],
  source: SourceColumns,
): SourceRange | undefined {
  return ranges.find(({ table }) => table === fullName(source.table));
}
