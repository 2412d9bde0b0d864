import { thousandsMarks } from '../../snapshot/csv-values.ts';
import { dateFormatsIn, dateFormatsOf, fitsDateFormat } from '../../config/date-format.ts';
import { isIdentifier } from './guess-key.ts';
import type { Sample } from './sample.ts';
import type { ValueOptions } from './propose-values.ts';

/** What a table may be counted and added up by. */
export interface CubeGuess {
  /** The column whose days are the dates. */
  readonly date: string;
  /** Columns of amounts, in their order. */
  readonly measures: readonly string[];
}

const ISO_DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?$/;
const AMOUNT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const AMOUNT_WITH_COMMA = /^-?(?:0|[1-9]\d*)(?:,\d+)?$/;

/**
 * A column of dates, rather one that does not say when the row was last changed, and columns of numbers that no key
 * names; undefined where there is no date.
 */
export function guessCube(
  { columns, rows }: Sample,
  { decimal, thousands, date_format: written, null: nulls = [] }: ValueOptions,
  {
    keys,
    dateField,
  }: { readonly keys: readonly (readonly string[])[]; readonly dateField: string | undefined },
): CubeGuess | undefined {
  const formats = dateFormatsIn(written);
  const amount = decimal === ',' ? AMOUNT_WITH_COMMA : AMOUNT;
  const values = columns.map((name, index) => ({
    name,
    filled: rows
      .map((row) => (row[index] ?? '').trim())
      .filter((value) => value !== '' && !nulls.includes(value)),
  }));
  const isDateOf =
    (name: string) =>
    (value: string): boolean =>
      ISO_DATE.test(value) || dateFormatsOf(formats, name).some((format) => fitsDateFormat(value, format));
  const dates = values
    .filter(({ name, filled }) => filled.length > 0 && filled.every(isDateOf(name)))
    .map(({ name }) => name);
  const date = dates.find((name) => name !== dateField) ?? dates[0];
  if (date === undefined) return undefined;
  // The model's own columns have these names.
  const taken = new Set([...keys.flat(), 'n', 'dt_ref'].map((name) => name.toLowerCase()));
  const marks = thousands === undefined ? undefined : new RegExp(`[${thousandsMarks(thousands)}]`, 'g');
  const ofThousands = (value: string): string => (marks === undefined ? value : value.replaceAll(marks, ''));
  const measures = values.filter(
    ({ name, filled }) =>
      !taken.has(name.toLowerCase()) &&
      !isIdentifier(name) &&
      filled.length > 0 &&
      filled.every((value) => amount.test(ofThousands(value))),
  );
  return { date, measures: measures.map(({ name }) => name) };
}
