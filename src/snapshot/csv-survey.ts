import { type CsvDialect, fieldBytes, isSeparator, visitFields } from './csv-fields.ts';
import { fieldFault, type LineFault, NOT_UTF8, OPEN_QUOTE, TOO_LONG, wrongWidth } from './csv-error.ts';
import {
  type CsvRecord,
  isLong,
  LONGEST_RECORD_BYTES,
  type RecordVisitor,
  visitRecords,
} from './csv-records.ts';

/** Where the records of a file are. */
export interface CsvPlace {
  readonly path: string;
  readonly dialect: CsvDialect;
  /** Lines at the beginning that are no records. */
  readonly skip: number;
  readonly comment: number | undefined;
}

/** How a file begins. */
export interface CsvStart {
  /** The fields of its first record; none where there is no record. */
  readonly first: readonly string[];
  readonly firstLine: number;
  /** Whether the first record goes over several lines. */
  readonly isBroken: boolean;
  /** The first record as it stands in the file. */
  readonly text: string;
  readonly isOnly: boolean;
  /** How many fields the second record has, and whether the last one is empty. */
  readonly second: { readonly fields: number; readonly endsEmpty: boolean } | undefined;
}

/** What two records take as a rule. */
const START_BYTES = 64 * 1024;

export type Fault = LineFault & { readonly line: number };

/**
 * Reads the first two records; what is wrong with the first one is its fault, and where that may go on it is not there yet.
 */
export async function readStart(
  { path, dialect, ...place }: CsvPlace,
  mayGoOn: boolean,
): Promise<CsvStart | Fault | 'waits'> {
  let start: CsvStart | Fault | 'waits' = {
    first: [],
    firstLine: 1,
    isBroken: false,
    text: '',
    isOnly: true,
    second: undefined,
  };
  let isFirst = true;
  const visit: RecordVisitor = (record) => {
    if (isFirst) {
      isFirst = false;
      start = mayGoOn && mayBeHalf(record) ? 'waits' : startOf(record, dialect);
      return start === 'waits' || 'what' in start ? 'stop' : 'next';
    }
    const fields = visitFields(record.bytes, record.start, record.end, dialect);
    const second = typeof fields === 'number' ? { fields, endsEmpty: endsEmpty(record, dialect) } : undefined;
    if (start !== 'waits' && !('what' in start)) start = { ...start, isOnly: false, second };
    return 'stop';
  };
  await visitRecords(path, { dialect, ...place }, visit, { chunkBytes: START_BYTES });
  return start;
}

/** Whether a record is the last one of a file, and has no line end outside of quotes. */
export function mayBeHalf({ start, end, lineEnd }: CsvRecord): boolean {
  return lineEnd === '' && end - start <= LONGEST_RECORD_BYTES;
}

function startOf(record: CsvRecord, dialect: CsvDialect): CsvStart | Fault {
  const { bytes, start, end, line } = record;
  if (end - start > LONGEST_RECORD_BYTES) return { ...TOO_LONG, line };
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const first: string[] = [];
  try {
    const fields = visitFields(bytes, start, end, dialect, (from, to, isQuoted) => {
      first.push(decoder.decode(fieldBytes(bytes, from, to, isQuoted, dialect)));
    });
    if (typeof fields !== 'number') return { ...fieldFault(fields), line };
  } catch {
    return { ...NOT_UTF8, line };
  }
  const text = decoder.decode(bytes.subarray(start, end));
  return { first, firstLine: line, isBroken: record.lineBreaks > 0, text, isOnly: true, second: undefined };
}

/** How wide the rows of a file are to be. */
export interface CsvWidth {
  readonly columns: number;
  /** Every row has one more separator than that, at its end. */
  readonly hasTrailing: boolean;
}

/** What a file's rows look like as a whole. */
export interface CsvSurvey {
  /** Records, the header among them. */
  readonly records: number;
  readonly hasOneLineEnd: boolean;
  readonly hasLong: boolean;
  /** The first thing that is wrong and that nobody else would notice. */
  readonly fault: Fault | undefined;
}

/**
 * Looks at every record, for what DuckDB passes over without a word: rows with more fields than there are columns whose
 * additional ones are empty, a last row that is longer than it reads; and it tells how many rows there are.
 */
export async function surveyRows(
  { path, dialect, ...place }: CsvPlace,
  { columns, hasTrailing }: CsvWidth,
  headerRecords: number,
): Promise<CsvSurvey> {
  let records = 0;
  let hasLong = false;
  let fault: Fault | undefined;
  const lineEnds = await visitRecords(path, { dialect, ...place }, (record) => {
    const { line } = record;
    records += 1;
    hasLong ||= isLong(record.end - record.start);
    if (record.end - record.start > LONGEST_RECORD_BYTES) fault = { ...TOO_LONG, line };
    else if (record.isOpen) fault = { ...OPEN_QUOTE, line };
    else if (records > headerRecords && (hasTrailing || endsEmpty(record, dialect))) {
      const fields = visitFields(record.bytes, record.start, record.end, dialect);
      if (typeof fields !== 'number') fault = { ...fieldFault(fields), line };
      else if (fields !== columns + Number(hasTrailing))
        fault = {
          ...wrongWidth(fields, columns + Number(hasTrailing), hasTrailing ? 'the first row' : undefined),
          line,
        };
      else if (hasTrailing && !endsEmpty(record, dialect)) fault = { ...wrongWidth(fields, columns), line };
    }
    return fault === undefined ? 'next' : 'stop';
  });
  return { records, hasOneLineEnd: lineEnds.size < 2, hasLong, fault };
}

/** The line of the first record whose field at `index` is this text, but for blanks around it. */
export async function findLine(
  { path, dialect, ...place }: CsvPlace,
  index: number,
  text: string,
): Promise<number | undefined> {
  let found: number | undefined;
  await visitRecords(path, { dialect, ...place }, ({ bytes, start, end, line }) => {
    let at = 0;
    visitFields(bytes, start, end, dialect, (from, to, isQuoted) => {
      if (at === index && isText(fieldBytes(bytes, from, to, isQuoted, dialect), text)) found = line;
      at += 1;
    });
    return found === undefined ? 'next' : 'stop';
  });
  return found;
}

function isText(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && Buffer.from(bytes).toString().trim() === text.trim();
}

export function endsEmpty({ bytes, start, end }: CsvRecord, { separator }: CsvDialect): boolean {
  const at = end - separator.length;
  return at >= start && isSeparator(bytes, at, separator);
}
