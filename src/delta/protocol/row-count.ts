import type { AddFile } from './actions.ts';
import { isJsonObject, parseJson } from './json.ts';

/** How many rows files have, by the log; undefined where it does not tell of every one. */
export function rowsOfFiles(files: Iterable<AddFile>): number | undefined {
  let rows = 0;
  for (const { stats, deletionVector } of files) {
    const count = numRecords(stats);
    if (count === undefined) return undefined;
    rows += count - (deletionVector?.cardinality ?? 0);
  }
  return rows;
}

/** As many files as surely have so many rows, if as many there are; all of them where the log does not tell. */
export function firstFiles(files: readonly AddFile[], limit: number = Infinity): readonly AddFile[] {
  if (!Number.isFinite(limit)) return files;
  let rows = 0;
  for (const [index, file] of files.entries()) {
    if (rows >= limit) return files.slice(0, index);
    const count = rowsOfFiles([file]);
    if (count === undefined) return files;
    rows += count;
  }
  return files;
}

/** How many rows a file has in all, by its statistics. */
export function numRecords(stats: string | undefined): number | undefined {
  if (stats === undefined) return undefined;
  // Where it stands first, as with every writer, the rest need not be read.
  const first = /^\{\s*"numRecords"\s*:\s*(\d{1,15})\s*[,}]/.exec(stats)?.[1];
  if (first !== undefined) return Number(first);
  try {
    const value = parseJson(stats);
    const count = isJsonObject(value) ? value['numRecords'] : undefined;
    return typeof count === 'number' && Number.isSafeInteger(count) ? count : undefined;
  } catch {
    return undefined;
  }
}
