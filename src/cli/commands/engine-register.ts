import { type RegisterOptions, registerTables } from '../../pipeline/register.ts';
import { say } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { plural } from '../render/format.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  _args: readonly string[],
  options: RegisterOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const report = await untilStopped((signal) => registerTables(project, options, project.edge(signal)));
  // Statements are to be copied as they are.
  print(report, { ...globals, wide: true }, ({ statements, tables, isRun }) =>
    isRun
      ? say(`registered ${plural(tables.length, 'table')}: ${tables.join(', ')}`)
      : statements.map((statement) => `${statement};`).join('\n'),
  );
  return 0;
}
