import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Measured {
  readonly seconds: number;
  /** Of all its threads, user and system. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(
  `import { writeFileSync } from 'node:fs';
   process.on('exit', () => {
     const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
     writeFileSync(process.env.BENCH_PEAK, [maxRSS * 1024, (userCPUTime + systemCPUTime) / 1e6].join(' '));
   });`,
)}`;

/** Runs a Node program as a process of its own: its whole time, from start to exit, its CPU time and peak memory. */
export function measureNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Measured {
  const peak = join(mkdtempSync(join(tmpdir(), 'igarape-bench-')), 'peak');
  const start = performance.now();
  const child = spawnSync(process.execPath, ['--import', REPORT_PEAK, ...args], {
    env: { ...process.env, ...env, BENCH_PEAK: peak },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = (performance.now() - start) / 1000;
  if (child.status !== 0)
    throw new Error(`${args.join(' ')} ended with ${child.status}:\n${child.stderr}\n${child.stdout}`);
  const [peakBytes = 0, cpuSeconds = 0] = readFileSync(peak, 'utf8').split(' ').map(Number);
  return { seconds, cpuSeconds, peakBytes, stdout: child.stdout, stderr: child.stderr };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('There is nothing to take a median of.');
  return middle;
}
