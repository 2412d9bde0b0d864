import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CsvDiffTaken, compareCsvDiff } from './csv-diff.ts';
import { type Days, writeDays } from './data.ts';
import { measureNode, median } from './measure.ts';
import { comparePandas } from './pandas.ts';
import { fileSizes, linkTree } from './trees.ts';

const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const COPY = join(import.meta.dirname, 'copy.mjs');
const TURNS = Number(process.env['BENCH_TURNS'] ?? 5);
const SIZES = (process.env['BENCH_ROWS'] ?? '1000000,10000000').split(',').map(Number);

/** A project whose lake has the first day; `second` is what each turn starts from. */
function openProject(
  folder: string,
  days: Days,
): {
  run(): ReturnType<typeof measureNode>;
  nextDay(): void;
  restore(): void;
  /** Of a folder of the lake. */
  bytesOf(folder: string): number;
} {
  const project = join(folder, 'project');
  const saved = join(folder, 'saved');
  mkdirSync(join(project, 'source'), { recursive: true });
  const config = join(project, 'igarape.json');
  writeFileSync(
    config,
    JSON.stringify({ source: { type: 'files', path: './source' }, tables: [{ name: 't', pk: 'id' }] }),
  );
  const useDay = (path: string): void => {
    rmSync(join(project, 'source', 't.csv'), { force: true });
    linkSync(path, join(project, 'source', 't.csv'));
  };
  useDay(days.day1);
  return {
    run: () => measureNode([CLI, 'run', '--json', '--log-level', 'silent', '--config', config]),
    nextDay: () => {
      for (const name of ['lake', '.igarape']) linkTree(join(project, name), join(saved, name));
      useDay(days.day2);
    },
    restore: () => {
      for (const name of ['lake', '.igarape']) {
        rmSync(join(project, name), { recursive: true, force: true });
        linkTree(join(saved, name), join(project, name));
      }
    },
    bytesOf: (part) =>
      [...fileSizes(join(project, 'lake', part)).values()].reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Of turns in which both were measured, one after the other. */
function besideCsvDiff(
  turns: readonly {
    readonly run: { readonly cpuSeconds: number };
    readonly csvDiff: CsvDiffTaken | string;
  }[],
): string {
  const both: (CsvDiffTaken & { readonly ratio: number })[] = [];
  for (const { run, csvDiff } of turns) {
    if (typeof csvDiff === 'string') return csvDiff;
    both.push({ ...csvDiff, ratio: run.cpuSeconds / csvDiff.cpuSeconds });
  }
  const of = (figure: (each: (typeof both)[number]) => number): string => median(both.map(figure)).toFixed(2);
  return `CPU ${of(({ cpuSeconds }) => cpuSeconds)} s, ${of(({ peakBytes }) => peakBytes / 1e9)} GB; second run / it: ${of(({ ratio }) => ratio)}`;
}

const rows: Record<string, Record<string, string>> = {};
const secondRun: Record<number, number> = {};
const data = join(tmpdir(), 'igarape-bench-data');
for (const size of SIZES) {
  const days = await writeDays(data, size);
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  const project = openProject(folder, days);
  const copyOnce = (): number => measureNode([COPY, days.day2, join(folder, 'copy.parquet')]).seconds;
  const first = project.run();
  project.nextDay();
  const turns = Array.from({ length: TURNS }, () => {
    project.restore();
    return { copy: copyOnce(), run: project.run(), csvDiff: compareCsvDiff(days) };
  });
  const unchanged = Array.from({ length: TURNS }, () => project.run().seconds);
  const copy = median(turns.map((turn) => turn.copy));
  const run = median(turns.map((turn) => turn.run.seconds));
  secondRun[size] = run;
  rows[`${size.toLocaleString('en')} rows`] = {
    'bare copy (s)': copy.toFixed(2),
    'first run (s)': first.seconds.toFixed(2),
    'second run (s)': run.toFixed(2),
    'second run / copy': (run / copy).toFixed(2),
    'per turn': turns.map((turn) => (turn.run.seconds / turn.copy).toFixed(2)).join(' '),
    'peak (GB), first': (first.peakBytes / 1e9).toFixed(2),
    'peak (GB), second': (Math.max(...turns.map((turn) => turn.run.peakBytes)) / 1e9).toFixed(2),
    'unchanged (s)': median(unchanged).toFixed(2),
    'pandas, compare alone': await comparePandas(days),
    'second run, CPU (s)': median(turns.map((turn) => turn.run.cpuSeconds)).toFixed(2),
    'lake / CSV': ['full-load', 'cdc', '_igarape/snapshots']
      .map((part) => `${part} ${(project.bytesOf(part) / statSync(days.day2).size).toFixed(2)}`)
      .join(', '),
    'csv-diff, compare alone': besideCsvDiff(turns),
  };
  rmSync(folder, { recursive: true, force: true });
}
console.table(rows);
const [small, large] = SIZES;
if (small !== undefined && large !== undefined) {
  const growth = (secondRun[large] ?? 0) / (secondRun[small] ?? 1);
  console.log(
    `growth of the second run from ${small.toLocaleString('en')} to ${large.toLocaleString('en')} rows: ${growth.toFixed(1)} x`,
  );
}
const start = (flag: string): number =>
  median(Array.from({ length: TURNS }, () => measureNode([CLI, flag]).seconds));
console.log(`igarape --version: ${start('--version').toFixed(2)} s, --help: ${start('--help').toFixed(2)} s`);
if (process.env['BENCH_WIDE'] !== '0') await import('./wide.ts');
if (process.env['BENCH_DELTA'] !== '0') await import('./delta.ts');
if (process.env['BENCH_LAKEHOUSE'] !== '0') await import('./lakehouse.ts');
if (process.env['BENCH_FORMATS'] !== '0') await import('./formats.ts');
