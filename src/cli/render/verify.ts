import type { VerifyReport } from '../../lake/verify.ts';
import type { LayersVerification } from '../../pipeline/verify.ts';
import { table } from './table.ts';

export function renderVerify(report: VerifyReport & LayersVerification): string {
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
    ...layerLines(report.layers ?? {}),
    report.ok
      ? `${report.runs} runs verified${report.since === undefined ? '' : `, from run ${report.since} on`}: replay gives the last snapshot, and every file is as published`
      : 'the lake differs from what it should be',
  ].join('\n');
}

function layerLines(layers: NonNullable<LayersVerification['layers']>): string[] {
  const found = Object.entries(layers);
  if (found.length === 0) return [];
  const rows = found.map(([name, { ok, rows: compared, note = '' }]) => [
    name,
    ok ? (compared === 0 && note !== '' ? '-' : 'ok') : 'DIFFERS',
    compared.toLocaleString('en'),
    note,
  ]);
  const problems = found.flatMap(([name, layer]) => layer.problems.map((problem) => `${name}: ${problem}`));
  return ['', table(['layer', 'full computation', 'rows', ''], rows), ...problems, ''];
}
