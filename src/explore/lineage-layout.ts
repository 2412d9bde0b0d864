import type { LineageTable } from '../medallion/models/lineage.ts';

/** What stands in a drawing of what is made of what. */
export interface Drawn {
  readonly name: string;
  /** Names of what it is made of. */
  readonly sources: readonly string[];
}

export interface Place {
  readonly name: string;
  /** The column, from 0. */
  readonly column: number;
  /** The row in the column, from 0; columns with fewer rows stand in the middle. */
  readonly row: number;
}

const SWEEPS = 12;

/** The layers from left to right. Seeds stand beside the tables of the source: nothing feeds them. */
const COLUMNS: Readonly<Record<LineageTable['layer'], number>> = {
  raw: 0,
  seed: 0,
  bronze: 1,
  silver: 2,
  gold: 3,
};

/** Places a lineage's tables: none stands left of where its layer begins. */
export function placesOf(tables: readonly Pick<LineageTable, 'name' | 'sources' | 'layer'>[]): Place[] {
  const layers = new Map(tables.map(({ name, layer }) => [name, layer]));
  return layOut(tables, (name) => COLUMNS[layers.get(name) ?? 'raw']);
}

/**
 * Places tables in columns, each right of all that it is made of, and in an order of each column in which few lines cross:
 * by turns every table is put where the middle of its neighbours is, to the left and to the right, and the best order is
 * kept. The same tables give the same drawing.
 *
 * @param first The least column of a table, by its name.
 */
export function layOut(tables: readonly Drawn[], first: (name: string) => number): Place[] {
  const columns = columnsOf(tables, first);
  const count = Math.max(0, ...columns.values()) + 1;
  const order: string[][] = Array.from({ length: count }, () => []);
  for (const { name } of tables) order[columns.get(name) ?? 0]?.push(name);
  const left = new Map(
    tables.map(({ name, sources }) => [name, sources.filter((each) => columns.has(each))]),
  );
  const right = new Map<string, string[]>();
  for (const [name, sources] of left)
    for (const source of sources) right.set(source, [...(right.get(source) ?? []), name]);
  let best = order.map((names) => [...names]);
  let fewest = crossings(best, left);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    const isForth = sweep % 2 === 0;
    const turns = order.map((_, index) => (isForth ? index : count - 1 - index));
    for (const column of turns) sortByMiddle(order, column, isForth ? left : right);
    const found = crossings(order, left);
    if (found >= fewest) continue;
    fewest = found;
    best = order.map((names) => [...names]);
  }
  return best.flatMap((names, column) => names.map((name, row) => ({ name, column, row })));
}

function columnsOf(tables: readonly Drawn[], first: (name: string) => number): Map<string, number> {
  const columns = new Map(tables.map(({ name }) => [name, first(name)]));
  const furthest = tables.length + Math.max(0, ...columns.values());
  // Each table comes after its sources, unless they go in a circle: then a bound ends it.
  for (let round = 0; round < tables.length; round += 1) {
    let isMoved = false;
    for (const { name, sources } of tables) {
      const after = Math.max(-1, ...sources.map((source) => columns.get(source) ?? -1)) + 1;
      if (after <= (columns.get(name) ?? 0) || after > furthest) continue;
      columns.set(name, after);
      isMoved = true;
    }
    if (!isMoved) break;
  }
  return columns;
}

function sortByMiddle(
  order: string[][],
  column: number,
  neighbours: ReadonlyMap<string, readonly string[]>,
): void {
  const names = order[column] ?? [];
  const place = new Map(
    order.flatMap((each) => each.map((name, row) => [name, (row + 0.5) / each.length] as const)),
  );
  const middle = (name: string): number => {
    const found = (neighbours.get(name) ?? []).flatMap((each) => place.get(each) ?? []);
    return found.length === 0
      ? (place.get(name) ?? 0)
      : found.reduce((sum, each) => sum + each, 0) / found.length;
  };
  const middles = new Map(names.map((name) => [name, middle(name)]));
  order[column] = names.toSorted((one, other) => (middles.get(one) ?? 0) - (middles.get(other) ?? 0));
}

/** How many pairs of lines between the same two columns cross. */
export function crossings(
  order: readonly (readonly string[])[],
  left: ReadonlyMap<string, readonly string[]>,
): number {
  const place = new Map(
    order.flatMap((names, column) => names.map((name, row) => [name, { column, row }] as const)),
  );
  const lines = new Map<string, [number, number][]>();
  for (const [name, sources] of left) {
    for (const source of sources) {
      const [from, to] = [place.get(source), place.get(name)];
      if (from === undefined || to === undefined) continue;
      const between = `${from.column} ${to.column}`;
      lines.set(between, [...(lines.get(between) ?? []), [from.row, to.row]]);
    }
  }
  let count = 0;
  for (const group of lines.values())
    for (const [index, one] of group.entries())
      for (const other of group.slice(index + 1))
        if ((one[0] - other[0]) * (one[1] - other[1]) < 0) count += 1;
  return count;
}
