import { withReader } from '../../explore/reader.ts';
import { status } from '../../explore/status.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderStatus } from '../render/status.ts';
import { nextRunOf } from '../schedule-notice.ts';
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
    const request = { lastRuns: LAST_RUNS, nextRun: nextRunOf(project.config) };
    const found = await withReader(project, edge, (reader) => status(reader, request));
    print(found, globals, (shown, layout) => renderStatus(shown, edge.clock(), layout));
    return 0;
  });
}
