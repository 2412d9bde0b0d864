import { check, type CheckOptions } from '../../pipeline/check.ts';
import type { GlobalOptions } from '../options.ts';
import { printOutcome } from '../print.ts';
import { openProject } from '../project.ts';
import { renderCheck } from '../render/check.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  _args: readonly string[],
  options: CheckOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const { report, exitCode } = await untilStopped((signal) => check(project, project.edge(signal), options));
  printOutcome({ result: report, exitCode }, globals, renderCheck);
  return exitCode;
}
