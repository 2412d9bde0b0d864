import type { HistoryRun } from '../../pipeline/history.ts';
import type { LayerReport } from '../../medallion/report.ts';
import { say, told } from '../language.ts';
import { changeCounts, duration, plural, secondsOf } from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { stateWord } from './state.ts';
import { table } from './table.ts';

export function renderHistory(
  { lake, runs }: { readonly lake: string; readonly runs: readonly HistoryRun[] },
  layout: Layout,
): string {
  if (runs.length === 0) return say(`No run has been committed to ${lake} yet: igarape run makes the first.`);
  return [
    table(COLUMNS, rows(runs), layout),
    ...reasons(runs).map((line) => wrapped(line, layout, '  ')),
  ].join('\n');
}

const COLUMNS = [
  { head: 'run', right: true },
  { head: 'at (UTC)', hide: 1 },
  { head: 'took', right: true, hide: 2 },
  { head: 'published (UTC)', hide: 4 },
  { head: 'version', hide: 5, long: 'cut' },
  { head: 'table', long: 'name' },
  'operation',
  'changes',
  { head: 'file', hide: 6 },
] as const;

/** One line a table; what the whole run has in common stands in its first line only, and what it left alone in one. */
function rows(runs: readonly HistoryRun[]): string[][] {
  return runs.flatMap(({ run, at, durationMs, source, tables, layers = {} }) => {
    const all = [...Object.entries(tables), ...Object.entries(layers).map(asTable)];
    const changed = all.filter(([, { operation }]) => operation !== 'unchanged');
    const others = all.length - changed.length;
    const lines = [
      ...changed.map(([name, report]) => [
        name,
        stateWord(report.operation),
        changeCounts(report),
        report.file ?? '',
      ]),
      ...(others === 0 ? [] : [[plural(others, 'table'), stateWord('unchanged'), '', '']]),
    ];
    const published = source.time === undefined ? '' : secondsOf(source.time);
    const took = durationMs === null ? '' : duration(durationMs);
    const head = [String(run), secondsOf(at), took, published, source.version];
    return lines.map((line, index) => [...(index === 0 ? head : head.map(() => '')), ...line]);
  });
}

type Row = Pick<LayerReport, 'inserted' | 'updated' | 'deleted'> & {
  readonly operation: LayerReport['operation'];
  readonly file: string | null;
};

function asTable([name, { version, ...report }]: [string, LayerReport]): [string, Row] {
  return [name, { ...report, file: version === null ? null : say(`version ${version}`) }];
}

function reasons(runs: readonly HistoryRun[]): string[] {
  return runs.flatMap(({ run, tables, layers = {} }) =>
    Object.entries({ ...tables, ...layers }).flatMap(([name, { reason }]) =>
      reason === undefined ? [] : [`${say(`run ${run}`)}, ${name}: ${told(reason)}`],
    ),
  );
}
