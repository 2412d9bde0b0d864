import type { PastRun } from '../../lake/past-runs.ts';
import { count, secondsOf } from './format.ts';
import { table } from './table.ts';

export function renderHistory({
  lake,
  runs,
}: {
  readonly lake: string;
  readonly runs: readonly PastRun[];
}): string {
  if (runs.length === 0) return `${lake} has no such runs yet`;
  return [
    table(
      ['run', 'at (UTC)', 'version', 'table', 'operation', 'inserted', 'updated', 'deleted', 'file'],
      rows(runs),
    ),
    ...reasons(runs),
  ].join('\n');
}

/** One line a table; what the whole run has in common stands in its first line only. */
function rows(runs: readonly PastRun[]): string[][] {
  return runs.flatMap(({ run, at, source, tables }) =>
    Object.entries(tables).map(([name, report], index) => [
      ...(index === 0 ? [String(run), secondsOf(at), source.version] : ['', '', '']),
      name,
      report.operation,
      ...[report.inserted, report.updated, report.deleted].map(count),
      report.file ?? '',
    ]),
  );
}

function reasons(runs: readonly PastRun[]): string[] {
  return runs.flatMap(({ run, tables }) =>
    Object.entries(tables).flatMap(([name, { reason }]) =>
      reason === undefined ? [] : [`run ${run}, ${name}: ${reason}`],
    ),
  );
}
