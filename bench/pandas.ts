import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { framesPython } from '../test/support/python.ts';
import type { Days } from './data.ts';

const SCRIPT = join(import.meta.dirname, 'pandas_compare.py');
const PEAK =
  'import resource, runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0]); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)';

/** What the reading and comparing alone takes in pandas: time and peak memory, or why it was not tried. */
export async function comparePandas(days: Days): Promise<string> {
  if (process.env['BENCH_PANDAS'] === '0') return 'left out';
  const python = await framesPython();
  if (!python.here) return python.reason;
  const start = performance.now();
  const child = spawnSync(python.value, ['-c', PEAK, SCRIPT, days.day1, days.day2], { encoding: 'utf8' });
  const seconds = (performance.now() - start) / 1000;
  if (child.status !== 0) return `failed: ${child.stderr.trim().split('\n').at(-1) ?? ''}`;
  const peakKilobytes = Number(child.stdout.trim().split('\n').at(-1));
  return `${seconds.toFixed(0)} s, ${((peakKilobytes * 1024) / 1e9).toFixed(1)} GB`;
}
