import { testModels } from '../../pipeline/test-models.ts';
import type { GlobalOptions } from '../options.ts';
import { printOutcome } from '../print.ts';
import { openProject } from '../project.ts';
import { renderTests } from '../render/tests.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  _args: readonly string[],
  { models }: { readonly models?: readonly string[] },
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const { report, exitCode } = await untilStopped((signal) =>
    testModels(project, project.edge(signal), models),
  );
  printOutcome({ result: report, exitCode }, globals, renderTests);
  return exitCode;
}
