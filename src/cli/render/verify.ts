import type { VerifyReport } from '../../lake/verify.ts';
import { table } from './table.ts';

export function renderVerify(report: VerifyReport): string {
  const rows = Object.entries(report.tables).map(([name, { ok, rows, files }]) => [
    name,
    ok ? 'ok' : 'DIFFERS',
    rows.toLocaleString('en'),
    String(files),
  ]);
  const problems = Object.entries(report.tables).flatMap(([name, found]) =>
    found.problems.map((problem) => `${name}: ${problem}`),
  );
  return [
    table(['table', 'replay', 'rows', 'files'], rows),
    ...problems,
    report.ok
      ? `${report.runs} runs verified${report.since === undefined ? '' : `, from run ${report.since} on`}: replay gives the last snapshot, and every file is as published`
      : 'the lake differs from its ledger',
  ].join('\n');
}
