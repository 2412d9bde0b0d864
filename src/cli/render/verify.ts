import type { VerifyReport } from '../../lake/verify.ts';
import type { LayersVerification } from '../../pipeline/verify.ts';
import { say, told } from '../language.ts';
import { count, plural } from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { stateWord } from './state.ts';
import { numbers, table } from './table.ts';

export function renderVerify(report: VerifyReport & LayersVerification, layout: Layout): string {
  const rows = Object.entries(report.tables).map(([name, { ok, rows, files }]) => [
    name,
    stateWord(ok ? 'ok' : 'DIFFERS'),
    count(rows),
    count(files),
  ]);
  const problems = Object.entries(report.tables).flatMap(([name, found]) =>
    found.problems.map((problem) => `${name}: ${told(problem)}`),
  );
  const lines = [
    table([{ head: 'table', long: 'name' }, 'replay', ...NUMBERS], rows, layout),
    ...problems,
    ...layerLines(report.layers ?? {}, layout),
    report.ok
      ? say(
          `${plural(report.runs, 'run')} verified${since(report.since)}: replay gives the last snapshot, and every file is as published`,
        )
      : say('the lake differs from what it should be'),
  ];
  return wrapped(lines.join('\n'), layout, '  ');
}

function since(run: number | undefined): string {
  return run === undefined ? '' : say(`, from run ${run} on`);
}

const NUMBERS = numbers('rows', 'files');

function layerLines(layers: NonNullable<LayersVerification['layers']>, layout: Layout): string[] {
  const found = Object.entries(layers);
  if (found.length === 0) return [];
  const rows = found.map(([name, { ok, rows: compared, note = '' }]) => [
    name,
    stateWord(ok ? (compared === 0 && note !== '' ? '-' : 'ok') : 'DIFFERS'),
    count(compared),
    told(note),
  ]);
  const problems = found.flatMap(([name, layer]) =>
    layer.problems.map((problem) => `${name}: ${told(problem)}`),
  );
  return ['', table(LAYER_COLUMNS, rows, layout), ...problems, ''];
}

const LAYER_COLUMNS = [
  { head: 'layer', long: 'name' },
  'full computation',
  { head: 'rows', right: true },
  { head: '', long: 'wrap' },
] as const;
