/** How a column of a table gives way where the table is too wide. */
export interface Giving {
  /** What its widest cell takes. */
  readonly width: number;
  /** What it may be made as narrow as; its width where it is not to be cut. */
  readonly least: number;
  /** Columns are hidden in this order, the highest first; undefined for one that stays. */
  readonly hide: number | undefined;
}

/** Columns that are shown, by their place, with the width that each gets. */
export type Fitted = readonly { readonly index: number; readonly width: number }[];

/** Takes from the widest columns first; where that is not enough, hides columns, and in the end cuts any. */
export function fitColumns(columns: readonly Giving[], available: number, gap: number): Fitted {
  let shown = columns.map((column, index) => ({ ...column, index }));
  for (;;) {
    const room = available - gap * (shown.length - 1);
    const least = shown.reduce((sum, column) => sum + column.least, 0);
    if (least <= room || !Number.isFinite(room)) return narrowed(shown, room);
    const next = shown.reduce<(typeof shown)[number] | undefined>(
      (worst, column) => ((column.hide ?? 0) > (worst?.hide ?? 0) ? column : worst),
      undefined,
    );
    if (next !== undefined) shown = shown.filter((column) => column !== next);
    else if (shown.length > 1 && room < shown.length * SMALLEST) shown = shown.slice(0, -1);
    else
      return narrowed(
        shown.map((column) => ({ ...column, least: Math.min(column.least, SMALLEST) })),
        Math.max(room, shown.length),
      );
  }
}

const SMALLEST = 4;

/** The columns that may give way get a common most width, so that all of them together fit. */
function narrowed(columns: readonly (Giving & { readonly index: number })[], room: number): Fitted {
  const at = (most: number): number[] =>
    columns.map(({ width, least }) => Math.min(width, Math.max(least, most)));
  const total = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, 0);
  let most = Math.max(1, ...columns.map(({ width }) => width));
  while (most > 1 && total(at(most)) > room) most -= 1;
  const widths = at(most);
  // What rounding has left goes to the columns that were cut.
  let left = room - total(widths);
  return columns.map(({ index, width }, place) => {
    const got = widths[place] ?? width;
    const more = Number.isFinite(left) ? Math.min(left, width - got) : 0;
    left -= more;
    return { index, width: got + more };
  });
}
