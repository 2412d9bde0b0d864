import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake, runOnce } from '../src/index.ts';
import { measureNode } from './measure.ts';

// Lakes of many tables, of many models, and of many runs: npx tsx bench/lakes.ts
const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const TABLES = Number(process.env['BENCH_TABLES'] ?? 500);
const MODELS = Number(process.env['BENCH_MODELS'] ?? 100);
const RUNS = Number(process.env['BENCH_RUNS'] ?? 600);

function writeTable(folder: string, name: string, rows: number, change: number): void {
  const lines = Array.from({ length: rows }, (_, id) => {
    const day = String(1 + (id % 28)).padStart(2, '0');
    return `${id},name ${id},city ${id % 7},${id * 1.5},2024-01-${day},${id % 97 === change % 97 ? change : 0}`;
  });
  writeFileSync(join(folder, 'source', `${name}.csv`), `id,name,city,points,day,n\n${lines.join('\n')}\n`);
}

function project(
  names: readonly string[],
  layers: readonly string[] = [],
): { folder: string; config: string } {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  mkdirSync(join(folder, 'source'));
  const config = join(folder, 'igarape.json');
  const tables = names.map((name) => ({ name, pk: 'id' }));
  writeFileSync(config, JSON.stringify({ source: { type: 'files', path: './source' }, tables, layers }));
  return { folder, config };
}

function newestEntryBytes(folder: string): number {
  const ledger = join(folder, 'lake', '_igarape', 'ledger');
  return statSync(join(ledger, readdirSync(ledger).toSorted().at(-1) ?? '')).size;
}

function manyTables(): Record<string, Record<string, string>> {
  const names = Array.from({ length: TABLES }, (_, index) => `t${index}`);
  const { folder, config } = project(names);
  const rows: Record<string, Record<string, string>> = {};
  const measure = (what: string, changed: readonly string[], change: number): void => {
    for (const name of changed) writeTable(folder, name, 200, change);
    const run = measureNode([CLI, 'run', '--json', '--log-level', 'silent', '--config', config]);
    rows[`${TABLES} tables, ${what}`] = {
      'CPU (s)': run.cpuSeconds.toFixed(2),
      'CPU a table (ms)': ((run.cpuSeconds * 1000) / TABLES).toFixed(1),
      'peak (MB)': (run.peakBytes / 1e6).toFixed(0),
      'ledger entry (kB)': (newestEntryBytes(folder) / 1000).toFixed(1),
    };
  };
  measure('first run', names, 0);
  measure('a change in each', names, 1);
  measure('a change in one', names.slice(0, 1), 2);
  rmSync(folder, { recursive: true, force: true });
  return rows;
}

/** What models are over their source, of which each gives one row for a changed one. */
const SHAPES: Readonly<Record<string, readonly [of: (source: string) => string, isChain: boolean]>> = {
  'side by side': [
    (source) => `-- key: id\nSELECT id, upper(name) AS name, points, day, n FROM ${source}`,
    false,
  ],
  'in a chain': [
    (source) => `-- key: id\nSELECT id, name, points + 1 AS points, day, n FROM ${source}`,
    true,
  ],
  'of groups': [
    (source) => `-- key: day\nSELECT day, count(*) AS rows, sum(n) AS n FROM ${source} GROUP BY day`,
    false,
  ],
  joined: [
    (source) =>
      `-- key: id\nSELECT t.id, t.name, o.n, o.points FROM ${source} AS t JOIN ${source} AS o ON o.id = t.id`,
    false,
  ],
};

function manyModels(): Record<string, Record<string, string>> {
  const rows: Record<string, Record<string, string>> = {};
  for (const [shape, [of, isChain]] of Object.entries(SHAPES)) {
    const { folder, config } = project(['t'], ['bronze', 'silver']);
    mkdirSync(join(folder, 'models', 'silver'), { recursive: true });
    for (let index = 0; index < MODELS; index += 1) {
      const source = isChain && index > 0 ? `silver.m${index - 1}` : 'bronze.t';
      writeFileSync(join(folder, 'models', 'silver', `m${index}.sql`), `${of(source)}\n`);
    }
    const measure = (what: string): void => {
      const run = measureNode([CLI, 'run', '--json', '--log-level', 'silent', '--config', config]);
      rows[`${MODELS} models ${shape}, ${what}`] = {
        'CPU (s)': run.cpuSeconds.toFixed(2),
        'CPU a model (ms)': ((run.cpuSeconds * 1000) / MODELS).toFixed(1),
        'peak (MB)': (run.peakBytes / 1e6).toFixed(0),
      };
    };
    writeTable(folder, 't', 5000, 4000);
    measure('first run');
    const csv = join(folder, 'source', 't.csv');
    writeFileSync(
      csv,
      readFileSync(csv, 'utf8')
        .replace('\n7,name 7,', '\n7,name seven,')
        .replace(/^(7,.*,)\d+$/m, '$1400'),
    );
    measure('one row changed');
    measure('nothing changed');
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

async function manyRuns(): Promise<Record<string, Record<string, string>>> {
  const { folder, config } = project(['t']);
  const lake = await openLake(config);
  for (let run = 0; run < RUNS; run += 1) {
    writeTable(folder, 't', 2000, run);
    await runOnce(lake);
  }
  const rows: Record<string, Record<string, string>> = {};
  for (const command of ['verify', 'verify --since', 'verify --since', 'status', 'history', 'plan']) {
    const { cpuSeconds, peakBytes } = measureNode([CLI, ...command.split(' '), '--json', '--config', config]);
    const again = rows[`${RUNS} runs, ${command}`] === undefined ? '' : ' again';
    rows[`${RUNS} runs, ${command}${again}`] = {
      'CPU (s)': cpuSeconds.toFixed(2),
      'peak (MB)': (peakBytes / 1e6).toFixed(0),
    };
  }
  rmSync(folder, { recursive: true, force: true });
  return rows;
}

if (TABLES > 0) console.table(manyTables());
if (MODELS > 0) console.table(manyModels());
if (process.env['BENCH_RUNS'] !== '0') console.table(await manyRuns());
