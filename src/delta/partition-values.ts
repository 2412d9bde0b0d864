import type { DeltaType } from './schema.ts';
import { sqlTypeOf } from './sql-schema.ts';

/**
 * SQL that makes a partition column's value of the text that the log has for it; an empty text is null. A timestamp
 * without a zone is taken for UTC: the log does not say in which zone its writer was.
 */
export function partitionSql(text: string, type: DeltaType): string {
  const given = `nullif(${text}, '')`;
  return type === 'binary' ? `encode(${given})` : `CAST(${given} AS ${sqlTypeOf(type)})`;
}
