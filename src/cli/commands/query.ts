import { withQuery } from '../../pipeline/query.ts';
import type { GlobalOptions } from '../options.ts';
import { openProject } from '../project.ts';
import { type OutputOptions, rowsOutput } from '../rows-output.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  [sql = '']: readonly string[],
  { allowFiles = [], ...options }: OutputOptions & { readonly allowFiles?: readonly string[] },
  globals: GlobalOptions,
): Promise<number> {
  const output = rowsOutput(options, globals);
  const project = await openProject(globals);
  await untilStopped((signal) =>
    withQuery({ ...project, allowFiles }, sql, project.edge(signal), (query, folder) =>
      output.write(query, folder),
    ),
  );
  return 0;
}
