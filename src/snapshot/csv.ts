import { join } from 'node:path';
import type { CsvOptions } from '../config/config.ts';
import { IgarapeError, systemErrorCode } from '../core/errors.ts';
import { quoteName, quotePaths, quoteText } from '../engine/quote.ts';
import { checkColumnNames, generatedName } from './column-names.ts';
import { countRecords } from './csv-count.ts';
import { type CsvCopy, copyQuote, copyRows } from './csv-copy.ts';
import { explainCsvError, unreadableLine, wrongWidth } from './csv-error.ts';
import { EmptyFile, noLineEnd, unreadable } from './unreadable.ts';
import { dialectOf } from './csv-fields.ts';
import { endsWithLine, LONGEST_RECORD_BYTES, USUAL_RECORD_BYTES } from './csv-records.ts';
import {
  type CsvPlace,
  type CsvStart,
  type CsvWidth,
  type Fault,
  findLine,
  readStart,
  surveyRows,
} from './csv-survey.ts';
import { csvColumn, csvMeaning, csvText } from './csv-values.ts';
import type { TableFile } from './open-table.ts';
import type { RawTable } from './raw-table.ts';

const OTHER_SEPARATORS = [';', ',', '\t', '|'];

/**
 * A UTF-8 CSV file as a relation of text: an empty field is null, a quoted empty one is an empty text. Header and rows
 * are read by the same rules. DuckDB reads the file itself where it has no more than a header and rows that end alike,
 * else a copy below `workDir` that is so.
 *
 * @throws EmptyFile
 * @throws IgarapeError TABLE_UNREADABLE no header, a repeated column, another separator, a line that is no row.
 */
export async function openCsv(
  { path, name, ...file }: TableFile,
  options: CsvOptions,
  workDir: string,
  signal: AbortSignal,
): Promise<RawTable> {
  const isEnded = await endsWithLine(path);
  const mayGoOn = file.mayGoOn === true && options.footer === 0;
  const { place, start } = await findStart(path, name, options, mayGoOn);
  const waits = mayGoOn && !isEnded;
  if (waits && start.isOnly) throw noLineEnd(name);
  const names = namesOf(name, start, options);
  checkColumnNames(name, names);
  const width = widthOf(names.length, start, options);
  const headerRecords = options.header ? 1 : 0;
  const survey = waits ? undefined : await surveyOf(place, width, headerRecords, start, options);
  const fault = survey !== undefined && 'what' in survey ? survey : undefined;
  // What is wrong with the last record of a file that may go on may be that it is half of one.
  if (fault !== undefined && !mayGoOn) throw unreadableLine(name, fault.line, fault);
  const readable: Readable =
    survey === undefined || 'what' in survey
      ? await copyOf({ place, width, headerRecords, name, options, mayGoOn, workDir, signal })
      : survey;
  const texts = names.map((column) => `${csvText(column, options)} AS ${quoteName(column)}`);
  const relationOf = (paths: readonly string[]): string =>
    `(SELECT ${texts.join(', ')} FROM ${readCsv(paths, readable, names, options)}${blankLines(names)})`;
  return {
    name,
    columns: names.map((column) => csvColumn(column, options)),
    relation: relationOf([readable.path]),
    scan: { path: readable.path, relationOf },
    rows: readable.rows,
    unended: isEnded ? [] : [name],
    waiting: waits || readable.isWaiting === true ? [name] : [],
    dialect: csvMeaning(options),
    locate: async (column, text) => {
      const line = await findLine(place, names.indexOf(column), text);
      return line === undefined ? undefined : { name, line };
    },
    explain: (error) => explainCsvError(name, error, names.length),
    ...(readable.rejects === undefined ? {} : { rejects: readable.rejects }),
  };
}

/** What DuckDB is to read: a file of rows that all end in the same way, after so many lines. */
interface Readable {
  readonly path: string;
  readonly skip: number;
  readonly quote: string;
  readonly rows: number;
  readonly hasLong: boolean;
  readonly rejects?: RawTable['rejects'];
  readonly isWaiting?: boolean;
}

/** Where the header is, or the first row. A line such as `sep=;` before it, for Excel, is none. */
async function findStart(
  path: string,
  name: string,
  options: CsvOptions,
  mayGoOn: boolean,
): Promise<{ place: CsvPlace; start: CsvStart }> {
  const place: CsvPlace = {
    path,
    dialect: dialectOf(options),
    skip: options.skip,
    comment: options.comment === '' ? undefined : options.comment.charCodeAt(0),
  };
  const start = await readStart(place, mayGoOn);
  if (start === 'waits') throw noLineEnd(name);
  if ('what' in start) throw unreadableLine(name, start.line, start);
  const separator = /^"?sep=(.|\\t)"?$/i.exec(start.text)?.[1];
  if (separator === undefined) return { place, start };
  if (separator !== options.separator) {
    throw unreadable(
      name,
      `it says of itself that its separator is ${JSON.stringify(separator)}`,
      `Set "sep" of the table to ${JSON.stringify(separator)}.`,
    );
  }
  return findStart(path, name, { ...options, skip: start.firstLine }, mayGoOn);
}

function namesOf(file: string, start: CsvStart, options: CsvOptions): readonly string[] {
  const { first } = start;
  if (first.length === 0) {
    throw new EmptyFile(
      file,
      `it is empty, without even a ${options.header ? 'header' : 'row'}`,
      'The table keeps its last state; run again when the file is whole.',
    );
  }
  const { columns } = options;
  if (columns?.length !== 1) refuseOtherSeparator(file, start, options.separator);
  if (columns !== undefined && columns.length !== first.length) {
    const trailing = first.length === columns.length + 1 && first.at(-1) === '';
    if (!trailing)
      throw unreadableLine(
        file,
        start.firstLine,
        wrongWidth(first.length, columns.length, '"columns" of the table'),
      );
  }
  const names = columns ?? (options.header ? first : first.map(() => ''));
  return names.map((written, index) => {
    const name = options.trim ? written.trim() : written;
    return name.trim() === '' ? generatedName(index) : name;
  });
}

function refuseOtherSeparator(file: string, { first }: CsvStart, separator: string): void {
  const other = OTHER_SEPARATORS.find(
    (candidate) => candidate !== separator && first[0]?.includes(candidate),
  );
  if (first.length > 1 || other === undefined) return;
  const found = other === '\t' ? 'a tab' : `"${other}"`;
  throw unreadable(
    file,
    `its header is a single column, ${JSON.stringify(first[0])}, that holds ${found}`,
    `Set "sep" of the table to ${found}.`,
  );
}

/** As the first row is: every row may have a separator at its end, and then every row has to; of several columns. */
function widthOf(columns: number, { first, second }: CsvStart, options: CsvOptions): CsvWidth {
  const hasTrailing = options.header
    ? second !== undefined && second.endsEmpty && second.fields === columns + 1
    : first.length === columns + 1;
  return { columns, hasTrailing: hasTrailing && columns > 1 };
}

/** The file itself, where DuckDB can read it; what is wrong with it; undefined where it has to be copied. */
async function surveyOf(
  place: CsvPlace,
  width: CsvWidth,
  headerRecords: number,
  start: CsvStart,
  options: CsvOptions,
): Promise<Readable | Fault | undefined> {
  const isPlain =
    place.skip === 0 &&
    place.comment === undefined &&
    place.dialect.escape === undefined &&
    options.footer === 0 &&
    options.badLines === 'refuse' &&
    !start.isBroken;
  if (!isPlain) return undefined;
  const counted = width.hasTrailing
    ? undefined
    : await countRecords(place.path, place.dialect, width.columns);
  const { records, hasOneLineEnd, hasLong, fault } =
    counted === undefined
      ? await surveyRows(place, width, headerRecords)
      : { records: counted, hasOneLineEnd: true, hasLong: false, fault: undefined };
  if (fault !== undefined) return fault;
  if (!hasOneLineEnd) return undefined;
  return {
    path: place.path,
    skip: options.header ? start.firstLine : 0,
    quote: options.quote,
    rows: records - headerRecords,
    hasLong,
  };
}

interface CopyOf {
  readonly place: CsvPlace;
  readonly width: CsvWidth;
  readonly headerRecords: number;
  readonly name: string;
  readonly options: CsvOptions;
  readonly mayGoOn: boolean;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

async function copyOf({
  place,
  width,
  headerRecords,
  name,
  options,
  mayGoOn,
  workDir,
  signal,
}: CopyOf): Promise<Readable> {
  const to = join(workDir, 'rows.csv');
  const rejects = options.badLines === 'reject' ? join(workDir, 'rejects.csv') : undefined;
  let copy: CsvCopy | Fault;
  try {
    copy = await copyRows({
      name,
      from: place,
      width,
      headerRecords,
      footer: options.footer,
      mayGoOn,
      to,
      rejects,
      signal,
    });
  } catch (error) {
    throw diskFull(error, name);
  }
  if ('what' in copy) throw unreadableLine(name, copy.line, copy);
  const { rows, hasLong, rejected, isWaiting } = copy;
  return {
    path: to,
    skip: 1,
    quote: String.fromCharCode(copyQuote(place.dialect)),
    rows,
    hasLong,
    isWaiting,
    ...(rejects === undefined || rejected === 0
      ? {}
      : { rejects: [{ name, path: rejects, lines: rejected }] }),
  };
}

function diskFull(error: unknown, name: string): unknown {
  const code = systemErrorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new IgarapeError('DISK_FULL', `The disk became full while ${name} was rewritten`, {
    hint: 'Free some space, or point work_dir to a larger disk, and run again: nothing was lost.',
    cause: error,
  });
}

function readCsv(
  paths: readonly string[],
  { skip, quote, hasLong }: Readable,
  names: readonly string[],
  { separator }: CsvOptions,
): string {
  const most = hasLong ? LONGEST_RECORD_BYTES : USUAL_RECORD_BYTES;
  const columns = names.map((column) => `${quoteText(column)}: 'VARCHAR'`).join(', ');
  return `read_csv(${quotePaths(paths)}, auto_detect = false, header = false, skip = ${skip}, columns = {${columns}},
    delim = ${quoteText(separator)}, quote = ${quoteText(quote)}, escape = ${quoteText(quote)},
    compression = 'none', nullstr = '', allow_quoted_nulls = false, strict_mode = true, null_padding = false, ignore_errors = false,
    hive_partitioning = false, max_line_size = ${most}, buffer_size = ${2 * most})`;
}

/** In a file of one column a blank line looks like a null; it is a blank line. */
function blankLines(names: readonly string[]): string {
  const [only, ...others] = names;
  return only === undefined || others.length > 0 ? '' : ` WHERE ${quoteName(only)} IS NOT NULL`;
}
