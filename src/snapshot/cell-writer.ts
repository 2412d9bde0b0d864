import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';

/** A row's cells by column, each with its kind as a cell file has it; null or undefined for none. */
export type CellRow = readonly (string | null | undefined)[];

const BATCH_CHARACTERS = 256 * 1024;

/** Writes rows as a cell file, a few at a time; resolves the length of the longest line, in bytes. */
export async function writeCells(
  rows: AsyncIterable<CellRow> | Iterable<CellRow>,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  let longest = 0;
  const lines = async function* (): AsyncGenerator<string> {
    let batch = '';
    for await (const row of rows) {
      const line = lineOf(row);
      // A character is at most three bytes.
      longest = Math.max(longest, line.length * 3);
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
  return longest;
}

function lineOf(row: CellRow): string {
  let line = '';
  for (const [index, cell] of row.entries()) {
    if (cell == null) continue;
    line += `${line === '' ? '' : ','}"${index}":${JSON.stringify(cell)}`;
  }
  return `{${line}}\n`;
}
