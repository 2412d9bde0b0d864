/** Of a value's character, and around it; the least of a column, and the most where others need room, too. */
const [CHARACTER, AROUND, LEAST, MOST] = [9, 24, 64, 330];

interface Need {
  readonly least: number;
  /** With all of the longest value in sight. */
  readonly most: number;
}

/** Room for values of so many characters, or for two of them one beside the other. */
export function needOf(
  column: { readonly name: string; readonly type: string } | undefined,
  characters: number,
  isChanged: boolean,
): Need {
  if (column === undefined) return { least: 100, most: 100 };
  const head = column.name.length * 9.2 + column.type.length * 7.4 + 42;
  const value = characters * CHARACTER + AROUND;
  const most = isChanged ? value * 2 + AROUND : value;
  const limit = isChanged ? MOST * 1.6 : MOST;
  return { least: Math.max(LEAST, Math.min(head, MOST), Math.min(most, limit)), most };
}

/** How wide columns are: what room is left goes to those whose values are cut. */
export function widthsOf(needs: readonly Need[], room: number): readonly number[] {
  const left = room - needs.reduce((sum, { least }) => sum + least, 0);
  const cut = needs.filter(({ least, most }) => most > least).length;
  const more = Math.max(0, left / Math.max(cut, 1));
  return needs.map(({ least, most }) => Math.floor(least + Math.min(Math.max(most - least, 0), more)));
}

export function mayBeCut(value: string): boolean {
  return value.length * CHARACTER + AROUND >= MOST;
}
