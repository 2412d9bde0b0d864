import { IgarapeError } from '../../core/errors.ts';
import { backfill, type BackfilledVersion } from '../../pipeline/backfill.ts';
import { backfillDates } from '../../pipeline/backfill-gold.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject, type Project } from '../project.ts';
import { renderBackfill, renderGoldBackfill, renderVersion } from '../render/backfill.ts';
import { untilStopped } from '../stop.ts';
import { program } from '../version.ts';

export interface BackfillOptions {
  readonly from: string;
  readonly to?: string;
}

export async function command(
  [model]: readonly string[],
  options: BackfillOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  return model === undefined
    ? backfillSource(project, options, globals)
    : backfillModel(project, model, options, globals);
}

async function backfillModel(
  project: Project,
  model: string,
  { from, to }: BackfillOptions,
  globals: GlobalOptions,
): Promise<number> {
  if (to === undefined) {
    throw new IgarapeError('USAGE', 'The dates of a gold table need an end.', {
      hint: `Give --to, e.g. igarape backfill ${model} --from ${from} --to 2025-10-04. Both dates are included.`,
    });
  }
  const { config, storage } = project;
  const { screen } = globals.session;
  return untilStopped(async (signal) => {
    const { report, exitCode } = await backfillDates(
      { config, storage, model, from, to },
      project.edge(signal),
      ({ done, total, last }) => screen.status(`${model}: ${done} of ${total} dates, up to ${last}`),
    );
    screen.status();
    print(report, globals, renderGoldBackfill);
    return exitCode;
  });
}

async function backfillSource(
  project: Project,
  options: BackfillOptions,
  globals: GlobalOptions,
): Promise<number> {
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
