import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../test/support/external.ts';
import type { Days } from './data.ts';

const MANIFEST = join(import.meta.dirname, 'csv-diff', 'Cargo.toml');
const TIME = '/usr/bin/time';

export interface CsvDiffTaken {
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** What comparing the two files alone takes in the Rust crate csv-diff, or why it was not tried. */
export function compareCsvDiff(days: Days): CsvDiffTaken | string {
  if (process.env['BENCH_CSV_DIFF'] === '0') return 'left out';
  if (!existsSync(TIME)) return `there is no ${TIME}`;
  const target = cacheDir('csv-diff', ['csv-diff']);
  const build = ['build', '--release', '--quiet', '--manifest-path', MANIFEST, '--target-dir', target];
  const built = spawnSync('cargo', build, { encoding: 'utf8' });
  if (built.error !== undefined) return 'there is no cargo';
  if (built.status !== 0) return `cargo could not build it: ${built.stderr.trim().split('\n').at(-1) ?? ''}`;
  const program = join(target, 'release', 'compare');
  const child = spawnSync(TIME, ['-f', '%U %S %M', program, days.day1, days.day2], { encoding: 'utf8' });
  if (child.status !== 0) return `failed: ${child.stderr.trim()}`;
  const [user = 0, system = 0, kilobytes = 0] = child.stderr.trim().split(/\s+/).map(Number);
  return { cpuSeconds: user + system, peakBytes: kilobytes * 1024 };
}
