import { IgarapeError } from '../../core/errors.ts';
import { keyHistory } from '../../explore/key-history.ts';
import { type LakeReader, withReader } from '../../explore/reader.ts';
import { tableNamed } from '../../explore/table-files.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderKey } from '../render/key.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  [table = '', ...values]: readonly string[],
  _options: object,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  return untilStopped(async (signal) =>
    withReader(project, project.edge(signal), async (reader) => {
      const key = await namedKey(reader, table, values);
      print({ key, ...(await keyHistory(reader, table, key, signal)) }, globals, renderKey);
      return 0;
    }),
  );
}

/** The values as they are given, in the key's order, or each with its column: `id=7 loja=A`. */
async function namedKey(
  reader: LakeReader,
  table: string,
  values: readonly string[],
): Promise<Record<string, string>> {
  const known = await reader.runs();
  const columns = known.newest?.tables[tableNamed(known, table)]?.primaryKey ?? [];
  const named = values.flatMap((value) => {
    const column = columns.find((each) => value.startsWith(`${each}=`));
    return column === undefined ? [] : [[column, value.slice(column.length + 1)]];
  });
  if (columns.length > 1 && named.length === values.length) return Object.fromEntries(named);
  if (values.length !== columns.length) {
    throw new IgarapeError(
      'USAGE',
      `The key of ${table} is ${columns.join(', ')}; values given: ${values.length}.`,
      {
        hint: `For example: igarape key ${table} ${columns.map((column) => `${column}=…`).join(' ')}`,
      },
    );
  }
  return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']));
}
