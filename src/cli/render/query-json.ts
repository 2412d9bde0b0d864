import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { QueryColumn } from '../../lake/query/query.ts';

/** `{"columns": […], "rows": [{…}, …]}` around rows that are JSON lines already, however many: their digits stay as they are. */
export async function* documentParts(
  columns: readonly QueryColumn[],
  rows: Readable,
): AsyncGenerator<string> {
  yield `{"columns":${JSON.stringify(columns)},"rows":[`;
  let separator = '';
  for await (const line of createInterface({ input: rows, crlfDelay: Infinity })) {
    yield `${separator}${line}`;
    separator = ',';
  }
  yield ']}\n';
}
