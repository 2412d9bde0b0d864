import type { Engine } from '../../engine/engine.ts';

/** Rows of a table of changes to which the same happens, in one file or in none; or one such row. */
export interface ChangedPlace {
  /** The index of their file; undefined for new rows. */
  readonly file: number | undefined;
  /** The row's number in its file, where it is one. */
  readonly row: number | undefined;
  /** Undefined where nothing happens to them. */
  readonly kind: string | undefined;
  /** What {@link changedPlaces} was asked for. */
  readonly clause: number | undefined;
  /** How many rows they are. */
  readonly count: number;
}

/** Of so many each row is looked at: to group them takes longer. */
const FEW_ROWS = 1000;

/**
 * Where the rows of a table of changes lie: of a few each, else how many.
 *
 * @param count How many rows the table has.
 * @param clause SQL of a number to tell them by, too.
 */
export async function changedPlaces(
  engine: Engine,
  table: string,
  count: number,
  clause: string = 'NULL',
): Promise<ChangedPlace[]> {
  const columns = `_file, kind, ${clause} AS clause`;
  const rows = await engine.rows(
    count <= FEW_ROWS
      ? `SELECT ${columns}, _row, 1 AS n FROM ${table}`
      : `SELECT ${columns}, NULL AS _row, count(*) AS n FROM ${table} GROUP BY ALL`,
  );
  return rows.map((row) => ({
    file: numberOf(row['_file']),
    row: numberOf(row['_row']),
    kind: typeof row['kind'] === 'string' ? row['kind'] : undefined,
    clause: numberOf(row['clause']),
    count: Number(row['n']),
  }));
}

function numberOf(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}

/** How many rows each of some places has, by what tells them apart; those without that are left out. */
export function countedBy<K extends string | number>(
  places: readonly ChangedPlace[],
  of: (place: ChangedPlace) => K | undefined,
): ReadonlyMap<K, number> {
  const counts = new Map<K, number>();
  for (const place of places) {
    const key = of(place);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + place.count);
  }
  return counts;
}
