import { sameName } from '../../core/schema.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import { quoteName } from '../../engine/quote.ts';
import { fullName } from '../layer.ts';
import type { SourceColumn } from '../models/model.ts';
import type { ChangedRows } from './changed-rows.ts';
import { type Cube, DAY } from './cube.ts';
import type { SourceColumns } from './cube-sources.ts';
import { mentions } from './influence.ts';
import type { Leaf, Need } from './influence-scope.ts';

/** How rows of a source lead to rows of the date source, from table to table. */
export type Path = readonly Hop[];

interface Hop {
  readonly to: SourceColumns;
  /** Columns of the table before, and those of this one that they are equal to. */
  readonly on: readonly { readonly from: string; readonly to: string }[];
}

export type Paths =
  /** Whatever influence a row has, it has by one of them. None for the date source itself. */
  | { readonly kind: 'paths'; readonly paths: readonly Path[] }
  /** A row may have influence on any date. */
  | { readonly kind: 'none'; readonly reason: string };

/** The paths by which a source's rows reach dates: each of its mentions in the SELECT has to have one. */
export function pathsToDates(cube: Cube, source: SourceColumns): Paths {
  if (source === cube.dates.source) return { kind: 'paths', paths: [] };
  const paths = pathsOf(cube, mentions(cube.tree, cube.sources), source, new Set());
  if (paths !== undefined) return { kind: 'paths', paths };
  const name = fullName(source.table);
  return {
    kind: 'none',
    reason: `${name} reaches no date: all dates are recomputed; a "-- join key" header would tell how`,
  };
}

/** The columns of a source that only the header's joins name. */
export function joinColumns({ model, sources }: Cube, source: SourceColumns): readonly string[] {
  return model.header.joins
    .flatMap(({ left, right }) => [left, right])
    .flatMap((column) => {
      const found = sourceColumn(column, sources.all);
      return found?.source === source ? [found.column] : [];
    });
}

/**
 * SQL: some columns, and the day as {@link DAY}, of the rows of the date source that changed rows of another source
 * reach.
 *
 * @param changed The changed rows of every source: where a table was different before, that counts too.
 * @param columns Of the date source.
 * @param helpers Takes what stands behind the SQL.
 */
export async function rowsReached(
  cube: Cube,
  rows: ChangedRows,
  changed: readonly ChangedRows[],
  columns: readonly string[],
  helpers: HelperTables,
): Promise<string> {
  const found = pathsToDates(cube, rows.source);
  if (found.kind === 'none') throw new RangeError(found.reason);
  const list = [...columns.map(quoteName), DAY].join(', ');
  const reached: string[] = [];
  for (const path of found.paths) {
    let from = rows.table;
    for (const [index, { to, on }] of path.entries()) {
      const next = path[index + 1];
      const wanted = next === undefined ? columns : next.on.map((pair) => pair.from);
      const isLast = next === undefined;
      const table = tableThenAndNow(
        to,
        changed,
        [...wanted, ...on.map((pair) => pair.to)],
        isLast ? cube : undefined,
      );
      const condition = on.map((pair) => `n.${quoteName(pair.to)} = f.${quoteName(pair.from)}`).join(' AND ');
      const kept = isLast ? list : [...new Set(wanted)].map(quoteName).join(', ');
      from = await helpers.createAs(
        `SELECT DISTINCT ${kept} FROM (${table}) AS n SEMI JOIN ${from} AS f ON ${condition}`,
      );
    }
    reached.push(`SELECT ${list} FROM ${from}`);
  }
  return reached.join(' UNION ');
}

/** SQL: columns of a table's rows, and of those that it had before; with the day where it is the date source. */
function tableThenAndNow(
  source: SourceColumns,
  changed: readonly ChangedRows[],
  columns: readonly string[],
  cube: Cube | undefined,
): string {
  const list = [
    ...[...new Set(columns)].map(quoteName),
    ...(cube === undefined ? [] : [`${cube.dates.day} AS ${DAY}`]),
  ].join(', ');
  const tables = [source.view, ...changed.filter((each) => each.source === source).map(({ table }) => table)];
  return tables.map((table) => `SELECT ${list} FROM ${table}`).join(' UNION ALL ');
}

function pathsOf(
  cube: Cube,
  all: readonly Leaf[],
  source: SourceColumns,
  seen: ReadonlySet<SourceColumns>,
): readonly Path[] | undefined {
  const own = all.filter((leaf) => leaf.source === source);
  const written = own.map((leaf) => shortestPath(leaf, cube.dates.source));
  if (own.length > 0 && written.every((path) => path !== undefined)) return once(written);
  const told = toldPaths(cube, all, source, seen);
  return told === undefined ? undefined : once([...written.filter((path) => path !== undefined), ...told]);
}

/** Paths by the header's joins: all that lead to the date source, directly or by the paths of another source. */
function toldPaths(
  cube: Cube,
  all: readonly Leaf[],
  source: SourceColumns,
  seen: ReadonlySet<SourceColumns>,
): readonly Path[] | undefined {
  const { dates, model, sources } = cube;
  const paths: Path[] = [];
  for (const { left, right } of model.header.joins) {
    for (const [one, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const from = sourceColumn(one, sources.all);
      const to = sourceColumn(other, sources.all);
      if (from?.source !== source || to === undefined || seen.has(to.source)) continue;
      const hop: Hop = { to: to.source, on: [{ from: from.column, to: to.column }] };
      const rest =
        to.source === dates.source ? [[]] : pathsOf(cube, all, to.source, new Set([...seen, source]));
      paths.push(...(rest ?? []).map((path) => [hop, ...path]));
    }
  }
  return paths.length === 0 ? undefined : paths;
}

function shortestPath(start: Leaf, goal: SourceColumns): Path | undefined {
  const paths = new Map<Leaf, Path>([[start, []]]);
  for (const [leaf, path] of paths) {
    if (leaf.source === goal) return path;
    for (const [to, on] of needsByLeaf(leaf)) {
      if (!paths.has(to)) paths.set(to, [...path, { to: to.source, on }]);
    }
  }
  return undefined;
}

function needsByLeaf({ needs }: Leaf): ReadonlyMap<Leaf, Hop['on']> {
  const byLeaf = new Map<Leaf, Hop['on']>();
  for (const { column, leaf, leafColumn } of needs satisfies readonly Need[]) {
    byLeaf.set(leaf, [...(byLeaf.get(leaf) ?? []), { from: column, to: leafColumn }]);
  }
  return byLeaf;
}

function once(paths: readonly Path[]): readonly Path[] {
  const named = paths.map((path): [string, Path] => [
    JSON.stringify(path.map(({ to, on }) => [fullName(to.table), on])),
    path,
  ]);
  return [...new Map(named).values()];
}

function sourceColumn(
  { table, column }: SourceColumn,
  sources: readonly SourceColumns[],
): { readonly source: SourceColumns; readonly column: string } | undefined {
  for (const source of sources) {
    if (table !== undefined && fullName(source.table) !== fullName(table)) continue;
    const found = source.columns.find(({ name }) => sameName(name, column));
    if (found !== undefined) return { source, column: found.name };
  }
  return undefined;
}
