import { compact } from '../../pipeline/compact.ts';
import type { GlobalOptions } from '../options.ts';
import { printOutcome } from '../print.ts';
import { openProject } from '../project.ts';
import { renderRun } from '../render/run.ts';
import { untilStopped } from '../stop.ts';
import { program } from '../version.ts';

export async function command(
  _args: readonly string[],
  options: { readonly tables?: readonly string[] },
  globals: GlobalOptions,
): Promise<number> {
  const { config, storage, ...project } = await openProject(globals);
  const report = await untilStopped((signal) =>
    compact({ config, storage, ...options }, project.edge(signal), program()),
  );
  printOutcome({ result: report, exitCode: 0 }, globals, renderRun);
  return 0;
}
