import { fitColumns } from './fit.ts';
import type { Sentence } from '../../core/language/sentence.ts';
import { say } from '../language.ts';
import { cut, cutName, type Layout, widthOf, wrapped } from './layout.ts';

/** A column of a table on a screen; a text alone is its heading. */
export type TableColumn = Heading & ColumnForm;

/** A word of ours, which is said in the language of the screen; or a name of somebody's, which stays as it is. */
type Heading =
  | { readonly head: Sentence | ''; readonly isName?: never }
  | { readonly head: string; readonly isName: true };

interface ColumnForm {
  /** Numbers stand to the right. */
  readonly right?: boolean;
  /** Where the table is too wide its columns are hidden in this order, the highest first. */
  readonly hide?: number;
  /** Long texts go on in the next line, or are cut; names in their middle, for often their ends tell them apart. */
  readonly long?: 'wrap' | 'cut' | 'name';
}

/** Columns of numbers. */
export function numbers(...heads: readonly Sentence[]): TableColumn[] {
  return heads.map((head) => ({ head, right: true }));
}

const GAP = '  ';
/** A text that is wrapped or cut stays at least so wide. */
const LEAST = { wrap: 24, cut: 12, name: 12 } as const;

/**
 * Rows under a heading, in columns of equal width, as wide as the layout allows: what does not fit is cut, wrapped or
 * hidden as its column says, and a last line names what is hidden and not empty.
 */
export function table(
  described: readonly (TableColumn | Sentence | '')[],
  rows: readonly (readonly string[])[],
  layout: Layout,
): string {
  const columns = described.map((column): ShownColumn => {
    if (typeof column === 'string') return { head: column === '' ? '' : say(column) };
    return column.isName === true || column.head === '' ? column : { ...column, head: say(column.head) };
  });
  const giving = columns.map(({ head, hide, long }, index) => {
    const width = Math.max(1, longestLine(head), ...rows.map((row) => longestLine(row[index] ?? '')));
    return { width, least: long === undefined ? width : Math.min(width, LEAST[long]), hide };
  });
  const shown = fitColumns(giving, layout.width, GAP.length);
  const lines = [columns.map(({ head }) => head), ...rows].flatMap((row) =>
    rowLines(shown.map(({ index, width }) => ({ column: columns[index], text: row[index] ?? '', width }))),
  );
  const hidden = columns.filter(
    (_, place) =>
      !shown.some(({ index }) => index === place) && rows.some((row) => (row[place] ?? '') !== ''),
  );
  return [...lines, ...(hidden.length === 0 ? [] : [wrapped(hiddenLine(hidden), layout)])].join('\n');
}

type ShownColumn = ColumnForm & { readonly head: string };

interface PlacedCell {
  readonly column: ShownColumn | undefined;
  readonly text: string;
  readonly width: number;
}

/** A row as lines of the screen: as many as its highest cell has. */
function rowLines(cells: readonly PlacedCell[]): string[] {
  const blocks = cells.map(({ column, text, width }) =>
    (column?.long === 'wrap' ? wrapped(text, { width }) : text)
      .split('\n')
      .map((line) => (column?.long === 'name' ? cutName : cut)(line, width)),
  );
  const height = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map(({ column, width }, place) => {
        const text = blocks[place]?.[line] ?? '';
        const space = ' '.repeat(Math.max(0, width - widthOf(text)));
        return column?.right === true ? space + text : text + space;
      })
      .join(GAP)
      .trimEnd(),
  );
}

function hiddenLine(hidden: readonly ShownColumn[]): string {
  const names = hidden.map(({ head }) => head.split('\n')[0] ?? '').filter((head) => head !== '');
  const told = names.length > MOST_NAMED ? say(`${names.length} columns`) : names.join(', ');
  return say(`not shown: ${told} (--wide shows all)`);
}

const MOST_NAMED = 4;

function longestLine(text: string): number {
  return Math.max(...text.split('\n').map(widthOf));
}
