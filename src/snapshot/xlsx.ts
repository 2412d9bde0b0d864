import type { Told } from '../core/language/sentence.ts';
import { join } from 'node:path';
import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { openArchive } from '../source/archive.ts';
import { openCells } from './cell-file.ts';
import { type CellRow, writeCells } from './cell-writer.ts';
import { checkColumnNames, generatedName } from './column-names.ts';
import type { TableFile } from './open-table.ts';
import type { RawTable } from './raw-table.ts';
import { parseRange, readSheet } from './xlsx-sheet.ts';
import {
  type OpenPart,
  readNumberKinds,
  readSharedTexts,
  readWorkbook,
  type Sheet,
} from './xlsx-workbook.ts';
import { EmptyFile, unreadable } from './unreadable.ts';

/**
 * A sheet of an Excel workbook as a relation. The first row with a value is the header; rows without one are left out.
 * A cell is what the workbook has stored: of a formula its last result, of a number the shortest text of its double,
 * or the date that its format makes of it; a text stays text.
 *
 * @throws EmptyFile
 * @throws IgarapeError TABLE_UNREADABLE no such sheet, several and none named; SOURCE_CORRUPT
 */
export async function openXlsx(
  file: TableFile,
  table: TableConfig,
  workDir: string,
  signal: AbortSignal,
): Promise<RawTable> {
  return withParts(file, workDir, signal, async (openPart) => {
    const { sheets, is1904, ...parts } = await readWorkbook(openPart);
    const sheet = chooseSheet(file.name, sheets, table);
    const kinds = await readNumberKinds(openPart, parts.styles);
    const texts = await readSharedTexts(openPart, parts.texts, signal);
    const cells = await openPart(sheet.part);
    if (cells === undefined)
      throw unreadable(
        file.name,
        `its sheet ${JSON.stringify(sheet.name)} has no cells`,
        'Save it again in Excel.',
      );
    const rows = readSheet(cells, parseRange(table.range), { texts, kinds, is1904 }, (fault, cell) =>
      fault === 'no result'
        ? unreadable(
            file.name,
            `the formula in ${cell} of its sheet ${JSON.stringify(sheet.name)} has no result: it was never calculated`,
            'Open the workbook in Excel or LibreOffice and save it, so that the results are in it.',
          )
        : unreadable(
            file.name,
            `the cell ${cell} of its sheet ${JSON.stringify(sheet.name)} names a text that the workbook does not have`,
            'Fetch it again, or save it again in Excel.',
          ),
    );
    const path = join(workDir, 'cells.ndjson');
    const names: string[] = [];
    const written = await writeCells(withoutHeader(rows, names), path, signal);
    if (!names.some((name) => name !== ''))
      throw new EmptyFile(
        file.name,
        `its sheet ${JSON.stringify(sheet.name)} has no row with a value`,
        'Check "sheet" and "range" of the table.',
      );
    const indexes = [...names.keys()].filter((index) => (names[index] ?? '') !== '');
    const named = indexes.map((index) => names[index] ?? '');
    checkColumnNames(file.name, named);
    return openCells({ path, names: named, indexes, ...written }, file.name, 'xlsx cells');
  });
}

/**
 * The names of a workbook's sheets.
 *
 * @throws IgarapeError TABLE_UNREADABLE, SOURCE_CORRUPT
 */
export function xlsxSheets(
  file: TableFile,
  workDir: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return withParts(file, workDir, signal, async (openPart) =>
    (await readWorkbook(openPart)).sheets.map(({ name }) => name),
  );
}

async function withParts<Result>(
  file: TableFile,
  workDir: string,
  signal: AbortSignal,
  use: (openPart: OpenPart) => Promise<Result>,
): Promise<Result> {
  const archive = await openArchive(file.path, { label: file.name });
  const openPart: OpenPart = async (name) => {
    if (!archive.entries.some((entry) => entry.name === name)) return undefined;
    const part = (await archive.extract([name], join(workDir, 'workbook'), signal)).get(name);
    if (part?.kind === 'failed') throw part.error;
    return part?.path;
  };
  try {
    return await use(openPart);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof IgarapeError || !(error instanceof Error) || !/^\d*:?\d+:?\d*: /.test(error.message))
      throw error;
    throw unreadable(
      file.name,
      `its XML is damaged (${error.message.split('\n')[0]})`,
      'Fetch it again, or save it again in Excel.',
      error,
    );
  }
}

/**
 * The rows after the first, which gives the columns their names; a column with a value and without a name gets one, and
 * one with neither has the name ''.
 */
async function* withoutHeader(rows: AsyncIterable<CellRow>, names: string[]): AsyncGenerator<CellRow> {
  let isHeader = true;
  for await (const row of rows) {
    if (isHeader) for (const cell of row) names.push(nameOf(cell));
    else {
      for (const [index, cell] of row.entries())
        if (cell != null && (names[index] ?? '') === '') names[index] = generatedName(index);
      yield row;
    }
    isHeader = false;
  }
}

/** What a cell of the header says: after its kind, and of a number the way in which it is written. */
function nameOf(cell: string | null | undefined): string {
  if (cell == null) return '';
  return (cell.startsWith('x') ? cell.slice(cell.indexOf(' ') + 1) : cell.slice(1)).trim();
}

function chooseSheet(file: string, sheets: readonly Sheet[], { name, sheet: wanted }: TableConfig): Sheet {
  const shown = sheets.map((sheet) => JSON.stringify(sheet.name)).join(', ');
  const twice = sheets.find(
    ({ name: one }, index) => sheets.findIndex((other) => sameText(other.name, one)) !== index,
  );
  if (twice !== undefined)
    throw unreadable(
      file,
      `two of its sheets are named ${JSON.stringify(twice.name)}`,
      'Rename one of them in Excel.',
    );
  const found =
    sheets.find((sheet) => sheet.name === wanted) ??
    sheets.find((sheet) => sameText(sheet.name, wanted ?? name)) ??
    (wanted === undefined && sheets.length === 1 ? sheets[0] : undefined);
  if (found !== undefined) return found;
  const what: Told =
    wanted === undefined
      ? `it has several sheets, ${shown}`
      : `it has no sheet ${JSON.stringify(wanted)}; its sheets are ${shown}`;
  throw unreadable(
    file,
    sheets.length === 0 ? 'it has no sheets' : what,
    'Set "sheet" of the table to one of them.',
  );
}

function sameText(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
