import type { RunReport } from '../../pipeline/report.ts';
import { cell, count, flushRight, orphanLines, rejectedLines, size } from './format.ts';
import { table } from './table.ts';

export function renderRun({ earlier = [], ...last }: RunReport): string {
  return [...earlier, last].map(renderOne).join('\n\n');
}

function renderOne(report: RunReport): string {
  const reports = Object.values(report.tables);
  const names = Object.keys(report.tables);
  const counts = (['inserted', 'updated', 'deleted', 'unchanged'] as const).map((name) =>
    flushRight([name, ...reports.map((found) => count(found[name]))]),
  );
  const rows = reports.map(({ operation, file, bytes }, index) => [
    names[index] ?? '',
    operation,
    ...counts.map((column) => column[index + 1] ?? ''),
    file === null ? '' : `${file}  ${size(bytes)}`,
  ]);
  const reasons = Object.entries(report.tables).flatMap(([name, { operation, reason, rejected }]) => [
    ...(reason === undefined ? [] : [`${name} ${operation}: ${cell(reason, LONGEST_REASON)}`]),
    ...(rejected === undefined ? [] : [`${name}: ${rejectedLines(rejected)}, in _igarape/rejects/${name}/`]),
  ]);
  return [
    ...(report.source === null ? [] : [`source  ${report.source.id}, version ${report.source.version}`]),
    ...(rows.length === 0
      ? []
      : [
          table(['table', 'operation', ...counts.map((column) => column[0] ?? ''), 'file'], rows),
          ...reasons,
          report.run === null ? 'nothing to commit' : `committed as run ${report.run}`,
        ]),
    ...layers(report.layers ?? {}),
    ...orphanLines(report.orphans),
  ]
    .join('\n')
    .trimStart();
}

function layers(reports: NonNullable<RunReport['layers']>): string[] {
  const found = Object.entries(reports);
  if (found.length === 0) return [];
  const counts = (['inserted', 'updated', 'deleted'] as const).map((name) =>
    flushRight([name, ...found.map(([, report]) => count(report[name]))]),
  );
  const rows = found.map(([name, { operation, version }], index) => [
    name,
    operation,
    ...counts.map((column) => column[index + 1] ?? ''),
    version === null ? '' : `version ${version}`,
  ]);
  return [
    '',
    table(['layer', 'operation', ...counts.map((column) => column[0] ?? ''), ''], rows),
    ...found.flatMap(([name, { operation, reason }]) =>
      reason === undefined ? [] : [`${name} ${operation}: ${cell(reason, LONGEST_REASON)}`],
    ),
  ];
}

const LONGEST_REASON = 2000;
