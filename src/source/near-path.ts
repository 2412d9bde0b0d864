import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { closest } from '../config/closest.ts';

/** The path that one that is not there most likely means: letters of the other case, or a slip in a name. */
export function nearPath(path: string): string | undefined {
  const folder = dirname(path);
  if (folder === path) return undefined;
  const wanted = basename(path);
  const near = namesIn(folder) === undefined ? nearPath(folder) : folder;
  const names = near === undefined ? undefined : namesIn(near);
  const name = names?.includes(wanted) === true ? wanted : closest(wanted, names ?? []);
  return near === undefined || name === undefined ? undefined : join(near, name);
}

function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
