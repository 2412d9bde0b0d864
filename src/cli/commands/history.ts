import { history } from '../../pipeline/history.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderHistory } from '../render/history.ts';

export interface HistoryOptions {
  readonly table?: string;
  readonly limit: number;
}

export async function command(
  _args: readonly string[],
  { table, limit }: HistoryOptions,
  globals: GlobalOptions,
): Promise<number> {
  const { storage } = await openProject(globals);
  const runs = await history(storage, { limit, ...(table === undefined ? {} : { table }) });
  print({ lake: storage.uri, runs }, globals, renderHistory);
  return 0;
}
