import type { Told } from '../core/language/sentence.ts';
import * as z from 'zod';
import { isDateFormat } from './date-format.ts';
import { encodingName } from './encoding-name.ts';
import { check, rule } from './rule.ts';
import type { WrittenCsv } from './written.ts';

const oneAscii = (): z.ZodString =>
  check((text) => /^[\u0021-\u007E]$/.test(text), 'one ASCII character that is no blank');
const lines = (): z.ZodInt =>
  z.int(rule('a whole number, 0 or more')).min(0, rule('a whole number, 0 or more'));
const listOf = <T extends z.ZodType>(entry: T, allowed: Told): z.ZodArray<T> =>
  z.array(entry).min(1, rule(allowed));
const dateFormats = (): [z.ZodString, z.ZodArray<z.ZodString>] => {
  const format = check(isDateFormat, 'a format such as %d/%m/%Y or %d/%m/%Y %H:%M:%S');
  return [format, listOf(format, 'at least one format')];
};

/** The keys of a table that say how its text file is to be read. */
export const csvKeys: { readonly [Key in keyof WrittenCsv]-?: z.ZodType<WrittenCsv[Key]> } = {
  sep: check(
    (text) => /^[^\r\n"]+$/.test(text) && Buffer.byteLength(text) <= 4,
    '1 to 4 characters such as , or ; or \\t',
  )
    .optional()
    .meta({
      description: 'CSV: what separates two fields. Default: a tab in `.tsv` and `.tab` files, else `,`.',
    }),
  quote: check((text) => /^[\u0020-\u007E]?$/.test(text), 'one ASCII character, or "" for none')
    .default('"')
    .meta({ description: 'CSV: what fields are quoted with; `""` where nothing is quoted.' }),
  escape: oneAscii().optional().meta({
    description:
      'CSV: a character that takes the meaning of the one after it, such as `\\`. Default: none; a quote in a quoted field is written twice.',
  }),
  encoding: check(
    (label) => encodingName(label) !== undefined,
    'an encoding: utf-8, latin-1, windows-1252, cp850, utf-16le, utf-16be …',
  )
    .default('utf-8')
    .meta({ description: 'CSV and JSON: the encoding of the text.' }),
  skip: lines()
    .default(0)
    .meta({ description: 'CSV: how many lines stand before the header, or before the first row.' }),
  header: z.boolean().default(true).meta({
    description:
      'CSV: `false` where the first line is a row. The columns are then named `column_1`, `column_2` …, as is one that the header gives no name.',
  }),
  columns: listOf(
    check((text) => text.trim() !== '', 'a column name'),
    'at least one column name',
  )
    .optional()
    .meta({ description: "CSV: the names of all columns in their order, instead of the header's." }),
  comment: oneAscii().optional().meta({
    description: 'CSV: what a line begins with that is no row, such as `#`. Default: no such lines.',
  }),
  footer: lines().default(0).meta({ description: 'CSV: how many lines at the end are no rows.' }),
  bad_lines: z.enum(['refuse', 'reject']).default('refuse').meta({
    description:
      'CSV: what a line does that is no row of the table: `refuse` leaves the table as it was, `reject` sets the line aside in `_igarape/rejects/` of the lake, and the run says how many there were.',
  }),
  null: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .meta({
      description:
        'CSV: what stands for no value, such as `["NA", "\\\\N"]`, quoted or not. An empty field that is not quoted always does.',
    }),
  trim: z.boolean().default(false).meta({
    description: 'CSV: whether blanks around values are dropped; a value of blanks alone is then none.',
  }),
  decimal: z.enum(['.', ',']).default('.').meta({ description: 'CSV: the decimal mark.' }),
  thousands: z.enum(['.', ',', ' ', "'", '_']).optional().meta({
    description:
      'CSV: the mark between groups of three digits: `.` for `1.234,56`. A blank stands for no-break spaces, too, and an apostrophe for `’`. Default: none.',
  }),
  date_format: z
    .union([...dateFormats(), z.record(z.string(), z.union(dateFormats()))])
    .optional()
    .meta({
      description:
        'CSV: how dates and times are written besides `2024-05-31` and `2024-05-31 10:20:30`: `%d/%m/%Y`, `%d/%m/%Y %H:%M:%S`; several such; or, where columns differ, by column: `{"born": "%d/%m/%Y", "paid": "%m/%d/%Y"}`. `%d` day, `%m` month, `%Y` year, `%y` its last two digits, `%b` Jan, `%B` January, `%H` `%M` `%S` time, `%f` fraction, `%I` `%p` hour and AM or PM, `%z` offset to UTC.',
    }),
  booleans: z
    .strictObject({
      true: listOf(z.string(), 'at least one spelling').meta({ description: 'What stands for true.' }),
      false: listOf(z.string(), 'at least one spelling').meta({ description: 'What stands for false.' }),
    })
    .optional()
    .meta({
      description:
        'CSV: how true and false are written besides `true` and `false`, capital letters or not: `{"true": ["sim", "s"], "false": ["não", "n"]}`. A column of numbers alone is boolean only where `types` says so.',
    }),
};

/** The separator that a `sep` stands for. */
export function separatorOf(written: string): string {
  return written === String.raw`\t` ? '\t' : written;
}
