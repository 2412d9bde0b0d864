import type { CellRow } from './cell-writer.ts';
import { numberCell, type NumberKind } from './xlsx-number.ts';
import { readXml, unescapeExcel } from './xlsx-xml.ts';

/** A part of a sheet; columns and rows count from 0, the last ones are part of it. */
export interface SheetRange {
  readonly firstColumn: number;
  readonly firstRow: number;
  readonly lastColumn: number;
  readonly lastRow: number;
}

export interface CellStyles {
  readonly texts: readonly string[];
  readonly kinds: readonly NumberKind[];
  readonly is1904: boolean;
}

const MOST_COLUMNS = 16_384;
const MOST_ROWS = 1_048_576;

/** `B2:F`, `B2:F100`, `B2`: from a cell on, to a column, and a row, where they are given. */
export function parseRange(range: string | undefined): SheetRange {
  const [, column = 'A', row = '1', lastColumn = 'XFD', lastRow = String(MOST_ROWS)] =
    /^([A-Z]{1,3})([1-9][0-9]*)(?::([A-Z]{1,3})([1-9][0-9]*)?)?$/.exec(range ?? 'A1') ?? [];
  return {
    firstColumn: columnIndex(column),
    firstRow: Number(row) - 1,
    lastColumn: columnIndex(lastColumn),
    lastRow: Number(lastRow) - 1,
  };
}

/** What a cell cannot be read for: its formula has no result, or it names a text that is not there. */
export type CellFault = 'no result' | 'no text';

/**
 * The rows of a sheet that have a cell with a value, columns counted from the range's first. Only what is there is read.
 *
 * @param faulty what is thrown of a cell, such as `B2`, that cannot be read.
 */
export async function* readSheet(
  path: string,
  range: SheetRange,
  styles: CellStyles,
  faulty: (fault: CellFault, cell: string) => Error,
): AsyncGenerator<CellRow> {
  const rows = new SheetRows(range, styles, faulty);
  const parts = readXml(path, {
    open: (tag, attributes) => rows.open(tag, attributes),
    text: (text) => rows.text(text),
    close: (tag) => rows.close(tag),
  });
  // oxlint-disable-next-line no-unused-vars -- the rows come by the handlers
  for await (const _ of parts) {
    yield* rows.take();
    if (rows.isPast) return;
  }
  yield* rows.take();
}

/** Puts the cells of a sheet together to rows. */
class SheetRows {
  readonly #range: SheetRange;
  readonly #styles: CellStyles;
  readonly #faulty: (fault: CellFault, cell: string) => Error;
  #ready: CellRow[] = [];
  #cells: (string | undefined)[] = [];
  #row = -1;
  #column = -1;
  #type = 'n';
  #style = 0;
  #text = '';
  #isText = false;
  #isFormula = false;
  #phonetic = 0;

  constructor(range: SheetRange, styles: CellStyles, faulty: (fault: CellFault, cell: string) => Error) {
    this.#range = range;
    this.#styles = styles;
    this.#faulty = faulty;
  }

  /** Whether the sheet has come to the end of the range. */
  get isPast(): boolean {
    return this.#row > this.#range.lastRow;
  }

  take(): CellRow[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  open(tag: string, attributes: Readonly<Record<string, string>>): void {
    if (tag === 'row') {
      this.#row = attributes['r'] === undefined ? this.#row + 1 : Number(attributes['r']) - 1;
      this.#column = -1;
      this.#cells = [];
    } else if (tag === 'c') {
      const letters = /^[A-Z]+/.exec(attributes['r'] ?? '')?.[0];
      this.#column = letters === undefined ? this.#column + 1 : columnIndex(letters);
      this.#type = attributes['t'] ?? 'n';
      this.#style = Number(attributes['s'] ?? 0);
      this.#text = '';
      this.#isFormula = false;
    } else if (tag === 'f') this.#isFormula = true;
    else if (tag === 'rPh') this.#phonetic += 1;
    this.#isText = (tag === 'v' || tag === 't') && this.#phonetic === 0;
  }

  text(text: string): void {
    if (this.#isText) this.#text += text;
  }

  close(tag: string): void {
    if (tag === 'v' || tag === 't') this.#isText = false;
    if (tag === 'rPh') this.#phonetic -= 1;
    if (tag === 'c') this.#put();
    if (tag === 'row' && this.#cells.length > 0) this.#ready.push(this.#cells);
  }

  #put(): void {
    const { firstColumn, firstRow, lastColumn, lastRow } = this.#range;
    const isInside =
      this.#column >= firstColumn &&
      this.#column <= lastColumn &&
      this.#row >= firstRow &&
      this.#row <= lastRow;
    if (!isInside || this.#column >= MOST_COLUMNS) return;
    // A result that is an empty text has the type of a text.
    if (this.#isFormula && this.#text === '' && this.#type !== 'str') throw this.#fault('no result');
    const cell = this.#cell();
    if (cell !== undefined) this.#cells[this.#column - firstColumn] = cell;
  }

  #cell(): string | undefined {
    const { kinds, is1904 } = this.#styles;
    const text = this.#text;
    switch (this.#type) {
      case 's':
        return text === '' ? undefined : `s${this.#sharedText(text)}`;
      case 'b':
        return text === '' ? undefined : text === '1' ? 'ntrue' : 'nfalse';
      case 'n':
        return text === '' ? undefined : numberCell(text, kinds[this.#style] ?? 'number', is1904);
      case 'd':
        return text === '' ? undefined : `s${text}`;
      default:
        return text === '' && this.#type !== 'inlineStr' ? undefined : `s${unescapeExcel(text)}`;
    }
  }

  #sharedText(index: string): string {
    const text = this.#styles.texts[Number(index)];
    if (text === undefined) throw this.#fault('no text');
    return text;
  }

  #fault(fault: CellFault): Error {
    return this.#faulty(fault, `${columnName(this.#column)}${this.#row + 1}`);
  }
}

/** `A` is 0, `Z` 25, `AA` 26. */
function columnIndex(letters: string): number {
  return (
    Array.from(letters, (letter) => letter.charCodeAt(0) - 64).reduce(
      (index, digit) => index * 26 + digit,
      0,
    ) - 1
  );
}

/** The other way round. */
function columnName(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : columnName(Math.floor(index / 26) - 1) + last;
}
