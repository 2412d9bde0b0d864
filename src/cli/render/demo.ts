import { basename, join } from 'node:path';
import type { DayReport, DemoReport } from '../demo/demo.ts';
import { inDigits, say } from '../language.ts';
import { changeCounts, count, plural, size } from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { stateWord } from './state.ts';
import { numbers, table } from './table.ts';
import { tree } from './tree.ts';

export function renderDemo(report: DemoReport, layout: Layout): string {
  const { folder, verified, files, elapsedMs, next } = report;
  const lines = [
    say('Three days of an invented loyalty system went into a lake.'),
    '',
    say('What happened'),
    happened(report.days, layout),
    say(
      `${verified.runs} runs verified: replaying full-load and changes gives the last snapshot, row for row.`,
    ),
    '',
    say('The layers made of it'),
    layers(report.days, layout),
    '',
    say('The lake'),
    tree(`${join(basename(folder), 'lake')}/`, withoutDeltaFiles(files)),
    '',
    say('Size of the first day'),
    measured(report, layout),
    later(report),
    '',
    say(`Done in ${inDigits((elapsedMs / 1000).toFixed(1))} s. Next, try:`),
    ...next.map((line) => `  ${line}`),
  ];
  return wrapped(lines.join('\n'), layout, '    ');
}

function happened(days: readonly DayReport[], layout: Layout): string {
  const rows = days.flatMap(({ day, at, tables }) =>
    Object.entries(tables).map(([name, report], index) => [
      index === 0 ? `${day}` : '',
      index === 0 ? at.slice(0, 16).replace('T', ' ') : '',
      name,
      stateWord(report.operation),
      ...[report.inserted, report.updated, report.deleted, report.unchanged].map(count),
      report.file ?? '',
    ]),
  );
  return table(DAY_COLUMNS, rows, layout);
}

const DAY_COLUMNS = [
  'day',
  { head: 'run at (UTC)', hide: 2 },
  { head: 'table', long: 'name' },
  'operation',
  ...numbers('inserted', 'updated', 'deleted'),
  { head: 'unchanged', right: true, hide: 1 },
  { head: 'file', hide: 3 },
] as const;

function layers(days: readonly DayReport[], layout: Layout): string {
  const names = Object.keys(days.at(-1)?.layers ?? {});
  const rows = names.map((name) => [
    name,
    ...days.map(({ layers: reports }) => {
      const report = reports[name];
      if (report === undefined) return '';
      const { operation, inserted } = report;
      const isNew = operation === 'created' || operation === 'rebuilt';
      if (isNew) return `${stateWord(operation)}, ${plural(inserted, 'row')}`;
      return operation === 'updated' ? changeCounts(report) : stateWord(operation);
    }),
  ]);
  const columns = days.map(({ day }) => ({ head: `day ${day}`, long: 'wrap' }) as const);
  return table([{ head: 'table', long: 'name' }, ...columns], rows, layout);
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
    key: `${name}  (Delta, ${plural(number, 'file')})`,
    bytes,
  }));
  return [...others, ...lines];
}

function measured({ sizes }: DemoReport, layout: Layout): string {
  const all = Object.values(sizes);
  const sum = (form: 'rows' | 'csv' | 'snappy' | 'zstd'): number =>
    all.reduce((total, each) => total + each[form], 0);
  const total = { rows: sum('rows'), csv: sum('csv'), snappy: sum('snappy'), zstd: sum('zstd') };
  const lines = [...Object.entries(sizes), [say('all'), total] as const];
  const rows = lines.map(([name, each]) => [
    name,
    count(each.rows),
    size(each.csv),
    ...[each.snappy, each.zstd].map((bytes) => `${size(bytes)} (${share(bytes, each.csv)})`),
  ]);
  const heads = numbers('rows', 'CSV', 'Parquet, Snappy', 'Parquet, zstd');
  return table([{ head: 'table', long: 'name' }, ...heads], rows, layout);
}

function later({ later: { csv, changeFiles } }: DemoReport): string {
  return say(
    `The two days after it: ${size(changeFiles)} of change files for ${size(csv)} of CSV (${share(changeFiles, csv)}).`,
  );
}

function share(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return `${inDigits(percent.toFixed(percent < 9.5 ? 1 : 0))} %`;
}
