import { runCycle } from '../cycle.ts';
import { writeLastRun } from '../last-run.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderRun } from '../render/run.ts';
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
  return untilStopped(async (signal) => {
    const cycle = await runCycle(project, options, globals.session, signal);
    await writeLastRun(project.config.workDir, cycle.last, project.log);
    if ('thrown' in cycle) throw cycle.thrown;
    print(cycle.report, globals, renderRun);
    return cycle.exitCode;
  });
}
