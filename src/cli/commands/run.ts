import type { ExitCode } from '../../core/errors.ts';
import { runOnce } from '../../pipeline/run.ts';
import type { GlobalOptions } from '../options.ts';
import { openProject } from '../project.ts';
import { print } from '../print.ts';
import { renderRun } from '../render/run.ts';
import { untilStopped } from '../stop.ts';
import { program } from '../version.ts';

export interface RunOptions {
  readonly schedule?: true;
  readonly skipDownload?: true;
  readonly tables?: readonly string[];
  readonly approve?: readonly string[];
  readonly reload?: readonly string[];
}

export async function command(_args: readonly string[], options: RunOptions, globals: GlobalOptions): Promise<ExitCode> {
  const project = await openProject(globals);
  return untilStopped(async (signal) => {
    const request = {
      config: project.config,
      storage: project.storage,
      source: await project.openSource(),
      ...(options.tables === undefined ? {} : { tables: options.tables }),
      ...(options.approve === undefined ? {} : { approve: options.approve }),
      ...(options.reload === undefined ? {} : { reload: options.reload }),
      skipDownload: options.skipDownload ?? false,
    };
    const { report, exitCode } = await runOnce(request, project.edge(signal), program());
    print(report, globals, renderRun);
    return exitCode;
  });
}
