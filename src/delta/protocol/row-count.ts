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
