import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake, runOnce } from '../src/index.ts';
import { measureNode } from './measure.ts';

// Lakes of many tables, and of many runs: npx tsx bench/lakes.ts
const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const TABLES = Number(process.env['BENCH_TABLES'] ?? 500);
const RUNS = Number(process.env['BENCH_RUNS'] ?? 600);

function writeTable(folder: string, name: string, rows: number, change: number): void {
  const lines = Array.from({ length: rows }, (_, id) => {
    const day = String(1 + (id % 28)).padStart(2, '0');
    return `${id},name ${id},city ${id % 7},${id * 1.5},2024-01-${day},${id % 97 === change % 97 ? change : 0}`;
  });
  writeFileSync(join(folder, 'source', `${name}.csv`), `id,name,city,points,day,n\n${lines.join('\n')}\n`);
}

function project(names: readonly string[]): { folder: string; config: string } {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  mkdirSync(join(folder, 'source'));
  const config = join(folder, 'igarape.json');
  const tables = names.map((name) => ({ name, pk: 'id' }));
  writeFileSync(config, JSON.stringify({ source: { type: 'files', path: './source' }, tables }));
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

console.table(manyTables());
console.table(await manyRuns());
