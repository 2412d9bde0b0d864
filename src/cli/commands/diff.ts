import { withReader } from '../../explore/reader.ts';
import { diff } from '../../explore/version-diff.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderDiff } from '../render/changes.ts';
import { untilStopped } from '../stop.ts';

export interface DiffOptions {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

export async function command(
  [table = '']: readonly string[],
  options: DiffOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  return untilStopped(async (signal) =>
    withReader(project, project.edge(signal), async (reader) => {
      print(await diff(reader, { table, ...options }, signal), globals, renderDiff);
      return 0;
    }),
  );
}
