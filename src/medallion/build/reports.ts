import type { WriteResult } from '../../delta/write/publish.ts';
import { type Cost, type LayerReport, NO_ROWS, mergedRows } from '../report.ts';

/** Of a table that stays as it was. @param version Null where there is none. */
export function held(version: number | null, reason: string): LayerReport {
  return { operation: 'held', ...NO_ROWS, version, reason };
}

/** Of a merge. @param reasons Why it was made as a whole, which checks only warn. */
export function mergeReport(
  operation: 'updated' | 'rebuilt',
  { version, metrics }: WriteResult,
  ...reasons: readonly (string | undefined)[]
): LayerReport {
  const counts = mergedRows(metrics);
  const isChanged = Object.values(counts).some((count) => count > 0);
  return {
    operation: operation === 'updated' && !isChanged ? 'unchanged' : operation,
    ...counts,
    version,
    ...because(reasons),
  };
}

/** With what it cost to follow changes, where the table has. */
export function withCost(report: LayerReport, cost: Cost | undefined): LayerReport {
  return cost === undefined || report.operation !== 'updated' ? report : { ...report, cost };
}

/** With what Spark had to do with it. @param refused Why DuckDB computed what Spark was to. */
export function withSpark<R extends LayerReport>(
  report: R,
  spark: { readonly statements: number } | undefined,
  refused?: string,
): R {
  const statements = spark?.statements ?? 0;
  return {
    ...report,
    ...(statements === 0 ? {} : { engine: 'spark', statements }),
    ...because([report.reason, refused === undefined ? undefined : `computed by DuckDB: ${refused}`]),
  };
}

export function because(reasons: readonly (string | undefined)[]): { readonly reason?: string } {
  const told = reasons.filter((reason) => reason !== undefined);
  return told.length === 0 ? {} : { reason: told.join('; ') };
}
