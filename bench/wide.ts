import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Measured, measureNode } from './measure.ts';

const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const CELLS = Number(process.env['BENCH_CELLS'] ?? 10_000_000);
const COLUMNS = [10, 100, 1000];

/** A day of a table of integers, decimals, dates and texts; on the second day some rows have another value in one column. */
async function writeDay(path: string, columns: number, day: number): Promise<void> {
  const kinds = [
    (seed: number) => `hash(i, ${seed}) % 100000`,
    (seed: number) => `(hash(i, ${seed}) % 1000000) / 100.0`,
    (seed: number) => `DATE '2024-01-01' + (hash(i, ${seed}) % 365)::INTEGER`,
    (seed: number) => `'text ' || hash(i, ${seed}) % 1000`,
  ];
  const values = Array.from(
    { length: columns - 2 },
    (_, index) => `${kinds[index % kinds.length]?.(index) ?? 'i'} AS c${index}`,
  );
  const changed = `CASE WHEN i % 50 = 7 THEN ${day} ELSE 0 END AS changed`;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT i AS id, ${changed}, ${values.join(', ')} FROM range(${Math.floor(CELLS / columns)}) t(i)) TO '${path}' (HEADER)`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** The first and the second run over a table of so many columns. */
async function measure(columns: number): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  mkdirSync(join(folder, 'source'));
  const config = join(folder, 'igarape.json');
  const tables = [{ name: 't', pk: 'id' }];
  writeFileSync(config, JSON.stringify({ source: { type: 'files', path: './source' }, tables }));
  const runs: Measured[] = [];
  for (const day of [1, 2]) {
    await writeDay(join(folder, 'source', 't.csv'), columns, day);
    runs.push(measureNode([CLI, 'run', '--json', '--log-level', 'silent', '--config', config]));
  }
  rmSync(folder, { recursive: true, force: true });
  return runs;
}

const rows: Record<string, Record<string, string>> = {};
let narrow: readonly Measured[] | undefined;
for (const columns of COLUMNS) {
  const runs = await measure(columns);
  narrow ??= runs;
  for (const [index, run] of runs.entries()) {
    const before = narrow[index] ?? run;
    rows[`${columns} columns, ${index === 0 ? 'first' : 'second'} run`] = {
      'CPU (s)': run.cpuSeconds.toFixed(2),
      'peak (GB)': (run.peakBytes / 1e9).toFixed(2),
      'CPU, of the narrowest': (run.cpuSeconds / before.cpuSeconds).toFixed(2),
      'peak, of the narrowest': (run.peakBytes / before.peakBytes).toFixed(2),
    };
  }
}
console.log(`${CELLS.toLocaleString('en')} values in more and more columns:`);
console.table(rows);
