import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonWith } from '../test/support/external.ts';
import {
  type DeltaRows,
  linkAsPlain,
  type SingleUpdates,
  writeDeltaRows,
  writeLongLog,
  writeManyFiles,
  writeShuffled,
  writeSingleUpdates,
} from './delta-data.ts';
import { type Figures, medianOf, peakOf, runDeltaRs, runStep } from './delta-steps.ts';
import { fileSizes, linkTree } from './trees.ts';

// BENCH_DELTA_TURNS: how often each side has its turn. BENCH_DELTA_ROWS: the rows of the table, 10 million unless told
// otherwise; 40,000 changes are merged into however many. BENCH_DELTA=0 leaves all of this out of `npm run bench`.
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
let highest = 0;
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
  const single = await writeSingleUpdates(folder, rows);
  compareMerge(rows, single);
  compareKeys(rows.changes, await writeShuffled(rows), single);
  await compareLongLogs(rows);
  compareCounts(rows);
  compareManyFiles();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.table(report);
console.log(
  `ratio: ours / theirs, of the medians. CPU: user and system time. Peak: of whole processes; the highest of ours ${(highest / 1e9).toFixed(2)} GB (target: under 1.5).`,
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

/** Both sides merge into the same table; delta-rs into one without a change data feed, too, which is less work. */
function compareMerge({ rows, changes }: DeltaRows, single: SingleUpdates): void {
  const [table, plain, copy] = [join(folder, 'table'), join(folder, 'plain'), join(folder, 'merged')];
  linkAsPlain(table, plain, rows);
  let written = 0;
  const ours = (): Figures => {
    const figures = onCopyOf(table, copy, () => runStep('merge', copy, changes));
    written = newBytes(table, copy);
    return figures;
  };
  const theirs = (original: string): (() => Figures) | undefined =>
    python === undefined
      ? undefined
      : () => onCopyOf(original, copy, () => runDeltaRs(python, 'merge', copy, changes));
  const same = inTurns(ours, theirs(table));
  enter('merge / delta-rs', 'at most 0.20', same);
  const withoutFeed = inTurns(ours, theirs(plain));
  enter('merge / delta-rs without a feed', '', withoutFeed);
  const results = new Set(
    [same, withoutFeed].flatMap((each) => [...each.ours, ...each.theirs].map(({ result }) => result)),
  );
  if (results.size > 1) throw new Error(`The merges differ: ${[...results].join('; ')}`);
  enter(
    'merge of 1 key (CPU at most 0.1 s)',
    '',
    inTurns(() => onCopyOf(table, copy, () => runStep('merge', copy, single[0])), undefined),
  );
  const given = statSync(changes).size;
  report['merge: bytes written / changes'] = {
    target: 'at most 3',
    ratio: (written / given).toFixed(2),
    ours: `${(written / 1e6).toFixed(2)} MB`,
    theirs: `${(given / 1e6).toFixed(2)} MB`,
  };
}

/** Merges into rows that lie in no order, with a sieve of their keys and without; and of one key, by an index and without. */
function compareKeys(changes: string, rows: string, [first, second, third]: SingleUpdates): void {
  const [table, copy] = [join(folder, 'shuffled'), join(folder, 'merged')];
  runStep('create', table, rows, '{}');
  runStep('append', table, rows);
  const merge = (source: string, ...more: string[]): Figures =>
    onCopyOf(table, copy, () => runStep('merge', copy, source, ...more));
  const KEYS = [
    ['number', 'whole numbers'],
    ['id', 'texts'],
  ] as const;
  for (const [key, what] of KEYS)
    enter(
      `merge by ${what} in no order, with a sieve / without`,
      '',
      inTurns(
        () => merge(changes, key),
        () => merge(changes, key, 'unsieved'),
      ),
    );
  for (const [key, what] of KEYS) {
    const indexed = join(folder, `indexed-${key}`);
    linkTree(table, indexed);
    // The second of two writes the index.
    for (const one of [first, second]) runStep('merge', indexed, one, key);
    enter(
      `merge of 1 key in no order, of ${what}, by an index / without`,
      'CPU at most 0.1 s',
      inTurns(
        () => onCopyOf(indexed, copy, () => runStep('merge', copy, third, key)),
        () => merge(third, key),
      ),
    );
  }
}

function onCopyOf(original: string, copy: string, step: () => Figures): Figures {
  rmSync(copy, { recursive: true, force: true });
  linkTree(original, copy);
  return step();
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

/** Up to 10 commits there is no checkpoint; the eleventh brings one. */
async function compareLongLogs({ rows }: DeltaRows): Promise<void> {
  const log = async (commits: number): Promise<() => Figures> => {
    const table = join(data, `delta-${commits}-commits`);
    await writeLongLog(table, commits, rows);
    return () => runStep('open', table);
  };
  const long = await log(10_000);
  for (const commits of [10, 11]) {
    const what = commits > 10 ? ' and a checkpoint' : '';
    const sides = inTurns(long, await log(commits), TURNS * 3);
    enter(`open 10,000 commits / ${commits} commits${what}`, 'at most 1.5', sides);
  }
}

function compareCounts({ rows }: DeltaRows): void {
  const table = join(data, 'delta-10000-files');
  writeManyFiles(table, 10_000, rows);
  const theirs = python === undefined ? undefined : (): Figures => runDeltaRs(python, 'count', table);
  const sides = inTurns(() => runStep('count', table), theirs, TURNS * 3);
  if (new Set([...sides.ours, ...sides.theirs].map(({ result }) => result)).size > 1)
    throw new Error('The counts differ.');
  enter('count the rows of 10,000 files / delta-rs', 'at most 2', sides);
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
  const checkpointed = join(unpacked, 'checkpointed');
  cpSync(table, checkpointed, { recursive: true });
  runStep('checkpoint', checkpointed);
  for (const file of readdirSync(join(checkpointed, '_delta_log')))
    if (/^\d+\.json$/.test(file)) rmSync(join(checkpointed, '_delta_log', file));
  const both = inTurns(
    () => runStep('open', checkpointed),
    () => runStep('open', table),
  );
  enter('open 300,000 files from a checkpoint / from JSON', 'at most 1', both);
  const ofOne = inTurns(
    () => runStep('partition', checkpointed, 'partition_col'),
    () => runStep('open', checkpointed),
  );
  enter('open it, and ask for one partition / open it', '', ofOne);
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
  highest = Math.max(highest, peakOf(ours));
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
