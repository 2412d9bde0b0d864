import { thousandsMarks } from '../../snapshot/csv-values.ts';
import {
  COMMON_DATE_FORMATS,
  COMMON_DATES,
  contradictingFormats,
  fitsDateFormat,
} from '../../config/date-format.ts';
import { NO_VALUES } from './no-values.ts';

/** Options of a table that a sample of its values asks for, as the configuration writes them. */
export interface ValueOptions {
  readonly decimal?: ',';
  readonly thousands?: '.' | ',' | ' ' | "'";
  readonly date_format?: string | readonly string[] | Readonly<Record<string, string>>;
  readonly null?: readonly string[];
  readonly booleans?: { readonly true: readonly string[]; readonly false: readonly string[] };
}

export interface ValueProposal {
  readonly options: ValueOptions;
  /** What only a person can tell. */
  readonly notes: readonly string[];
}

const TRUTHS = [
  ['sim', 'não'],
  ['sim', 'nao'],
  ['s', 'n'],
  ['yes', 'no'],
  ['y', 'n'],
  ['sí', 'no'],
  ['verdadeiro', 'falso'],
  ['v', 'f'],
  ['t', 'f'],
] as const;

const ISO_DAY = /^(\d{4}-\d\d-\d\d)(?:[ T]\d\d:\d\d.*)?$/;
const OTHER_DAY = new RegExp(`^${COMMON_DATES}$`);

const NUMBER = /^-?\d+(?:[.,]\d+)?$/;

/**
 * Looks at values column by column; what several readings fit is not proposed but told.
 *
 * @param emptyTexts The columns with an empty text in quotes.
 */
export function proposeValues(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  separator: string,
  emptyTexts: readonly string[] = [],
): ValueProposal {
  const filled = columns.map((name, index) => ({
    name,
    values: rows.map((row) => (row[index] ?? '').trim()).filter((value) => value !== ''),
  }));
  const marks = numberMarks(
    filled.map(({ values }) => values.filter((value) => !NO_VALUES.has(value))),
    separator,
  );
  const dates = new Map<string, string>();
  const nulls = new Set<string>();
  const truths = new Map<string, string>();
  const unclear: { readonly name: string; readonly formats: readonly string[] }[] = [];
  let hasOtherDates = false;
  for (const { name, values } of filled) {
    const real = values.filter((value) => !NO_VALUES.has(value));
    if (real.length === 0) continue;
    const formats = COMMON_DATE_FORMATS.filter((format) =>
      real.every((value) => fitsDateFormat(value, format)),
    );
    const days = formats.filter((format) => !isBareNumber(format));
    const truth = TRUTHS.find((pair) => isTruth(real, pair));
    const isTyped =
      days.length > 0 ||
      truth !== undefined ||
      real.every((value) => NUMBER.test(value) || isGrouped(value)) ||
      real.every(isIsoDay) ||
      real.every((value) => /^(?:true|false)$/i.test(value));
    if (days.length === 1) dates.set(name, days[0] ?? '');
    else if (days.length > 1) unclear.push({ name, formats: days });
    else hasOtherDates ||= real.some(looksLikeDate) && !real.every(isIsoDay);
    if (truth !== undefined) truths.set(truth[0], truth[1]);
    if (isTyped) for (const value of values) if (NO_VALUES.has(value)) nulls.add(value);
    if (isTyped && emptyTexts.includes(name)) nulls.add('');
  }
  const formats = [...new Set(dates.values())];
  // With a format for all columns, one that has dates and other texts, or dates in two ways, would be refused.
  const isByColumn =
    contradictingFormats(formats) !== undefined ||
    hasOtherDates ||
    unclear.some((column) => !column.formats.some((each) => formats.includes(each)));
  const notes = unclear
    .filter((column) => isByColumn || !column.formats.some((each) => formats.includes(each)))
    .map(
      ({ name, formats: fitting }) =>
        `the dates of ${name} fit ${fitting.slice(0, 2).join(' and ')}: set "date_format"`,
    );
  return {
    notes,
    options: {
      ...marks,
      ...dateFormat(dates, formats, isByColumn),
      ...(nulls.size === 0 ? {} : { null: [...nulls] }),
      ...(truths.size === 0 ? {} : { booleans: { true: [...truths.keys()], false: [...truths.values()] } }),
    },
  };
}

function dateFormat(
  dates: ReadonlyMap<string, string>,
  formats: readonly string[],
  isByColumn: boolean,
): Pick<ValueOptions, 'date_format'> {
  const [format, ...others] = formats;
  if (format === undefined) return {};
  if (isByColumn) return { date_format: Object.fromEntries(dates) };
  return { date_format: others.length === 0 ? format : formats };
}

function looksLikeDate(value: string): boolean {
  return ISO_DAY.test(value) || OTHER_DAY.test(value);
}

function isIsoDay(value: string): boolean {
  const [, day = ''] = ISO_DAY.exec(value) ?? [];
  return day !== '' && fitsDateFormat(day.replaceAll('-', '/'), '%Y/%m/%d');
}

/** A date of digits alone is as likely a number. */
function isBareNumber(format: string): boolean {
  return format === '%Y%m%d';
}

function isTruth(values: readonly string[], [yes, no]: readonly [string, string]): boolean {
  const found = new Set(values.map((value) => value.toLowerCase()));
  return found.size === 2 && found.has(yes) && found.has(no);
}

function isGrouped(value: string): boolean {
  return /^-?[1-9]\d{0,2}(?:[.,\s'’]\d{3})+(?:[.,]\d+)?$/.test(value);
}

/** The marks in numbers, where some value shows which is which: `1.234,5` and `1.234.567` do, `1.234` does not. */
function numberMarks(
  columns: readonly (readonly string[])[],
  separator: string,
): Pick<ValueOptions, 'decimal' | 'thousands'> {
  const values = columns.flat();
  const count = (pattern: RegExp): number => values.filter((value) => pattern.test(value)).length;
  // Where a comma separates fields one in quotes may be a list's, or a group's: a point before it shows what it is.
  const commas = count(separator === ',' ? /^-?\d{1,3}(?:\.\d{3})+,\d+$/ : /^-?[\d.]*\d,\d+$/);
  const blanks = count(/^-?\d{1,3}(?:[\s'’]\d{3})+,\d+$/);
  const points = count(/^-?\d+\.\d+$/) + count(/^-?\d{1,3}(?:,\d{3})+\.\d+$/);
  const decimal = commas + blanks > points ? ',' : '.';
  const group = decimal === ',' ? '.' : ',';
  const fraction = decimal === ',' ? ',' : String.raw`\.`;
  const proven = (mark: string): RegExp =>
    new RegExp(`^-?[1-9]\\d{0,2}(?:(?:[${mark}]\\d{3})+${fraction}\\d+|(?:[${mark}]\\d{3}){2,})$`);
  const thousands = ([group, ' ', "'"] as const).find((mark) => count(proven(thousandsMarks(mark))) > 0);
  return {
    ...(decimal === ',' ? { decimal } : {}),
    ...(thousands === undefined ? {} : { thousands }),
  };
}
