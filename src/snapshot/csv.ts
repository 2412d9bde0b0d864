import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { z } from 'zod';
import type { CsvOptions } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { quoteName, quotePath, quoteText } from '../engine/quote.ts';
import { checkColumnNames } from './column-names.ts';
import type { RawColumn, RawTable } from './raw-table.ts';

const OTHER_SEPARATORS = [';', ',', '\t', '|'];
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;

/**
 * A UTF-8 CSV file as a relation of text: an empty field is null, a quoted empty one is an empty text. DuckDB checks
 * the number of fields, the quotes and the encoding of every row; the header is read here, for DuckDB renames
 * duplicate columns silently and may take another line for it.
 *
 * @throws IgarapeError TABLE_UNREADABLE no header, a nameless or repeated column, another separator.
 */
export async function openCsv(path: string, name: string, options: CsvOptions): Promise<RawTable> {
  const { names, skippedLines, endBytes } = await readHeader(path, name, options);
  checkHeader(name, names, options.separator);
  await checkLineBreaks(name, names, path, endBytes);
  const columns = names.map((column) => rawColumn(column, options.decimal));
  const relation = `(SELECT * FROM ${readCsv(path, names, options, skippedLines)}${blankLines(names)})`;
  return {
    name,
    columns,
    relation,
    dialect: `csv${options.decimal}`,
    explain: (error) => explainCsvError(name, error, names.length),
  };
}

interface Header {
  readonly names: readonly string[];
  /** Blank lines before the header. */
  readonly skippedLines: number;
  /** Where the header ends, its line end included. */
  readonly endBytes: number;
}

const headerRecord = z.object({
  record: z.array(z.string()),
  info: z.object({ bytes: z.number(), empty_lines: z.number() }),
});

async function readHeader(path: string, name: string, options: CsvOptions): Promise<Header> {
  const input = createReadStream(path);
  const parser = input.pipe(
    parse({
      bom: true,
      delimiter: options.separator,
      quote: options.quote === '' ? null : options.quote,
      escape: options.quote === '' ? null : options.quote,
      relax_quotes: true,
      skip_empty_lines: true,
      to: 1,
      info: true,
      max_record_size: LONGEST_LINE_BYTES,
    }),
  );
  input.once('error', (error) => parser.destroy(error));
  try {
    for await (const read of parser) {
      const { record, info } = headerRecord.parse(read);
      return { names: record, skippedLines: info.empty_lines, endBytes: info.bytes };
    }
    return { names: [], skippedLines: 0, endBytes: 0 };
  } catch (error) {
    throw unreadable(
      name,
      'its header cannot be read as CSV',
      'Check "sep" and "quote" of the table.',
      error,
    );
  } finally {
    input.destroy();
  }
}

function checkHeader(file: string, names: readonly string[], separator: string): void {
  if (names.length === 0) {
    throw unreadable(
      file,
      'it is empty, without even a header',
      'The table keeps its last state; run again when the file is whole.',
    );
  }
  const other = OTHER_SEPARATORS.find(
    (candidate) => candidate !== separator && names[0]?.includes(candidate),
  );
  if (names.length === 1 && other !== undefined) {
    const found = other === '\t' ? 'a tab' : `"${other}"`;
    throw unreadable(
      file,
      `its header is a single column, ${JSON.stringify(names[0])}, that holds ${found}`,
      `Set "sep" of the table to ${found}.`,
    );
  }
  checkColumnNames(file, names);
}

/** DuckDB takes the first line break, in a name too, for the end of every line, and else finds no rows. */
async function checkLineBreaks(
  file: string,
  names: readonly string[],
  path: string,
  endBytes: number,
): Promise<void> {
  const breaks = new Set(names.flatMap((name) => name.match(/\r\n|\r|\n/g) ?? []));
  if (breaks.size === 0) return;
  const handle = await open(path);
  let end: string;
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, endBytes - 2);
    end = buffer
      .toString('latin1')
      .replace(/^[^\r]\n$/, '\n')
      .replace(/^.\r$/s, '\r');
  } finally {
    await handle.close();
  }
  if (breaks.size === 1 && breaks.has(end)) return;
  const broken = names.findIndex((name) => /[\r\n]/.test(name));
  throw unreadable(
    file,
    `the name of the column ${broken + 1}, ${JSON.stringify(names[broken])}, holds another line break than the lines end with`,
    'Write the header without line breaks, or with those that end its lines.',
  );
}

function readCsv(path: string, names: readonly string[], options: CsvOptions, skippedLines: number): string {
  const columns = names.map((column) => `${quoteText(column)}: 'VARCHAR'`).join(', ');
  return `read_csv(${quotePath(path)}, auto_detect = false, header = false, skip = ${skippedLines + 1}, columns = {${columns}},
    delim = ${quoteText(options.separator)}, quote = ${quoteText(options.quote)}, escape = ${quoteText(options.quote)},
    nullstr = '', allow_quoted_nulls = false, strict_mode = true, null_padding = false, ignore_errors = false,
    hive_partitioning = false, max_line_size = ${LONGEST_LINE_BYTES}, buffer_size = ${2 * LONGEST_LINE_BYTES})`;
}

/** In a file of one column a blank line looks like a null; it is a blank line. */
function blankLines(names: readonly string[]): string {
  const [only, ...others] = names;
  return only === undefined || others.length > 0 ? '' : ` WHERE ${quoteName(only)} IS NOT NULL`;
}

function rawColumn(name: string, decimal: CsvOptions['decimal']): RawColumn {
  const text = quoteName(name);
  // With a decimal comma a point is no part of a number: it becomes a character that none has.
  const scalar = decimal === '.' ? text : `translate(${text}, '.,', '!.')`;
  return { name, text, scalar, hashed: text };
}

function explainCsvError(file: string, error: Error, columns: number): Error {
  const line = /CSV Error on Line: (\d+)/.exec(error.message)?.[1];
  const where = line === undefined ? '' : `line ${line}: `;
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(error.message);
  if (fields !== null) {
    const found = Number(fields[2]);
    return unreadable(
      file,
      `${where}${found} field${found === 1 ? '' : 's'} where the header has ${columns}`,
      found < columns
        ? 'The file may be cut off, or a quoted text may hold a line break: fetch it again, or check "sep" and "quote".'
        : 'A text with the separator in it must be quoted: check the file, "sep" and "quote".',
      error,
    );
  }
  if (/unterminated quote/i.test(error.message)) {
    return unreadable(
      file,
      `${where}a quote is opened and not closed`,
      'The file may be cut off: fetch it again, or check "quote".',
      error,
    );
  }
  if (/invalid unicode|not utf-8/i.test(error.message)) {
    return unreadable(
      file,
      `${where}the text is not UTF-8`,
      'Set "encoding" of the table, for example "windows-1252" or "latin-1".',
      error,
    );
  }
  if (/maximum line size|full read on this file/i.test(error.message)) {
    return unreadable(
      file,
      `${where}longer than ${LONGEST_LINE_BYTES / 1024 / 1024} MB`,
      'A quote may be opened and not closed: check the file and "quote".',
      error,
    );
  }
  if (/state machine reached an invalid state/i.test(error.message)) {
    return unreadable(
      file,
      'its line ends are mixed, or a line break stands outside quotes',
      'Write the file with one kind of line end.',
      error,
    );
  }
  return error;
}

function unreadable(file: string, what: string, hint: string, cause?: unknown): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', `${file}: ${what}.`, { hint, cause });
}
