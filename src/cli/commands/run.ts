import { runCycle } from '../cycle.ts';
import type { GlobalOptions } from '../options.ts';
import { printOutcome } from '../print.ts';
import { openProject } from '../project.ts';
import { closingLine, renderRun } from '../render/run.ts';
import type { RequestOptions } from '../run-request.ts';
import { untilStopped } from '../stop.ts';

export interface RunOptions extends RequestOptions {
  readonly schedule?: true;
}

export async function command(
  _args: readonly string[],
  options: RunOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  if (options.schedule === true) {
    const { runSchedule } = await import('../run-schedule.ts');
    return runSchedule(project, options, globals);
  }
  const startedMs = Date.now();
  return untilStopped(async (signal) => {
    const { report, exitCode } = await runCycle(project, options, globals.session, signal);
    printOutcome({ result: report, exitCode }, globals, (shown, layout) =>
      [renderRun(shown, layout), closingLine(shown, Date.now() - startedMs)].join('\n'),
    );
    return exitCode;
  });
}
