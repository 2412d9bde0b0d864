import { linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Days } from './data.ts';
import { writeTransactions } from './lakehouse-data.ts';
import { type Measured, measureNode, median } from './measure.ts';
import { linkTree } from './trees.ts';
import { type OtherEngine, otherEngines } from './upsert.ts';

// The layers of a lakehouse: what 40,000 changes cost, against making the same layers anew, and against fewer rows. The
// changes are on random keys, and so on every date: no cube is spared by its dates.

const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const TURNS = Number(process.env['BENCH_LAKEHOUSE_TURNS'] ?? 3);
const SIZES = (process.env['BENCH_LAKEHOUSE_ROWS'] ?? '1000000,10000000').split(',').map(Number);

const SILVER = `-- key: transaction_id
SELECT id AS transaction_id, client AS client_id, product, created_at, points
FROM bronze.transactions
WHERE points IS NOT NULL
`;

const cube = (windowDays: number): string => `-- dt_ref: created_at
-- window: ${windowDays} days
SELECT $dt_ref AS dt_ref, GROUPING(product) AS level, product,
  count(*) AS transactions, count(DISTINCT client_id) AS clients, sum(points) AS points
FROM silver.transactions
GROUP BY GROUPING SETS ((product), ())
`;

/** Gold by its cubes; the second is what the loyalty system has. */
const CUBES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a daily cube': { daily: cube(1) },
  'a daily cube and one of 28 days': { daily: cube(1), monthly: cube(28) },
};

interface Project {
  run(...options: string[]): Measured;
  useDay(path: string): void;
  save(): void;
  restore(): void;
  /** The bronze table, and the newest change file. */
  readonly bronze: string;
  changeFile(): string;
}

function openProject(folder: string, cubes: Readonly<Record<string, string>>): Project {
  const [project, saved] = [join(folder, 'project'), join(folder, 'saved')];
  mkdirSync(join(project, 'source'), { recursive: true });
  const config = join(project, 'igarape.json');
  for (const layer of ['silver', 'gold']) mkdirSync(join(project, 'models', layer), { recursive: true });
  writeFileSync(join(project, 'models', 'silver', 'transactions.sql'), SILVER);
  for (const [name, sql] of Object.entries(cubes))
    writeFileSync(join(project, 'models', 'gold', `${name}.sql`), sql);
  let lakes = 0;
  writeFileSync(
    config,
    JSON.stringify({
      source: { type: 'files', path: './source' },
      layers: ['bronze', 'silver', 'gold'],
      tables: [{ name: 'transactions', pk: 'id' }],
    }),
  );
  return {
    run: (...options) =>
      measureNode([CLI, 'run', '--json', '--log-level', 'silent', '--config', config, ...options]),
    useDay(path) {
      const file = join(project, 'source', 'transactions.parquet');
      rmSync(file, { force: true });
      linkSync(path, file);
    },
    bronze: join(project, 'lake', 'bronze', 'transactions'),
    changeFile() {
      const name = readdirSync(join(project, 'lake', 'cdc')).at(-1);
      if (name === undefined) throw new Error('The second day has changes.');
      return join(project, 'lake', 'cdc', name);
    },
    save: () => linkTree(join(project, 'lake'), join(saved, 'lake')),
    restore() {
      // Not removed yet: file systems are slow to create files where many have just gone.
      renameSync(join(project, 'lake'), join(folder, `lake-${(lakes += 1)}`));
      linkTree(join(saved, 'lake'), join(project, 'lake'));
    },
  };
}

const LAYERS = ['--only', 'bronze,silver,gold'];

interface Turns extends Record<'first' | 'changes' | 'anew', readonly Measured[]> {
  /** Our upsert of the change file into bronze alone, and that of others. */
  readonly upsert: readonly Measured[];
  readonly others: Readonly<Record<string, number>>;
}

function measure(
  days: Days,
  cubes: Readonly<Record<string, string>>,
  engines: readonly OtherEngine[],
): Turns {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  try {
    const project = openProject(folder, cubes);
    project.useDay(days.day1);
    project.run('--only', 'raw');
    const first = project.run(...LAYERS);
    project.useDay(days.day2);
    project.run('--only', 'raw');
    project.save();
    const turns = Array.from({ length: TURNS }, () => {
      // Both start from a lake whose layers lack the changes, and leave the same tables.
      project.restore();
      const changes = project.run(...LAYERS);
      project.restore();
      return { changes, anew: project.run(...LAYERS, '--full-refresh') };
    });
    const upsert = turns.map(() => {
      project.restore();
      return project.run('--only', 'bronze');
    });
    const others: Record<string, number> = {};
    for (const { name, upsert: run } of engines) {
      project.restore();
      others[name] = run(project.bronze, project.changeFile());
    }
    const [changes, anew] = [turns.map((turn) => turn.changes), turns.map((turn) => turn.anew)];
    return { first: [first], changes, anew, upsert, others };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const rows: Record<string, Record<string, string>> = {};
const engines = await otherEngines();
for (const [name, cubes] of Object.entries(CUBES)) {
  const changesTook: number[] = [];
  for (const size of SIZES) {
    const days = await writeTransactions(join(tmpdir(), 'igarape-bench-data'), size);
    const isWithOthers = size === SIZES.at(-1) && name === Object.keys(CUBES)[0];
    const { others, ...measured } = measure(days, cubes, isWithOthers ? engines : []);
    const seconds = (list: readonly Measured[]): number => median(list.map((each) => each.seconds));
    const peak = (list: readonly Measured[]): string =>
      (Math.max(...list.map((each) => each.peakBytes)) / 1e9).toFixed(2);
    changesTook.push(seconds(measured.changes));
    rows[`${size.toLocaleString('en')} rows, ${name}`] = {
      'first (s)': seconds(measured.first).toFixed(2),
      '40,000 changes (s)': seconds(measured.changes).toFixed(2),
      'full refresh (s)': seconds(measured.anew).toFixed(2),
      'changes / full refresh (target at 10 million: under 0.25)': (
        seconds(measured.changes) / seconds(measured.anew)
      ).toFixed(2),
      'peak (GB), changes': peak(measured.changes),
      'peak (GB), highest': peak(Object.values(measured).flat()),
    };
    for (const [engine, theirs] of Object.entries(others)) {
      const ours = seconds(measured.upsert);
      console.log(
        `the upsert into bronze of ${size.toLocaleString('en')} rows, ours (whole process) / ${engine} (merge alone): ${ours.toFixed(2)} s / ${theirs.toFixed(2)} s = ${(ours / theirs).toFixed(2)}`,
      );
    }
  }
  const [small, large] = changesTook;
  if (small !== undefined && large !== undefined)
    console.log(
      `${name}: 40,000 changes into the largest / the smallest: ${(large / small).toFixed(1)} x (target: at most 3)`,
    );
}
console.table(rows);
