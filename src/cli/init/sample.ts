import { isDeepStrictEqual } from 'node:util';
import { sameName } from '../../core/schema.ts';
import { generatedName } from '../../snapshot/column-names.ts';
import { CR, type CsvDialect, dialectOf, fieldBytes, LF, visitFields } from '../../snapshot/csv-fields.ts';
import { visitRecordsIn } from '../../snapshot/csv-records.ts';
import { NO_VALUES } from './no-values.ts';

/** The first rows of a table, as text; a missing value is the empty text. */
export interface Sample {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The columns that the file itself says are its key. */
  readonly declaredKey?: readonly string[];
}

export interface CsvSample extends Sample {
  readonly separator: string;
  readonly shape: CsvShape;
  /** The columns that have an empty text in quotes, which is a value. */
  readonly emptyTexts: readonly string[];
  /** The first line that cannot be taken apart so. */
  readonly unread?: number;
}

/** What stands around a file's rows, as the configuration writes it. */
export interface CsvShape {
  readonly skip?: number;
  readonly comment?: string;
  readonly footer?: number;
  readonly header?: false;
  readonly columns?: readonly string[];
  readonly quote?: string;
  readonly escape?: string;
}

const SEPARATORS = [',', ';', '\t', '|', ' '] as const;
/** What separates where nothing usual does. */
const RARE_SEPARATORS = ['||', '§', '¦', '^', '~', '\u0001', '\u001F'] as const;
const SAMPLE_ROWS = 5000;
/** Lines before a header, and after the last row, at most. */
const MOST_AROUND = 20;
/** A quoted text that goes on behind the end of a sample; a longer one is rather a quote that stands alone. */
const LONGEST_HALF = 64 * 1024;

/** What a CSV text's beginning looks like: the separator that cuts most rows into as many fields as the header. */
export function sampleCsv(whole: string, isWhole: boolean): CsvSample | undefined {
  // A first line for Excel, which a run passes over.
  const [line, own] = /^\uFEFF?"?sep=(.)"?(?:\r\n|\r|\n)/i.exec(whole) ?? [];
  const text = whole.slice(line?.length ?? 0).replace(/^\uFEFF/, '');
  const read = (separators: readonly string[], marks: Marks): Candidate | undefined =>
    bestOf(separators.flatMap((separator) => candidateOf(text, isWhole, separator, marks) ?? []));
  const readBy = (marks: Marks): Candidate | undefined => {
    if (own !== undefined) return read([own], marks);
    const usual = read(SEPARATORS, marks);
    const doubled = usual?.separator === '|' ? read(['||'], marks) : undefined;
    if (isDoubled(usual, doubled)) return doubled;
    const rare = isEven(usual) ? undefined : read(RARE_SEPARATORS, marks);
    return isEven(rare) ? rare : usual;
  };
  const usual = readBy(USUAL_MARKS);
  const best = otherMarks(text, usual)
    .map(readBy)
    .reduce((found, other) => (isClearer(other, found) ? other : found), usual);
  if (best === undefined) return undefined;
  const { separator, marks, comment, rows, skip, footer, rowNames } = best;
  const isRow = !rowNames && looksLikeRow(best.columns, rows);
  const written = best.columns.map((name, index) =>
    isRow || name.trim() === '' ? generatedName(index) : name,
  );
  const columns = rowNames ? written : apart(written);
  return {
    separator,
    columns,
    rows: isRow ? [best.columns, ...rows] : rows,
    emptyTexts: columns.filter((_, index) => best.emptyTexts.has(index)),
    ...(best.unread === undefined ? {} : { unread: best.unread + (line === undefined ? 0 : 1) }),
    shape: {
      ...(marks.quote === USUAL_MARKS.quote ? {} : { quote: marks.quote }),
      ...(marks.escape === USUAL_MARKS.escape ? {} : { escape: marks.escape }),
      ...(skip === 0 ? {} : { skip: line === undefined ? skip : skip + 1 }),
      ...(comment === undefined ? {} : { comment }),
      ...(footer === 0 ? {} : { footer }),
      ...(isRow || rowNames ? { header: false } : {}),
      ...(rowNames || !isDeepStrictEqual(columns, written) ? { columns } : {}),
    },
  };
}

interface Marks {
  readonly quote: string;
  readonly escape: string;
}

const USUAL_MARKS: Marks = { quote: '"', escape: '' };

/** A text as one separator and these marks cut it. */
interface Candidate {
  readonly separator: string;
  readonly marks: Marks;
  readonly comment: string | undefined;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly skip: number;
  readonly footer: number;
  readonly rowNames: boolean;
  readonly score: number;
  readonly emptyTexts: ReadonlySet<number>;
  readonly unread: number | undefined;
  /** How many records cannot be taken apart. */
  readonly faults: number;
  /** Whether all values of some column are quoted, where they are any. */
  readonly isQuoted: boolean;
}

function candidateOf(text: string, isWhole: boolean, separator: string, marks: Marks): Candidate | undefined {
  const dialect = dialectOf({ separator, ...marks });
  const comment = commentOf(text, isWhole, dialect);
  const found = readRecords(text, isWhole, dialect, comment);
  const records = isWhole ? found : found.slice(0, -1);
  const width = usualWidth(records);
  const rowNames = hasRowNames(records, width);
  if (separator === ' ' && !rowNames) return undefined;
  const before = rowNames ? 0 : titleLines(records, width);
  const footer = isWhole ? lastLines(records.slice(before + 1), width, /[\r\n]$/.test(text)) : 0;
  const within = records.slice(before, records.length - footer);
  const [header, ...rows] = within.map(({ record }) => record);
  if (header === undefined) return undefined;
  const columns = rowNames ? ['', ...header] : header;
  const even = rows.filter((row) => row.length === columns.length).length;
  const headerLines = records[before]?.lines ?? 1;
  const faults = within.filter(({ isBroken }) => isBroken);
  const quoted = within.slice(1);
  return {
    separator,
    marks,
    comment,
    columns,
    rows,
    skip: rowNames ? headerLines : before === 0 ? 0 : headerLines - (records[before]?.lineBreaks ?? 0) - 1,
    footer,
    rowNames,
    score: columns.length < 2 ? 0 : (even + 1) / (rows.length + 1),
    emptyTexts: new Set(
      quoted.flatMap(({ record, quotes }) => [...quotes].filter((at) => record[at] === '')),
    ),
    unread: faults[0]?.lines ?? unevenLine(within, columns.length),
    faults: faults.length,
    isQuoted: columns.some(
      (_, at) =>
        quoted.some(({ quotes }) => quotes.has(at)) &&
        quoted.every(({ record, quotes }) => record[at] === '' || quotes.has(at)),
    ),
  };
}

/** The line of the first row that is not as wide as the header, but for a separator at the end of each. */
function unevenLine([, ...rows]: readonly ReadRecord[], width: number): number | undefined {
  const hasTrailing = rows.every(({ record }) => record.length === width + 1 && record.at(-1) === '');
  const uneven = hasTrailing ? undefined : rows.find(({ record }) => record.length !== width);
  return uneven === undefined ? undefined : uneven.lines - uneven.lineBreaks;
}

function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  const [best] = candidates.toSorted(
    (a, b) => b.score - a.score || a.skip - b.skip || b.columns.length - a.columns.length,
  );
  return best;
}

function isEven(candidate: Candidate | undefined): boolean {
  return candidate?.score === 1;
}

/** Whether a separator of one character stands twice wherever it does: every second column is none. */
function isDoubled(single: Candidate | undefined, doubled: Candidate | undefined): boolean {
  return (
    isEven(single) && isEven(doubled) && single?.columns.length === 2 * (doubled?.columns.length ?? 0) - 1
  );
}

/** The marks that a text may have instead of the usual ones. */
function otherMarks(text: string, usual: Candidate | undefined): Marks[] {
  const isBroken = usual !== undefined && (usual.faults > 0 || !isEven(usual));
  return [
    ...(isBroken && text.includes(String.raw`\"`) ? [{ quote: '"', escape: '\\' }] : []),
    ...(text.includes("'") ? [{ quote: "'", escape: '' }] : []),
    ...(text.includes(String.raw`\'`) ? [{ quote: "'", escape: '\\' }] : []),
  ];
}

/** Whether other marks say what the ones before leave unclear. */
function isClearer(other: Candidate | undefined, before: Candidate | undefined): boolean {
  if (other === undefined || before === undefined || other.faults > 0 || other.score < before.score)
    return false;
  const isOfQuotes = other.isQuoted && !before.isQuoted;
  return other.marks.quote === before.marks.quote
    ? before.faults > 0 || other.score > before.score
    : isOfQuotes;
}

/**
 * What lines begin with that are no rows. A header that begins so is one where it is as wide as the rows, and no other line
 * does; behind it such lines are no rows where none of them is as wide.
 */
function commentOf(text: string, isWhole: boolean, dialect: CsvDialect): string | undefined {
  if (!/^\s*#/m.test(text)) return undefined;
  const [header, ...rows] = readRecords(text, isWhole, dialect, undefined);
  const marked = rows.filter(({ record, quotes }) => record[0]?.startsWith('#') === true && !quotes.has(0));
  const width = usualWidth(rows.filter((row) => !marked.includes(row)));
  if (/^\s*#/.test(text))
    return width > 1 && header?.record.length === width && marked.length === 0 ? undefined : '#';
  const areNarrow = marked.every(({ record }) => record.length !== width);
  return width > 1 && marked.length > 0 && areNarrow ? '#' : undefined;
}

/** Names of which each is another than those before it, in letters of either case. */
function apart(names: readonly string[]): string[] {
  const own: string[] = [];
  for (const name of names) {
    let unlike = name;
    for (let count = 2; own.some((other) => sameName(other, unlike)); count += 1) unlike = `${name}_${count}`;
    own.push(unlike);
  }
  return own;
}

interface ReadRecord {
  readonly record: readonly string[];
  /** The line that it ends in. */
  readonly lines: number;
  readonly lineBreaks: number;
  /** Which of its fields are quoted. */
  readonly quotes: ReadonlySet<number>;
  readonly isBroken: boolean;
}

/** How many fields most records have. */
function usualWidth(records: readonly ReadRecord[]): number {
  const counts = new Map<number, number>();
  for (const { record } of records) counts.set(record.length, (counts.get(record.length) ?? 0) + 1);
  const [usual] = [...counts].toSorted(([a, left], [b, right]) => right - left || b - a);
  return usual?.[0] ?? 0;
}

/** A header that has a field less than the rows: R has no name for the names of rows. */
function hasRowNames([header, ...rows]: readonly ReadRecord[], width: number): boolean {
  const names = header?.record ?? [];
  return (
    width > 2 &&
    names.length === width - 1 &&
    rows.every(({ record }) => record.length === width) &&
    rows.some(({ record }) => record.at(-1) !== '') &&
    names.every((name) => name.trim() !== '' && !isValue(name))
  );
}

/** Records before the header, where they say little: a title, a date, often padded to the width of the rows. */
function titleLines(records: readonly ReadRecord[], width: number): number {
  const isTitle = ({ record }: ReadRecord): boolean =>
    record.length === width
      ? filled(record) <= width / 3 && record.slice(filled(record)).every((field) => field.trim() === '')
      : filled(record) <= Math.max(1, width / 3);
  const first = records
    .slice(0, MOST_AROUND + 1)
    .findIndex((each) => each.record.length === width && !isTitle(each));
  if (width > 1 && first > 0 && records.slice(0, first).every(isTitle)) return first;
  const header = headerBelow(records.map(({ record }) => record));
  const isNoHeader = (names: readonly string[]): boolean =>
    names.some(isValue) || names.some((name) => name.trim() === '') || new Set(names).size < names.length;
  return records.slice(0, header).every(({ record }) => isNoHeader(record)) ? header : 0;
}

/** The record below the first that has words where all below it have numbers or dates, as a header has below a title; 0 for none. */
export function headerBelow(records: readonly (readonly string[])[]): number {
  const isHeader = (names: readonly string[], rows: readonly (readonly string[])[]): boolean => {
    const typed = names.filter((_, index) => {
      const values = rows.map((row) => row[index] ?? '').filter((value) => value !== '');
      return values.length > 1 && values.every(isValue);
    });
    return (
      typed.length > 0 &&
      typed.every((name) => /^\p{L}[\p{L}\d_ ]+$/u.test(name) && !NO_VALUES.has(name)) &&
      names.every((name) => name.trim() !== '')
    );
  };
  const [first = []] = records;
  const below = records
    .slice(1, MOST_AROUND + 1)
    .findIndex((names, index) => names.length === first.length && isHeader(names, records.slice(index + 2)));
  return below + 1;
}

/** Records after the rows: a sum, a source, a remark of a field alone, a rule. What may be a row that is cut off is none. */
function lastLines(rows: readonly ReadRecord[], width: number, isEnded: boolean): number {
  const isAfter = ({ record: [first = '', ...others] }: ReadRecord, index: number): boolean => {
    if (filled(others) >= width - 1) return false;
    if (SUMS_UP.test(first)) return true;
    if (others.length + 1 === width || filled(others) > 0) return false;
    const mayBeCut = !isEnded && index === rows.length - 1;
    const isRemark = !mayBeCut && /\p{L}/u.test(first) && /\S\s+\S/.test(first);
    return isRemark || /^[^\p{L}\d]+$/u.test(first);
  };
  const last = rows.findLastIndex((row, index) => !isAfter(row, index));
  const after = rows.length - 1 - last;
  return width > 1 && last >= 0 && after <= MOST_AROUND ? after : 0;
}

/** What the first field of such a line says, in English and Portuguese. */
const SUMS_UP = /^(?:(?:sub)?total|totais|soma|sum|fonte|source|nota|notes?|obs)\b/i;

function filled(record: readonly string[]): number {
  return record.filter((field) => field.trim() !== '').length;
}

/** A first record that has values where the others have values of a kind, and no name for any such column. */
function looksLikeRow(first: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const typed = first.flatMap((field, index) => {
    const values = rows.map((row) => row[index] ?? '').filter((value) => value !== '');
    // A row may lack a value; a header that has no name for its first column is one of row names.
    const isNamed = field !== '' || index === 0;
    return isNamed && values.length > 0 && values.every(isValue) ? [field] : [];
  });
  return typed.length > 0 && typed.every((field) => isValue(field)) && !typed.every(isYear);
}

/** A year is as likely a name. */
export function isYear(field: string): boolean {
  return /^(?:19|20)\d\d$/.test(field);
}

/** A number or a date. */
export function isValue(field: string): boolean {
  return /^-?\d[\d.,]*$/.test(field) || /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T][\d:.]+)?$/.test(field);
}

/** Rows that come as objects, in the order of their keys. */
export function sampleObjects(objects: readonly object[]): Sample {
  const columns = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const rows = objects.map((object) => {
    const values = new Map<string, unknown>(Object.entries(object));
    return columns.map((column) => asText(values.get(column)));
  });
  return { columns, rows };
}

/** The records of a text as a run reads them; one that it refuses is cut at each separator. */
function readRecords(
  text: string,
  isWhole: boolean,
  dialect: CsvDialect,
  comment: string | undefined,
): readonly ReadRecord[] {
  const records: ReadRecord[] = [];
  const unquoted = { ...dialect, quote: undefined };
  visitRecordsIn(Buffer.from(text), { dialect, comment: comment?.charCodeAt(0) }, (each) => {
    const { bytes, start, end, lineBreaks } = each;
    const cut = (
      by: CsvDialect,
      to: number,
    ): { record: string[]; quotes: Set<number>; isBroken: boolean } => {
      const record: string[] = [];
      const quotes = new Set<number>();
      const fields = visitFields(bytes, start, to, by, (from, until, isQuoted) => {
        if (isQuoted) quotes.add(record.length);
        record.push(Buffer.from(fieldBytes(bytes, from, until, isQuoted, by)).toString());
      });
      return { record, quotes, isBroken: typeof fields !== 'number' };
    };
    const own = cut(dialect, end);
    const isHalf = each.isOpen && !isWhole && end - start < LONGEST_HALF;
    if (own.isBroken && lineBreaks > 0 && !isHalf) {
      const firstEnd = start + bytes.subarray(start, end).findIndex((byte) => byte === LF || byte === CR);
      records.push({ ...cut(unquoted, firstEnd), isBroken: true, lines: each.line, lineBreaks: 0 });
      return 'line';
    }
    const found = own.isBroken ? { ...cut(unquoted, end), isBroken: true } : own;
    records.push({ ...found, lines: each.line + lineBreaks, lineBreaks });
    return records.length >= SAMPLE_ROWS ? 'stop' : 'next';
  });
  return records;
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, bigintAsText);
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
