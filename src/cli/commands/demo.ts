import { randomUUID } from 'node:crypto';
import { resolve as resolvePath } from 'node:path';
import { type Progress, silentLogger } from '../../core/log.ts';
import { DEMO_STEPS, type DemoReport, runDemo } from '../demo/demo.ts';
import { invocation } from '../invocation.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { RunBar } from '../progress.ts';
import { renderDemo } from '../render/demo.ts';
import { followRun } from '../run-phase.ts';
import { untilStopped } from '../stop.ts';
import { program } from '../version.ts';

export interface DemoOptions {
  readonly lake: string;
}

export async function command(
  _args: readonly string[],
  { lake }: DemoOptions,
  globals: GlobalOptions,
): Promise<number> {
  print(await makeDemo(resolvePath(lake), globals), globals, renderDemo);
  return 0;
}

/** Makes the demonstration's lake in a folder, and shows how far it is. */
export async function makeDemo(folder: string, globals: GlobalOptions): Promise<DemoReport> {
  const { screen } = globals.session;
  const cwd = process.cwd();
  const call = invocation(process.argv[1] ?? '', folder, process.env);
  const request = { folder, cwd, writer: program(), call };
  const bar = new RunBar(screen, Date.now);
  let current = { text: '', number: 0 };
  let follow = followRun(true);
  const onStep = (text: string): void => {
    current = { text, number: current.number + 1 };
    follow = followRun(true);
    if (screen.isTerminal) bar.show(text, (current.number - 1) / DEMO_STEPS);
    else if (globals.json !== true) screen.write(`${text}\n`);
  };
  const onProgress = (progress: Progress): void => {
    const { share, phase } = follow(progress);
    bar.show(`${current.text}: ${phase}`, (current.number - 1 + share) / DEMO_STEPS);
  };
  return untilStopped(async (signal) => {
    const edge = {
      clock: Date.now,
      newId: shortId,
      log: silentLogger,
      onProgress,
      signal,
    };
    const report = await runDemo(request, edge, onStep);
    screen.status();
    return report;
  });
}

/** Nothing else writes to this lake meanwhile, and the names are shown. */
function shortId(): string {
  return randomUUID().slice(0, 8);
}
