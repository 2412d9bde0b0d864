import { YEAR } from '../config/date-format.ts';
import { type ColumnType, decimalParts, sqlType } from '../core/schema.ts';
import { quoteText } from '../engine/quote.ts';
import type { ColumnReader, RawColumn } from './raw-table.ts';

const NUMBER = String.raw`-?(?:0|[1-9][0-9]*)?\.[0-9]+|-?[1-9][0-9]*|0`;
/** As programs print floating-point numbers; `1E5` is as likely a code as a number, so it stays text. */
const SCIENTIFIC = String.raw`-?[0-9](?:\.[0-9]+[eE][+-]?|[eE][+-])[0-9]{1,3}`;
const SCIENTIFIC_ZERO = String.raw`-?0(?:\.0+)?[eE].*`;
const DATE = `${YEAR}-[0-9]{2}-[0-9]{2}`;
const TIME = String.raw`(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6}0*)?)?`;
const OFFSET = String.raw`(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)`;

/** In UTC, years still have four digits. */
const FIRST_INSTANT = `TIMESTAMPTZ '0001-01-01 00:00:00+00'`;
const LAST_INSTANT = `TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'`;

/** SQL: the engine reads an offset only behind seconds. */
function withSeconds(text: string): string {
  return `regexp_replace(${text}, '^(.{16})(Z|[+-].*)$', '\\1:00\\2')`;
}

/** SQL: both are true; the second one, which may be dear, is looked at only where the first one is. */
function onlyWhere(first: string, second: string): string {
  return `CASE WHEN ${first} THEN ${second} ELSE false END`;
}

function matches(value: string, pattern: string): string {
  return `regexp_full_match(${value}, ${quoteText(pattern)})`;
}

/** Reads text in a column of `type`. */
export function readerOf(type: ColumnType, column: RawColumn): ColumnReader {
  const usual = usualReader(type, column);
  const own = column.reads?.[type];
  if (own === undefined) return usual;
  return {
    holds: `(${own.holds} OR ${usual.holds})`,
    value: `CASE WHEN ${own.holds} THEN ${own.value} ELSE ${usual.value} END`,
  };
}

function usualReader(type: ColumnType, column: RawColumn): ColumnReader {
  const { text, scalar } = column;
  const cast = (value: string): string => `TRY_CAST(${value} AS ${sqlType(type)})`;
  switch (type) {
    case 'text':
      return { holds: 'true', value: text };
    case 'boolean':
      return { holds: `lower(${scalar}) IN ('true', 'false')`, value: cast(scalar) };
    case 'bigint':
      return { holds: `coalesce(CAST(${cast(scalar)} AS VARCHAR) = ${scalar}, false)`, value: cast(scalar) };
    case 'double':
      return { holds: holdsDouble(scalar), value: cast(scalar) };
    case 'date':
      return { holds: onlyWhere(matches(text, DATE), `${cast(text)} IS NOT NULL`), value: cast(text) };
    case 'timestamp':
      return {
        holds: onlyWhere(matches(text, `${DATE}(?:[ T]${TIME})?`), `${cast(text)} IS NOT NULL`),
        value: cast(text),
      };
    case 'timestamptz': {
      const value = cast(withSeconds(text));
      return {
        holds: onlyWhere(
          matches(text, `${DATE}[ T]${TIME}${OFFSET}`),
          `coalesce(${value} BETWEEN ${FIRST_INSTANT} AND ${LAST_INSTANT}, false)`,
        ),
        value,
      };
    }
    default:
      return { holds: holdsDecimal(scalar, type), value: cast(scalar) };
  }
}

/**
 * A double keeps at least 15 significant digits. Of a longer number it keeps all when the shortest text that reads
 * back as the same double has the same ones.
 */
function holdsDouble(scalar: string): string {
  const value = `TRY_CAST(${scalar} AS DOUBLE)`;
  const isShortest = (text: string): string =>
    `coalesce(${significantDigits(text)} = ${significantDigits(`CAST(${value} AS VARCHAR)`)}, false)`;
  return `CASE
    WHEN ${matches(scalar, NUMBER)} THEN length(${scalar}) <= 15 OR ${isShortest(scalar)}
    WHEN ${matches(scalar, SCIENTIFIC)} THEN isfinite(${value})
      AND (abs(${value}) > 1e-300 OR ${matches(scalar, SCIENTIFIC_ZERO)})
      AND (length(${scalar}) <= 16 OR ${isShortest(`lower(${scalar})`)})
    ELSE false END`;
}

/** SQL: the digits of a number that say something; where its point is, its double tells. */
function significantDigits(text: string): string {
  return `rtrim(ltrim(replace(split_part(${text}, 'e', 1), '.', ''), '-0'), '0')`;
}

function holdsDecimal(scalar: string, type: ColumnType): string {
  const parts = decimalParts(type);
  if (parts === undefined) throw new RangeError(`${type} is no decimal type.`);
  return `(${matches(scalar, NUMBER)}
    AND length(rtrim(split_part(${scalar}, '.', 2), '0')) <= ${parts.scale}
    AND TRY_CAST(${scalar} AS ${sqlType(type)}) IS NOT NULL)`;
}

/** SQL aggregates over values that are not null: which decimal type a column of plain numbers needs. */
export function decimalDigits(column: RawColumn): { integerDigits: string; scale: string } {
  const { scalar } = column;
  return {
    integerDigits: `max(CASE WHEN ${matches(scalar, NUMBER)} THEN length(ltrim(split_part(${scalar}, '.', 1), '-0')) ELSE 99 END)`,
    scale: `max(length(rtrim(split_part(${scalar}, '.', 2), '0')))`,
  };
}

/** SQL aggregate: every value is an integer, of any length. */
export function onlyIntegers(column: RawColumn): string {
  return `bool_and(NOT regexp_matches(${column.scalar}, '[.eE]'))`;
}
