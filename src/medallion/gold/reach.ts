import { fullName, type LayerTable } from '../layer.ts';
import type { ChangedRows } from './changed-rows.ts';
import type { Cube } from './cube.ts';
import type { SourceColumns } from './cube-sources.ts';

export type Paths = { readonly kind: 'all' } | { readonly kind: 'none'; readonly reason: string };

export async function pathsToDates(cube: Cube, table: LayerTable): Promise<Paths> {
  if (cube.sources.of(table) === cube.dates.source) return { kind: 'all' };
  return {
    kind: 'none',
    reason: `${fullName(table)} reaches no date: all dates are recomputed; a "-- join key" header would tell how`,
  };
}

export function pathColumns(_cube: Cube, _source: SourceColumns): readonly string[] {
  return [];
}

export async function datesReached(
  _cube: Cube,
  _rows: ChangedRows,
  _changed: readonly ChangedRows[],
): Promise<string> {
  return 'SELECT CAST(NULL AS DATE) AS day';
}
