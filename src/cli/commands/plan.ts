import { plan } from '../../pipeline/plan.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderPlan } from '../render/plan.ts';
import { untilStopped } from '../stop.ts';
import { runRequest, type RequestOptions } from '../run-request.ts';

export async function command(
  _args: readonly string[],
  options: RequestOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  project.log.debug({ lake: project.storage.uri, ...options }, 'planning');
  return untilStopped(async (signal) => {
    const { report, exitCode } = await plan(await runRequest(project, options), project.edge(signal));
    print(report, globals, renderPlan);
    return exitCode;
  });
}
