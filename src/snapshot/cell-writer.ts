import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import type { CellFile } from './cell-file.ts';

/** A row's cells by column, each with its kind as a cell file has it; null or undefined for none. */
export type CellRow = readonly (string | null | undefined)[];

const BATCH_CHARACTERS = 256 * 1024;

/** Writes rows as a cell file, a few at a time. */
export async function writeCells(
  rows: AsyncIterable<CellRow> | Iterable<CellRow>,
  path: string,
  signal: AbortSignal,
): Promise<Pick<CellFile, 'longestLine' | 'rows'>> {
  let longestLine = 0;
  let count = 0;
  const lines = async function* (): AsyncGenerator<string> {
    let batch = '';
    for await (const row of rows) {
      const line = lineOf(row);
      // A character is at most three bytes.
      longestLine = Math.max(longestLine, line.length * 3);
      count += 1;
      batch += line;
      if (batch.length < BATCH_CHARACTERS) continue;
      yield batch;
      batch = '';
      // A reader that never waits would hold up everything else, a stop too.
      await setImmediate();
      signal.throwIfAborted();
    }
    yield batch;
  };
  await pipeline(lines(), createWriteStream(path), { signal });
  return { longestLine, rows: count };
}

function lineOf(row: CellRow): string {
  let line = '';
  for (const [index, cell] of row.entries()) {
    if (cell == null) continue;
    line += `${line === '' ? '' : ','}"${index}":${JSON.stringify(cell)}`;
  }
  return `{${line}}\n`;
}
