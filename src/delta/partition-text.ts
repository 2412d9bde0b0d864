import type { DeltaType } from './schema.ts';

/** SQL of the text that the log has for a partition column's value; null for null and for an empty text. */
export function partitionText(sql: string, type: DeltaType): string {
  if (type === 'timestamp') return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  if (type === 'timestamp_ntz') return `strftime(${sql}, '%Y-%m-%d %H:%M:%S.%f')`;
  if (type === 'binary') return `nullif(decode(${sql}), '')`;
  const text = `CAST(${sql} AS VARCHAR)`;
  if (type !== 'float' && type !== 'double') return `nullif(${text}, '')`;
  return `CASE WHEN isnan(${sql}) THEN 'NaN' WHEN isinf(${sql}) THEN if(${sql} > 0, 'Infinity', '-Infinity') ELSE ${text} END`;
}
