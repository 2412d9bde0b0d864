import { changes } from '../../explore/changes.ts';
import { changedColumns } from '../../explore/changed-positions.ts';
import type { Operation } from '../../explore/published.ts';
import { withReader } from '../../explore/reader.ts';
import { filesOf, tableNamed } from '../../explore/table-files.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderChanges } from '../render/changes.ts';
import { untilStopped } from '../stop.ts';

export interface ChangesOptions {
  readonly run?: number;
  readonly operations?: readonly Operation[];
  readonly changed?: string;
  readonly search?: string;
  readonly limit: number;
  readonly offset: number;
}

export async function command(
  [table = '']: readonly string[],
  { run, ...options }: ChangesOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  return untilStopped(async (signal) =>
    withReader(project, project.edge(signal), async (reader) => {
      const known = await reader.runs();
      // A table of the lake has at least its full-load.
      const newest = filesOf(known, tableNamed(known, table)).at(-1)?.run ?? 0;
      const request = { ...options, table, run: run ?? newest, before: true };
      const page = await changes(reader, request, signal);
      const columns = await changedColumns(reader, request, signal);
      print({ ...page, changedColumns: columns }, globals, renderChanges);
      return 0;
    }),
  );
}
