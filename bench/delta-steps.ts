import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { median } from './measure.ts';

const FIGURES = z.object({
  /** The step's own time, without the start of its process. */
  seconds: z.number(),
  /** User and system time of all its threads. */
  cpuSeconds: z.number(),
  /** Of the whole process. */
  peakBytes: z.number(),
  /** What it counted. */
  result: z.string(),
});

export type Figures = z.infer<typeof FIGURES> & {
  /** From the start of the process to its exit. */
  readonly processSeconds: number;
};

/** Runs a step of ours, `bench/delta-step.mjs`, as a process of its own. */
export function runStep(...args: readonly string[]): Figures {
  return runProcess(process.execPath, [join(import.meta.dirname, 'delta-step.mjs'), ...args]);
}

/** Runs a step of delta-rs, `bench/delta_rs.py`, as a process of its own. */
export function runDeltaRs(python: string, ...args: readonly string[]): Figures {
  return runProcess(python, [join(import.meta.dirname, 'delta_rs.py'), ...args]);
}

export function medianOf(
  figures: readonly Figures[],
  name: 'seconds' | 'cpuSeconds' | 'processSeconds',
): number {
  return median(figures.map((each) => each[name]));
}

export function peakOf(figures: readonly Figures[]): number {
  return Math.max(...figures.map(({ peakBytes }) => peakBytes));
}

function runProcess(program: string, args: readonly string[]): Figures {
  const start = performance.now();
  const child = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const processSeconds = (performance.now() - start) / 1000;
  if (child.status !== 0) {
    throw new Error(`${args.join(' ')} ended with ${child.status}:\n${child.stderr}\n${child.stdout}`);
  }
  return { ...FIGURES.parse(JSON.parse(child.stdout)), processSeconds };
}
