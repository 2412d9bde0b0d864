import { basename, join } from 'node:path';
import { NO_ROWS } from '../../medallion/report.ts';
import type { DayReport, DemoReport } from '../demo/demo.ts';
import { count, flushRight, size } from './format.ts';
import { table } from './table.ts';
import { tree } from './tree.ts';

export function renderDemo(report: DemoReport): string {
  const { folder, verified, files, elapsedMs, next } = report;
  return [
    'Three days of an invented loyalty system went into a lake.',
    '',
    'What happened',
    happened(report.days),
    `${verified.runs} runs verified: replaying full-load and changes gives the last snapshot, row for row.`,
    '',
    'The layers made of it',
    layers(report.days),
    '',
    'The lake',
    tree(`${join(basename(folder), 'lake')}/`, withoutDeltaFiles(files)),
    '',
    'Size of the first day',
    measured(report),
    later(report),
    '',
    `Done in ${(elapsedMs / 1000).toFixed(1)} s. Next, try:`,
    ...next.map((line) => `  ${line}`),
  ].join('\n');
}

function happened(days: readonly DayReport[]): string {
  const rows = days.flatMap(({ day, at, tables }) =>
    Object.entries(tables).map(([name, report], index) => ({
      cells: [
        index === 0 ? `${day}` : '',
        index === 0 ? at.slice(0, 16).replace('T', ' ') : '',
        name,
        report.operation,
      ],
      numbers: [report.inserted, report.updated, report.deleted, report.unchanged],
      file: report.file ?? '',
    })),
  );
  const numbers = ['inserted', 'updated', 'deleted', 'unchanged'].map((head, column) =>
    flushRight([head, ...rows.map((row) => count(row.numbers[column] ?? 0))]),
  );
  return table(
    ['day', 'run at (UTC)', 'table', 'operation', ...numbers.map(([head = '']) => head), 'file'],
    rows.map(({ cells, file }, row) => [...cells, ...numbers.map((column) => column[row + 1] ?? ''), file]),
  );
}

function layers(days: readonly DayReport[]): string {
  const names = Object.keys(days.at(-1)?.layers ?? {});
  const rows = names.map((name) => [
    name,
    ...days.map(({ layers: reports }) => {
      const { operation, inserted, updated, deleted } = reports[name] ?? { operation: '', ...NO_ROWS };
      const isNew = operation === 'created' || operation === 'rebuilt';
      if (isNew) return `${operation}, ${count(inserted)} rows`;
      return operation === 'updated'
        ? `+${count(inserted)} ~${count(updated)} -${count(deleted)}`
        : operation;
    }),
  ]);
  return table(['table', ...days.map(({ day }) => `day ${day}`)], rows);
}

/** Each Delta table as one line: its files are its own business. */
function withoutDeltaFiles(files: DemoReport['files']): DemoReport['files'] {
  const tables = new Map<string, { count: number; bytes: number }>();
  const others = files.filter(({ key, bytes }) => {
    const name = /^(?:bronze|silver|gold)\/[^/]+/.exec(key)?.[0];
    if (name === undefined) return true;
    const known = tables.get(name) ?? { count: 0, bytes: 0 };
    tables.set(name, { count: known.count + 1, bytes: known.bytes + bytes });
    return false;
  });
  const lines = [...tables].map(([name, { count: number, bytes }]) => ({
    key: `${name}  (Delta, ${count(number)} files)`,
    bytes,
  }));
  return [...others, ...lines];
}

function measured({ sizes }: DemoReport): string {
  const all = Object.values(sizes);
  const sum = (form: 'rows' | 'csv' | 'snappy' | 'zstd'): number =>
    all.reduce((total, each) => total + each[form], 0);
  const total = { rows: sum('rows'), csv: sum('csv'), snappy: sum('snappy'), zstd: sum('zstd') };
  const lines = [...Object.entries(sizes), ['all', total] as const];
  const columns = [
    ['rows', ...lines.map(([, each]) => count(each.rows))],
    ['CSV', ...lines.map(([, each]) => size(each.csv))],
    ['Parquet, Snappy', ...lines.map(([, each]) => `${size(each.snappy)} (${share(each.snappy, each.csv)})`)],
    ['Parquet, zstd', ...lines.map(([, each]) => `${size(each.zstd)} (${share(each.zstd, each.csv)})`)],
  ].map(flushRight);
  return table(
    ['table', ...columns.map(([head = '']) => head)],
    lines.map(([name], row) => [name, ...columns.map((column) => column[row + 1] ?? '')]),
  );
}

function later({ later: { csv, changeFiles } }: DemoReport): string {
  return `The two days after it: ${size(changeFiles)} of change files for ${size(csv)} of CSV (${share(changeFiles, csv)}).`;
}

function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return `${percent.toFixed(percent < 9.5 ? 1 : 0)} %`;
}
