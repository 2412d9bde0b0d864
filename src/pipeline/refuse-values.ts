import { COMMON_DATE_FORMATS, COMMON_DATES, dateFormatsOf, fitsDateFormat } from '../config/date-format.ts';
import type { TableConfig } from '../config/config.ts';
import type { Told } from '../core/language/sentence.ts';
import { IgarapeError } from '../core/errors.ts';
import type { ColumnType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteText } from '../engine/quote.ts';
import { readerOf } from '../snapshot/column-types.ts';
import { explained, type RawColumn, type RawTable } from '../snapshot/raw-table.ts';

const DATES = ['date', 'timestamp', 'timestamptz'] as const satisfies ColumnType[];

/** A column with a value that does not fit the type that it is to have. */
interface Unfit {
  readonly name: string;
  readonly sample: string;
}

/** Values that do not fit the types that the configuration gives their columns. */
export async function declaredTypesMisfit(
  raw: RawTable,
  misfits: readonly (Unfit & { readonly declared: ColumnType })[],
): Promise<IgarapeError> {
  const named = await Promise.all(
    misfits.map(async ({ name, sample, declared }) => {
      const place = await raw.locate?.(name, sample);
      const where = place === undefined ? '' : `, ${place.name} line ${place.line}`;
      const formats = DATES.some((type) => type === declared) ? fittingFormats(sample) : '';
      return `${name} (${sample}${where}${formats === '' ? '' : `, would fit ${formats}`})`;
    }),
  );
  return new IgarapeError(
    'TABLE_UNREADABLE',
    `${raw.name}: values do not fit the type that "types" gives their column: ${named.join('; ')}.`,
    { hint: 'Give these columns another type, or none, in "types" of the table.' },
  );
}

/** A value of a column of dates that is written in none of the formats of the table. */
export async function dateMisfit(
  raw: RawTable,
  { csv }: TableConfig,
  { name, sample }: Unfit,
): Promise<IgarapeError> {
  const place = await raw.locate?.(name, sample);
  const where = place === undefined ? raw.name : `${place.name}: line ${place.line}`;
  const misfit =
    `the value ${JSON.stringify(sample)} of the column ${JSON.stringify(name)} fits no "date_format" of the table (${dateFormatsOf(csv.dateFormats, name).join(', ')})` as const;
  const formats = fittingFormats(sample);
  const found: Told = formats === '' ? misfit : `${misfit}; it would fit ${formats}`;
  return new IgarapeError(
    'TABLE_UNREADABLE',
    { quoted: `${where}: ${found}.` },
    {
      hint: `Add its format to "date_format" of the table; or, where it is no column of dates, set "types": {${JSON.stringify(name)}: "text"}.`,
    },
  );
}

function fittingFormats(sample: string): string {
  const formats = COMMON_DATE_FORMATS.filter((format) => fitsDateFormat(sample, format));
  return formats.slice(0, 3).join(', ');
}

/** A column of text some of whose values are written as "date_format" says, or as dates are otherwise. */
export interface MixedDates extends Unfit {
  /** Whether most of its values look like dates. */
  readonly isOfDates: boolean;
}

/**
 * The columns with values that are dates as the configuration says, or look like dates, and others that are none.
 *
 * @param rows SQL after FROM: the rows to look at.
 */
export async function mixedDates(
  engine: Engine,
  raw: RawTable,
  columns: readonly RawColumn[],
  rows: string,
): Promise<MixedDates[]> {
  const dated = columns.filter(({ reads }) => DATES.some((type) => reads?.[type] !== undefined));
  if (dated.length === 0) return [];
  const counts = dated.flatMap((column, index) => {
    const fits = `(${DATES.map((type) => readerOf(type, column).holds).join(' OR ')})`;
    const looks = `regexp_full_match(${column.text}, ${quoteText(COMMON_DATES)})`;
    const value = (where: string): string => `min(${column.text}) FILTER (NOT ${fits} AND ${where})`;
    return [
      `count(*) FILTER (${fits} OR ${looks}) AS dates_${index}`,
      `count(${column.text}) AS values_${index}`,
      `coalesce(${value(looks)}, ${value('true')}) AS sample_${index}`,
    ];
  });
  const [found] = await explained(raw.explain, engine.rows(`SELECT ${counts.join(', ')} FROM ${rows}`));
  return dated.flatMap(({ name }, index): MixedDates[] => {
    const sample = found?.[`sample_${index}`];
    const dates = Number(found?.[`dates_${index}`]);
    if (typeof sample !== 'string' || dates === 0) return [];
    return [{ name, sample, isOfDates: 2 * dates >= Number(found?.[`values_${index}`]) }];
  });
}
