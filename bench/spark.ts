import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sparkPython } from '../test/support/python.ts';
import type { RunReport } from '../src/pipeline/report.ts';
import { startSpark } from '../test/support/spark-server.ts';
import { writeTransactions } from './lakehouse-data.ts';
import { type Measured, measureNode } from './measure.ts';

// The same models on DuckDB and on a Spark of this machine: made for the first time, made anew, and with 40,000 changes. How
// many statements Spark is sent is what counts on a cluster; the seconds are those of `local[2]`, with both side by side.

const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const SIZE = Number(process.env['BENCH_SPARK_ROWS'] ?? 1_000_000);

const MODELS: Readonly<Record<string, string>> = {
  'silver/transactions.sql': `-- key: transaction_id
SELECT id AS transaction_id, client AS client_id, product, created_at, points
FROM bronze.transactions
WHERE points IS NOT NULL
`,
  'silver/clients.sql': `-- key: client_id
SELECT client_id, count(*) AS transactions, sum(points) AS points, max(created_at) AS newest
FROM silver.transactions
GROUP BY client_id
`,
  'gold/products.sql': `-- key: product
SELECT product, count(*) AS transactions, count(DISTINCT client_id) AS clients, sum(points) AS points
FROM silver.transactions
GROUP BY product
`,
};

const ENGINES = ['duckdb', 'spark'] as const;

type EngineName = (typeof ENGINES)[number];

const spark = await sparkPython();
if (!spark.here) throw new Error(spark.reason);
const server = await startSpark(spark.value, { isForManyRows: true });
const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
try {
  const days = await writeTransactions(join(tmpdir(), 'igarape-bench-data'), SIZE);
  const run = (engine: EngineName, ...options: string[]): Measured =>
    measureNode(
      [
        CLI,
        'run',
        '--json',
        '--config',
        join(folder, engine, 'igarape.json'),
        '--engine',
        engine,
        ...options,
      ],
      { SPARK_REMOTE: server.address },
    );
  const use = (engine: EngineName, path: string): void => {
    const file = join(folder, engine, 'source', 'transactions.parquet');
    rmSync(file, { force: true });
    linkSync(path, file);
  };
  const took: Record<string, Record<string, string>> = {};
  const note = (what: string, engine: EngineName, { seconds, cpuSeconds, stdout }: Measured): void => {
    const { layers: reports = {} }: RunReport = JSON.parse(stdout);
    const statements = Object.entries(reports)
      .map(([name, report]) => `${name} ${report.statements ?? 0}`)
      .join(', ');
    took[what] = {
      ...took[what],
      [engine]: `${seconds.toFixed(1)} s (CPU of igarapé ${cpuSeconds.toFixed(1)} s)`,
      ...(engine === 'spark' ? { statements } : {}),
    };
  };
  const layers = ['--only', 'silver,gold'];
  for (const engine of ENGINES) {
    for (const part of ['source', 'models/silver', 'models/gold'])
      mkdirSync(join(folder, engine, part), { recursive: true });
    for (const [name, sql] of Object.entries(MODELS))
      writeFileSync(join(folder, engine, 'models', name), sql);
    const tables = [{ name: 'transactions', pk: 'id' }];
    const config = {
      source: { type: 'files', path: './source' },
      layers: ['bronze', 'silver', 'gold'],
      tables,
    };
    writeFileSync(join(folder, engine, 'igarape.json'), JSON.stringify(config));
    use(engine, days.day1);
    run(engine, '--only', 'raw,bronze');
  }
  for (const engine of ENGINES) note('made for the first time', engine, run(engine, ...layers));
  for (const engine of ENGINES) note('made anew', engine, run(engine, ...layers, '--full-refresh'));
  for (const engine of ENGINES) {
    use(engine, days.day2);
    run(engine, '--only', 'raw,bronze');
  }
  for (const engine of ENGINES) note('with 40,000 changes', engine, run(engine, ...layers));
  for (const engine of ENGINES) note('without changes', engine, run(engine, ...layers));
  console.log(`Silver and gold of ${SIZE.toLocaleString('en')} rows, three models:`);
  console.table(took);
} finally {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
