import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changes, explore, openLake, runOnce } from '../src/index.ts';
import { measureNode, median } from './measure.ts';

// What looking into a lake costs: npx tsx bench/page.ts. Targets are those of a table of ten million rows, of which a run
// changes a million; BENCH_ROWS and BENCH_CHANGES make them smaller.
const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const ROWS = Number(process.env['BENCH_ROWS'] ?? 10_000_000);
const CHANGES = Number(process.env['BENCH_CHANGES'] ?? 1_000_000);
const TURNS = Number(process.env['BENCH_TURNS'] ?? 5);

const rows: Record<string, Record<string, string>> = {};

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A lake of one table: a full-load, then a run that changes rows all over it. */
async function largeTable(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  mkdirSync(join(folder, 'source'));
  const lake = await openLake(
    {
      source: { type: 'files', path: './source' },
      tables: [{ name: 't', pk: 'id', format: 'parquet', file: 't.parquet' }],
    },
    { folder },
  );
  const write = async (changed: number): Promise<void> => {
    const { Engine } = await import('../src/engine/engine.ts');
    const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(folder, 'spill') });
    try {
      await engine.run(
        `COPY (SELECT md5(CAST(i AS VARCHAR)) AS id, 'name ' || i AS name, i % 97 AS points,
            CASE WHEN i % ${Math.round(ROWS / CHANGES)} = 0 THEN ${changed} ELSE 0 END AS n
          FROM range(${ROWS}) r(i)) TO '${join(folder, 'source', 't.parquet')}' (FORMAT parquet)`,
      );
    } finally {
      engine.close();
    }
  };
  await write(0);
  await runOnce(lake);
  await write(1);
  const { report } = await runOnce(lake);
  const total = report.tables['t']?.updated ?? 0;
  await explore(lake, async (reader) => {
    await changes(reader, { run: 1, table: 't' });
    const pages: number[] = [];
    const old: number[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const offset of [0, Math.floor(total / 2), total - 100]) {
        pages.push(await cpuMs(async () => changes(reader, { run: 1, table: 't', offset })));
        old.push(await cpuMs(async () => changes(reader, { run: 1, table: 't', offset, before: true })));
      }
    }
    rows[`a page of ${total} changes`] = { 'CPU (ms)': median(pages).toFixed(0), target: '≤ 25' };
    rows[`its old values among ${ROWS} rows`] = { 'CPU (ms)': median(old).toFixed(0), target: '≤ 1200' };
  });
  rmSync(folder, { recursive: true, force: true });
}

const SCREENS = [
  'overview',
  'status',
  'graph',
  'cycles',
  'run?run=1',
  'changes?run=1&table=transacoes&before=1',
  'columns?run=1&table=transacoes',
  'find?q=1',
  'rows?table=silver.transacoes',
  'rows?table=silver.transacoes&sort=idTransacao',
  'profile?table=silver.transacoes',
  'versions?table=gold.daily',
  'cubes',
  'cube?table=gold.daily&measure=nrTransacoes',
];

/** The demonstration's page: from its start to its first view, and after every screen. */
async function demoPage(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  measureNode([CLI, 'demo', '--json', '--lake', join(folder, 'demo')]);
  const config = join(folder, 'demo', 'igarape.json');
  const server = spawn(process.execPath, [
    CLI,
    'ui',
    '--no-open',
    '--json',
    '--port',
    '0',
    '--config',
    config,
  ]);
  try {
    const printed = await new Promise<string>((resolve, reject) => {
      server.stdout.once('data', (data: Buffer) => resolve(String(data)));
      server.once('exit', () => reject(new Error('The server did not start.')));
    });
    const { address }: { address: string } = JSON.parse(printed);
    rows['ui, from start to listening'] = { 'CPU (ms)': String(cpuOf(server.pid)), target: '≤ 1000' };
    const [origin = '', token = ''] = address.split('/#token=');
    const session = await fetch(`${origin}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const headers = { cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '' };
    let bytes = 0;
    for (const path of ['/', '/main.js', '/style.css', '/api/overview', '/api/status'])
      bytes += await transferred(`${origin}${path}`, headers);
    rows['ui, first view'] = { 'wire (kB)': (bytes / 1000).toFixed(0), target: '≤ 120' };
    for (const screen of SCREENS) await transferred(`${origin}/api/${screen}`, headers);
    const resident = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
    rows['ui, after all screens'] = { 'memory (MB)': (resident / 1000).toFixed(0), target: '≤ 250' };
    const report = join(folder, 'report.html');
    measureNode([CLI, 'report', '--config', config, '--out', report]);
    rows['report of the demo'] = { 'size (kB)': (statSync(report).size / 1000).toFixed(0), target: '≤ 400' };
  } finally {
    server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Bytes of an answer as they are sent: of what is packed, the packed ones. */
async function transferred(url: string, headers: Record<string, string>): Promise<number> {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(url, { headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => (answer.statusCode === 200 ? resolve(bytes) : reject(new Error(url))));
    }).on('error', reject);
  });
}

/** Milliseconds of user and system time of a process; a tick of Linux is ten. */
function cpuOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

await demoPage();
await largeTable();
console.table(rows);
