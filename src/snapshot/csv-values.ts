import type { CsvOptions } from '../config/config.ts';
import { dateFormatKind, dateFormatPattern, dateFormatsOf } from '../config/date-format.ts';
import { type ColumnType, sameName } from '../core/schema.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import type { ColumnReader, RawColumn } from './raw-table.ts';

/** What `trim` takes away: blanks, tabs and line ends, no-break spaces too. */
const BLANKS = ' \t\r\n\v\f\u00A0';

/** SQL: a field as text, by what the options say of blanks and nulls. */
export function csvText(name: string, { trim, nulls }: CsvOptions): string {
  const field = quoteName(name);
  const text = trim
    ? `CASE WHEN ${field} = '' THEN '' ELSE nullif(trim(${field}, ${quoteText(BLANKS)}), '') END`
    : field;
  if (nulls.length === 0) return text;
  return `CASE WHEN ${text} IN (${nulls.map(quoteText).join(', ')}) THEN NULL ELSE ${text} END`;
}

/** A column of such texts. */
export function csvColumn(name: string, options: CsvOptions): RawColumn {
  const text = quoteName(name);
  const reads = {
    ...booleanReader(text, options),
    ...dateReaders(text, dateFormatsOf(options.dateFormats, name)),
  };
  // Digits are no number in a column that is said to have dates.
  const isOfDates = options.dateFormats.some(({ column }) => column !== undefined && sameName(column, name));
  const scalar = isOfDates ? `('date ' || ${text})` : numberText(text, options);
  const column = { name, text, scalar, hashed: text };
  return Object.keys(reads).length === 0 ? column : { ...column, reads };
}

/** Tells apart files whose equal texts have different meanings. */
export function csvMeaning({ decimal, thousands, nulls, trim, dateFormats, booleans }: CsvOptions): string {
  const others = { thousands, nulls, trim, dateFormats, booleans };
  const isPlain =
    thousands === '' && nulls.length === 0 && !trim && dateFormats.length === 0 && booleans === undefined;
  return `csv${decimal}${isPlain ? '' : JSON.stringify(others)}`;
}

/** The characters that a mark between thousands stands for: no-break spaces are blanks, and `’` is an apostrophe. */
export function thousandsMarks(written: string): string {
  return ALIKE[written] ?? written;
}

const ALIKE: Readonly<Record<string, string>> = { ' ': ' \u00A0\u202F', "'": "'\u2019" };

/** SQL: a number as the engine writes it; what the options say is no part of a number becomes what is none anywhere. */
function numberText(text: string, { decimal, thousands }: CsvOptions): string {
  const fraction = decimal === '.' ? String.raw`\.` : ',';
  const marks = thousandsMarks(thousands);
  const grouped = quoteText(`-?[1-9][0-9]{0,2}(?:[${marks}][0-9]{3})+(?:${fraction}[0-9]+)?`);
  const whole =
    thousands === ''
      ? text
      : `CASE WHEN regexp_full_match(${text}, ${grouped}) THEN translate(${text}, ${quoteText(marks)}, '') ELSE ${text} END`;
  return decimal === '.' ? whole : `translate(${whole}, '.,', '!.')`;
}

type Readers = Partial<Record<ColumnType, ColumnReader>>;

function booleanReader(text: string, { booleans }: CsvOptions): Readers {
  if (booleans === undefined) return {};
  const isOneOf = (spellings: readonly string[]): string =>
    `lower(${text}) IN (${spellings.map((spelling) => quoteText(spelling.toLowerCase())).join(', ')})`;
  const isTrue = isOneOf(booleans.true);
  return { boolean: { holds: `(${isTrue} OR ${isOneOf(booleans.false)})`, value: isTrue } };
}

function dateReaders(text: string, dateFormats: readonly string[]): Readers {
  const readers: Readers = {};
  for (const type of ['date', 'timestamp', 'timestamptz'] as const) {
    const formats = dateFormats.filter((format) => {
      const kind = dateFormatKind(format);
      return kind === type || (kind === 'date' && type === 'timestamp');
    });
    if (formats.length === 0) continue;
    const parsed = formats.map(
      (format) =>
        `CASE WHEN regexp_full_match(${text}, ${quoteText(dateFormatPattern(format))}) THEN try_strptime(${text}, ${quoteText(format)}) END`,
    );
    const value = `CAST(coalesce(${parsed.join(', ')}) AS ${type.toUpperCase()})`;
    readers[type] = { holds: `(${value} IS NOT NULL)`, value };
  }
  return readers;
}
