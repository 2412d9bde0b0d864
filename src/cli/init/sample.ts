import { parse } from 'csv-parse/sync';
import * as z from 'zod';
import { generatedName } from '../../snapshot/column-names.ts';

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
}

/** What stands around a file's rows, as the configuration writes it. */
export interface CsvShape {
  readonly skip?: number;
  readonly comment?: string;
  readonly footer?: number;
  readonly header?: false;
  readonly columns?: readonly string[];
}

const SEPARATORS = [',', ';', '\t', '|', ' '] as const;
const SAMPLE_ROWS = 5000;
/** Lines before a header, and after the last row, at most. */
const MOST_AROUND = 20;

/** What a CSV text's beginning looks like: the separator that cuts most rows into as many fields as the header. */
export function sampleCsv(whole: string, isWhole: boolean): CsvSample | undefined {
  // A first line for Excel, which a run passes over.
  const [line, own] = /^\uFEFF?"?sep=(.)"?(?:\r\n|\r|\n)/i.exec(whole) ?? [];
  const text = whole.slice(line?.length ?? 0);
  const comment = /^\uFEFF?\s*#/.test(text) ? '#' : undefined;
  const separators = own === undefined ? SEPARATORS : [own];
  const candidates = separators.flatMap((separator) => {
    const found = parseRecords(text, separator, comment);
    const records = isWhole ? found : found.slice(0, -1);
    const width = usualWidth(records);
    const rowNames = hasRowNames(records, width);
    if (separator === ' ' && !rowNames) return [];
    const before = rowNames ? 0 : titleLines(records, width);
    const footer = isWhole ? lastLines(records.slice(before + 1), width, /[\r\n]$/.test(text)) : 0;
    const [header, ...rows] = records.slice(before, records.length - footer).map(({ record }) => record);
    if (header === undefined) return [];
    const columns = rowNames ? ['', ...header] : header;
    const even = rows.filter((row) => row.length === columns.length).length;
    const headerLines = records[before]?.lines ?? 1;
    const skip = rowNames ? headerLines : before === 0 ? 0 : headerLines - 1;
    const score = columns.length < 2 ? 0 : (even + 1) / (rows.length + 1);
    return [{ separator, columns, rows, skip, footer, rowNames, score }];
  });
  const [best] = candidates.toSorted(
    (a, b) => b.score - a.score || a.skip - b.skip || b.columns.length - a.columns.length,
  );
  if (best === undefined) return undefined;
  const { separator, rows, skip, footer, rowNames } = best;
  const isRow = !rowNames && looksLikeRow(best.columns, rows);
  const columns = best.columns.map((name, index) =>
    isRow || name.trim() === '' ? generatedName(index) : name,
  );
  return {
    separator,
    columns,
    rows: isRow ? [best.columns, ...rows] : rows,
    shape: {
      ...(skip === 0 ? {} : { skip: line === undefined ? skip : skip + 1 }),
      ...(comment === undefined ? {} : { comment }),
      ...(footer === 0 ? {} : { footer }),
      ...(isRow || rowNames ? { header: false } : {}),
      ...(rowNames ? { columns } : {}),
    },
  };
}

interface ReadRecord {
  readonly record: readonly string[];
  /** The line that it ends in. */
  readonly lines: number;
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
  return width > 1 && first > 0 && records.slice(0, first).every(isTitle) ? first : 0;
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
  const isYear = (field: string): boolean => /^(?:19|20)\d\d$/.test(field);
  const typed = first.flatMap((field, index) => {
    const values = rows.map((row) => row[index] ?? '').filter((value) => value !== '');
    return values.length > 0 && values.every(isValue) ? [field] : [];
  });
  return typed.length > 0 && typed.every((field) => isValue(field)) && !typed.every(isYear);
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

const parsedRecords = z.array(
  z
    .object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) })
    .transform(({ record, info }): ReadRecord => ({ record, lines: info.lines })),
);

function parseRecords(text: string, delimiter: string, comment: string | undefined): readonly ReadRecord[] {
  const records: unknown = parse(text, {
    delimiter,
    bom: true,
    to: SAMPLE_ROWS,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    ...(comment === undefined ? {} : { comment, comment_no_infix: true }),
  });
  return parsedRecords.parse(records);
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, bigintAsText);
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
