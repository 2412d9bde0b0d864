import { backfill, type BackfilledVersion } from '../../pipeline/backfill.ts';
import { backfillDates } from '../../pipeline/backfill-gold.ts';
import { say } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { print, printOutcome } from '../print.ts';
import { RunBar } from '../progress.ts';
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
  const { config, storage } = project;
  const { screen } = globals.session;
  const bar = new RunBar(screen, Date.now);
  return untilStopped(async (signal) => {
    const { report, exitCode } = await backfillDates(
      { config, storage, model, from, to, writer: program(), redact: globals.session.redactor.text },
      project.edge(signal),
      ({ done, total, last }) =>
        bar.show(say(`${model}: ${done} of ${total} dates, up to ${last}`), done / Math.max(1, total)),
    );
    screen.status();
    printOutcome({ result: report, exitCode }, globals, renderGoldBackfill);
    return exitCode;
  });
}

async function backfillSource(
  project: Project,
  options: BackfillOptions,
  globals: GlobalOptions,
): Promise<number> {
  const { config, storage } = project;
  const { text: redact } = globals.session.redactor;
  const onVersion = (version: BackfilledVersion): void => {
    if (globals.json !== true && globals.quiet !== true) print(version, globals, renderVersion);
  };
  return untilStopped(async (signal) => {
    const request = { config, storage, source: await project.openSource(), redact, ...options };
    const { report, exitCode } = await backfill(request, project.edge(signal), program(), onVersion);
    printOutcome({ result: report, exitCode }, globals, renderBackfill);
    return exitCode;
  });
}
