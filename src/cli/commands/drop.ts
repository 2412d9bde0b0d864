import { dropTable } from '../../pipeline/drop.ts';
import { say } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { plural, size } from '../render/format.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  [table = '']: readonly string[],
  _options: object,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const report = await untilStopped((signal) => dropTable(project, table, project.edge(signal)));
  print(report, globals, (done) =>
    say(`removed ${done.table}: ${plural(done.files, 'file')}, ${size(done.sizeBytes)}`),
  );
  return 0;
}
