import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sameName } from '../core/schema.ts';
import { openCells } from './cell-file.ts';
import { checkColumnNames } from './column-names.ts';
import { cellLines, RowSplitter } from './json-lines.ts';
import { JsonRowReader } from './json-row.ts';
import { findJsonRows } from './json-shape.ts';
import type { Misreading } from './encoding-evidence.ts';
import type { TableFile } from './open-table.ts';
import type { RawTable } from './raw-table.ts';
import { utf8Chunks } from './transcode.ts';
import { EmptyFile, unreadable } from './unreadable.ts';

/**
 * A JSON file as a relation: objects one a line, a list of objects, or a document with one such list. A text stays
 * text, or is a date or an instant, even where it looks like a number; numbers keep every digit; nested values become
 * JSON text; a missing member is null.
 *
 * @throws EmptyFile
 * @throws IgarapeError TABLE_UNREADABLE no JSON, no rows, a member twice, names that differ only in case.
 */
export async function openJson(
  file: TableFile,
  key: readonly string[],
  encoding: string,
  workDir: string,
  signal: AbortSignal,
  onMisread?: (misread: Misreading) => void,
): Promise<RawTable> {
  const { name, mayGoOn = false } = file;
  let isCut = false;
  const atCut = (): string => {
    isCut = true;
    return '';
  };
  const chunks = (): AsyncIterable<Buffer> =>
    utf8Chunks(file.path, encoding, signal, { atCut: mayGoOn ? atCut : undefined, onMisread });
  const rows = await findJsonRows(chunks(), name, key);
  const reader = new JsonRowReader();
  const path = join(workDir, 'cells.ndjson');
  const splitter = new RowSplitter(rows, reader, name, mayGoOn);
  await pipeline(cellLines(chunks(), splitter, reader), createWriteStream(path), { signal });
  const { names, longestLine, rows: count } = reader;
  if (names.length === 0) {
    if (count > 0)
      throw unreadable(
        name,
        'none of its objects has a member',
        'A member is a column: check that "file" is the one that is meant.',
      );
    throw rows.form === 'rows'
      ? new EmptyFile(
          name,
          'it holds no JSON object',
          'Each line must be one JSON object, or the file a list of objects.',
        )
      : new EmptyFile(
          name,
          'its list of rows is empty',
          'JSON has no header: the table begins with the first file that has a row.',
        );
  }
  checkColumnNames(name, names);
  const nested = key.find((column) => reader.nested.has(names.findIndex((name) => sameName(name, column))));
  if (nested !== undefined)
    throw unreadable(
      name,
      `the column ${JSON.stringify(nested)} of "pk" holds objects or lists`,
      'A key is made of texts, numbers and dates: name other columns in "pk".',
    );
  return {
    ...openCells({ path, names, longestLine, rows: count }, name, 'json cells'),
    isPartial: true,
    waiting: splitter.isWaiting || isCut ? [name] : [],
  };
}
