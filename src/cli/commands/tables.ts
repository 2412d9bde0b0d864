import { listTables } from '../../pipeline/tables.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderColumns, renderTables } from '../render/tables.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  [only]: readonly string[],
  _options: object,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const tables = await untilStopped((signal) => listTables(project, project.edge(signal), only));
  print({ tables }, globals, (found, layout) =>
    only === undefined ? renderTables(found.tables, layout) : renderColumns(found.tables, layout),
  );
  return 0;
}
