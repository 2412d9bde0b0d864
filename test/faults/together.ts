import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RunRequest } from '../../src/pipeline/context.ts';
import { startScript } from '../support/script.ts';
import type { Lake } from './lakes.ts';

export interface TogetherOrder {
  readonly lake: Lake;
  readonly workDir: string;
  /** Where each process waits until the other has come there too. */
  readonly barrier: 'start' | 'commit' | 'layers';
  /** What its configuration has beside source and lake; the tables of the stories where it is left out. */
  readonly config?: object;
  readonly request?: Pick<RunRequest, 'only'>;
}

const outcome = z.object({
  run: z.number().nullable().optional(),
  code: z.string().optional(),
  exitCode: z.number().optional(),
  message: z.string().optional(),
});

export type Outcome = z.output<typeof outcome>;

const SCRIPT = new URL('run-together.ts', import.meta.url);

/** Runs two real processes on one lake, which go on from the barrier at the same moment. */
export async function runTogether(
  lake: Lake,
  barrier: TogetherOrder['barrier'],
  how: Pick<TogetherOrder, 'config' | 'request'> = {},
  workDirs: readonly string[] = ['work-a', 'work-b'],
): Promise<Outcome[]> {
  const runs = await Promise.all(workDirs.map((workDir) => start({ lake, workDir, barrier, ...how })));
  await Promise.all(runs.map(({ ready }) => ready));
  return Promise.all(runs.map(({ go }) => go()));
}

async function start(order: TogetherOrder): Promise<{ ready: Promise<void>; go: () => Promise<Outcome> }> {
  const child = await startScript(SCRIPT, order);
  child.stderr.pipe(process.stderr);
  const lines: string[] = [];
  let told: (() => void) | undefined;
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const last = lines.at(-1);
      if (code === 0 && last?.startsWith('{') === true) resolve(outcome.parse(JSON.parse(last)));
      else reject(new Error(`a run ended with ${code}`));
    });
  });
  const ready = new Promise<void>((resolve, reject) => {
    told = resolve;
    ended.then(() => resolve(), reject);
  });
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    if (line === 'ready') told?.();
  });
  return {
    ready,
    go: () => {
      child.stdin.end('go\n');
      return ended;
    },
  };
}
