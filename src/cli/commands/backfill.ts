import { backfill, type BackfilledVersion } from '../../pipeline/backfill.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderBackfill, renderVersion } from '../render/backfill.ts';
import { untilStopped } from '../stop.ts';
import { program } from '../version.ts';

export interface BackfillOptions {
  readonly from: string;
  readonly to?: string;
}

export async function command(
  _args: readonly string[],
  options: BackfillOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const { config, storage } = project;
  const onVersion = (version: BackfilledVersion): void => {
    if (globals.json !== true) print(version, globals, renderVersion);
  };
  return untilStopped(async (signal) => {
    const request = { config, storage, source: await project.openSource(), ...options };
    const { report, exitCode } = await backfill(request, project.edge(signal), program(), onVersion);
    print(report, globals, renderBackfill);
    return exitCode;
  });
}
