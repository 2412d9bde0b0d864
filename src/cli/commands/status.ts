import { status } from '../../pipeline/status.ts';
import { nextRunMs } from '../../schedule/next-run.ts';
import { readLastRun } from '../last-run.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderStatus } from '../render/status.ts';
import { untilStopped } from '../stop.ts';

const LAST_RUNS = 5;

export async function command(
  _args: readonly string[],
  _options: object,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  return untilStopped(async (signal) => {
    const edge = project.edge(signal);
    const lastCycle = await readLastRun(project.config.workDir);
    const last = lastCycle && {
      endedMs: Date.parse(lastCycle.endedAt),
      announcedMs: lastCycle.nextAt === null ? undefined : Date.parse(lastCycle.nextAt),
    };
    const nextMs = nextRunMs(project.config.timer, last, edge.clock());
    const nextRun = nextMs === undefined ? undefined : new Date(nextMs).toISOString();
    const found = await status(project, edge, { lastRuns: LAST_RUNS, lastCycle, nextRun });
    print(found, globals, (shown) => renderStatus(shown, edge.clock()));
    return 0;
  });
}
