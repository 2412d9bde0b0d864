import type { RunReport } from '../../pipeline/report.ts';
import { table } from './table.ts';

export function renderRun(report: RunReport): string {
  const rows = Object.entries(report.tables).map(
    ([name, { operation, inserted, updated, deleted, unchanged, file }]) => [
      name,
      operation,
      ...[inserted, updated, deleted, unchanged].map((count) => count.toLocaleString('en')),
      file ?? '',
    ],
  );
  const reasons = Object.entries(report.tables).flatMap(([name, { reason }]) =>
    reason === undefined ? [] : [`${name}: ${reason}`],
  );
  return [
    `source  ${report.source.id}, version ${report.source.version}`,
    table(['table', 'operation', 'inserted', 'updated', 'deleted', 'unchanged', 'file'], rows),
    ...reasons,
    report.run === null ? 'nothing to commit' : `committed as run ${report.run}`,
  ].join('\n');
}
