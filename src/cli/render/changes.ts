import type { Cell, ExploredColumn } from '../../explore/cells.ts';
import type { ChangePage } from '../../explore/changes.ts';
import type { ChangedColumns } from '../../explore/changed-positions.ts';
import type { Operation } from '../../explore/published.ts';
import type { VersionDiff } from '../../explore/version-diff.ts';
import { say } from '../language.ts';
import { count, secondsOf } from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { sampleLine } from './sample.ts';

export function renderChanges(
  page: ChangePage & { readonly changedColumns: ChangedColumns },
  layout: Layout,
): string {
  const { run, table, at, file, rows, total, offset, counts, columns, changedColumns: changed } = page;
  const often = changed.columns.map(({ name, changed: n }) => `${name} ${count(n)}`).join(', ');
  const lines = [
    say(`${table}, run ${run} of ${secondsOf(at)} UTC: ${countsText(counts)}`),
    file,
    ...(often === '' ? [] : [say(`columns that updates changed: ${often}`)]),
    ...(rows.length === 0 ? [] : ['', ...rows.map((row) => rowLine(row, columns, layout))]),
    ...(offset + rows.length < total
      ? ['', say(`${count(rows.length)} of ${count(total)} rows: --limit N and --offset N show others`)]
      : []),
  ];
  return wrapped(lines.join('\n'), layout, '  ');
}

export function renderDiff(found: VersionDiff, layout: Layout): string {
  const [counts = '', ...rows] = diffLines(found, layout);
  return [say(`${found.table} from ${found.from} to ${found.to}: ${counts}`), ...rows]
    .map((line) => wrapped(line, layout, '  '))
    .join('\n');
}

/** How many rows differ, and which. */
export function diffLines({ counts, rows, columns }: VersionDiff, layout: Layout): string[] {
  const total = counts.I + counts.U + counts.D;
  return [
    total === 0 ? say('nothing differs') : countsText(counts),
    ...(rows.length === 0 ? [] : ['', ...rows.map((row) => rowLine(row, columns, layout))]),
    ...(rows.length < total
      ? ['', say(`the first ${count(rows.length)} of ${count(total)}: --limit N shows more`)]
      : []),
  ];
}

function countsText({ I, U, D }: Readonly<Record<Operation, number>>): string {
  return say(`${count(I)} inserted, ${count(U)} updated, ${count(D)} deleted`);
}

/** Of an update, the key and what changed; the rest would hide it. */
function rowLine(
  {
    operation,
    cells,
    before,
  }: {
    readonly operation: Operation;
    readonly cells: readonly Cell[];
    readonly before: readonly Cell[] | null;
  },
  columns: readonly ExploredColumn[],
  { width }: Layout,
): string {
  const keys = columns.filter(({ key }) => key).map(({ name }) => name);
  const row = named(columns, cells);
  if (before === null) return sampleLine({ operation, row }, keys, width);
  const changed = columns.filter((_, index) => cells[index] !== before[index]).map(({ name }) => name);
  return sampleLine({ operation, row, before: named(columns, before), changed }, keys, width);
}

function named(columns: readonly ExploredColumn[], cells: readonly Cell[]): Record<string, Cell> {
  return Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]));
}
