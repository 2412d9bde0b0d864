import { quoteText } from '../../engine/quote.ts';
import type { DeltaType } from './schema.ts';
import { sqlTypeOf } from './sql-schema.ts';

/** A time of day with a zone after it. */
const ZONED = String.raw`:\d\d(?:\.\d+)?\s*(?:[zZ]|[+-]\d\d(?::?\d\d)?)$`;

/**
 * SQL that makes a partition column's value of the text that the log has for it; an empty text is null.
 *
 * @param zone The zone of timestamps that name none. The log does not say in which zone their writer was; UTC by
 * default.
 */
export function partitionSql(text: string, type: DeltaType, zone?: string): string {
  const given = `nullif(${text}, '')`;
  if (type === 'binary') return `encode(${given})`;
  const plain = `CAST(${given} AS ${sqlTypeOf(type)})`;
  if (type !== 'timestamp' || zone === undefined) return plain;
  const local = `timezone(${quoteText(zone)}, CAST(${given} AS TIMESTAMP))`;
  return `CASE WHEN regexp_matches(${given}, ${quoteText(ZONED)}) THEN ${plain} ELSE ${local} END`;
}

/** SQL of the text that the log has for a partition column's value; null for null and for an empty text. */
export function partitionText(sql: string, type: DeltaType): string {
  if (type === 'timestamp') return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (type === 'timestamp_ntz') return `strftime(${sql}, '%Y-%m-%d %H:%M:%S.%f')`;
  if (type === 'binary') return `nullif(decode(${sql}), '')`;
  const text = `CAST(${sql} AS VARCHAR)`;
  if (type !== 'float' && type !== 'double') return `nullif(${text}, '')`;
  return `CASE WHEN isnan(${sql}) THEN 'NaN' WHEN isinf(${sql}) THEN if(${sql} > 0, 'Infinity', '-Infinity') ELSE ${text} END`;
}
