import { resolve as resolvePath } from 'node:path';
import type { Config } from '../config/config.ts';

const FILES = 'files:';

/** Whether a lake is fed from the source of a configuration: a folder is the same however it is spelled. */
export function isSameSource(known: string, id: string, source: Config['source']): boolean {
  if (known === id) return true;
  if (source?.type !== 'files' || !known.startsWith(FILES) || !id.startsWith(FILES)) return false;
  const { folder, path } = source;
  return folder !== undefined && resolvePath(folder, known.slice(FILES.length)) === path;
}
