import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonWith } from '../test/support/external.ts';
import { type DeltaRows, linkWithoutVectors, writeDeltaRows, writeLongLog } from './delta-data.ts';
import { type Figures, medianOf, peakOf, runDeltaRs, runStep } from './delta-steps.ts';
import { fileSizes, linkTree } from './trees.ts';

const TURNS = Number(process.env['BENCH_DELTA_TURNS'] ?? 3);
const ROWS = Number(process.env['BENCH_DELTA_ROWS'] ?? 10_000_000);
const DELTA_RS = ['deltalake==1.6.6', 'pyarrow==26.0.1'];
const MANY_FILES = join(import.meta.dirname, '..', '..', 'shared', 'data', 'delta', '300k-add-files.tar.zst');

/** Steps of each side, done in turns. */
interface Sides {
  readonly ours: readonly Figures[];
  readonly theirs: readonly Figures[];
}

const report: Record<string, Record<string, string>> = {};
const data = join(tmpdir(), 'igarape-bench-data');
const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
const deltaRs = await pythonWith('delta-rs', DELTA_RS);
const python = deltaRs.here ? deltaRs.value : undefined;
console.log(
  `Delta Lake, ${ROWS.toLocaleString('en')} rows; 1-minute load at the start: ${loadavg()[0]?.toFixed(1)}`,
);
try {
  const rows = await writeDeltaRows(data, ROWS);
  compareAppend(rows);
  compareMerge(rows);
  await compareLongLogs(rows);
  compareManyFiles();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.table(report);
console.log(
  'ratio: ours / theirs, of the medians. CPU: user and system time. Peak memory: of whole processes.',
);
if (!deltaRs.here) console.log(`Without delta-rs: ${deltaRs.reason}`);

function compareAppend({ rows }: DeltaRows): void {
  const table = join(folder, 'table');
  const copy = join(folder, 'copy.parquet');
  const sides = inTurns(
    () => {
      rmSync(table, { recursive: true, force: true });
      runStep('create', table, rows, '{}');
      return runStep('append', table, rows);
    },
    () => runStep('copy', rows, copy),
  );
  enter('append / bare copy', 'at most 1.15', sides);
  rmSync(copy);
}

function compareMerge({ rows, changes }: DeltaRows): void {
  const [first, plain] = [join(folder, 'table'), join(folder, 'plain')];
  linkWithoutVectors(first, plain, rows);
  const copy = join(folder, 'merged');
  const onCopyOf = (table: string, step: () => Figures): Figures => {
    rmSync(copy, { recursive: true, force: true });
    linkTree(table, copy);
    return step();
  };
  let written = 0;
  const merge = (): Figures => onCopyOf(first, () => runStep('merge', copy, changes));
  const sides = inTurns(
    () => {
      const figures = merge();
      written = newBytes(first, copy);
      return figures;
    },
    python === undefined
      ? undefined
      : () => onCopyOf(plain, () => runDeltaRs(python, 'merge', copy, changes)),
  );
  const results = new Set([...sides.ours, ...sides.theirs].map(({ result }) => result));
  if (results.size > 1) throw new Error(`The merges differ: ${[...results].join('; ')}`);
  enter('merge / delta-rs', 'at most 0.20', sides);
  report['merge: bytes written / changes'] = {
    target: 'at most 3',
    ratio: (written / statSync(changes).size).toFixed(2),
    ours: `${(written / 1e6).toFixed(2)} MB`,
    theirs: `${(statSync(changes).size / 1e6).toFixed(2)} MB`,
  };
}

/** What a merge wrote beside the log: rows, their change feed and deletion vectors. */
function newBytes(before: string, after: string): number {
  const known = fileSizes(before);
  let bytes = 0;
  for (const [path, size] of fileSizes(after)) {
    if (!known.has(path) && !path.startsWith('_delta_log')) bytes += size;
  }
  return bytes;
}

async function compareLongLogs({ rows }: DeltaRows): Promise<void> {
  const [long, short] = [join(data, 'delta-10000-commits'), join(data, 'delta-10-commits')];
  await writeLongLog(long, 10_000, rows);
  await writeLongLog(short, 10, rows);
  const turn = (table: string) => (): Figures => runStep('open', table);
  enter('open 10,000 commits / 10 commits', 'at most 1.5', inTurns(turn(long), turn(short), TURNS * 3));
}

function compareManyFiles(): void {
  const name = 'open 300,000 files / delta-rs';
  if (!existsSync(MANY_FILES)) {
    report[name] = { target: 'at most 1', ratio: 'skipped: ../shared is not beside the project' };
    return;
  }
  const unpacked = join(folder, 'many');
  mkdirSync(unpacked);
  const tar = spawnSync('tar', ['--zstd', '-xf', MANY_FILES, '-C', unpacked], { encoding: 'utf8' });
  if (tar.status !== 0) {
    report[name] = { target: 'at most 1', ratio: `skipped: tar cannot unpack it (${tar.stderr.trim()})` };
    return;
  }
  const table = join(unpacked, '300k-add-files-100-col-partitioned');
  for (const [step, what] of [
    ['open', name],
    ['files', `${name}, and list them`],
  ] as const) {
    const theirs = python === undefined ? undefined : (): Figures => runDeltaRs(python, step, table);
    enter(
      what,
      'at most 1',
      inTurns(() => runStep(step, table), theirs, TURNS),
    );
  }
}

function inTurns(ours: () => Figures, theirs: (() => Figures) | undefined, turns = TURNS): Sides {
  const done: { ours: Figures[]; theirs: Figures[] } = { ours: [], theirs: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    done.ours.push(ours());
    if (theirs !== undefined) done.theirs.push(theirs());
  }
  return done;
}

function enter(name: string, target: string, { ours, theirs }: Sides): void {
  const side = (figures: readonly Figures[]): string =>
    `${medianOf(figures, 'seconds').toFixed(2)} s, CPU ${medianOf(figures, 'cpuSeconds').toFixed(2)} s`;
  const ratio = (figure: 'seconds' | 'cpuSeconds' | 'processSeconds'): string =>
    theirs.length === 0 ? '' : (medianOf(ours, figure) / medianOf(theirs, figure)).toFixed(2);
  report[name] = {
    target,
    ratio: ratio('seconds'),
    'ratio, CPU': ratio('cpuSeconds'),
    'ratio, whole process': ratio('processSeconds'),
    ours: side(ours),
    theirs: theirs.length === 0 ? '' : side(theirs),
    'peak, ours (GB)': (peakOf(ours) / 1e9).toFixed(2),
    'peak, theirs (GB)': theirs.length === 0 ? '' : (peakOf(theirs) / 1e9).toFixed(2),
    load: loadavg()[0]?.toFixed(1) ?? '',
  };
}
