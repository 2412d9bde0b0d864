import { randomUUID } from 'node:crypto';
import { quotePath } from '../engine/quote.ts';
import type { AddFile } from './actions.ts';
import { corrupt } from './corrupt.ts';
import { deletionVectorFile, readDeletionVector } from './deletion-vector.ts';
import { isJsonObject, type Json, parseJson } from './json.ts';
import { localCopy } from './table-file.ts';
import type { Writer } from './writer.ts';

/** A file some of whose rows are deleted or replaced. */
export interface TouchedFile {
  readonly file: AddFile;
  /** What `_file` of the changes is for it. */
  readonly index: number;
  /** True where none of its rows is left. */
  readonly isCovered: boolean;
  /** Rows in the Parquet file, whether deleted or not. */
  readonly physicalRows: number;
}

/** What takes the place of touched files. */
export interface ReplacedFiles {
  readonly removed: readonly AddFile[];
  readonly added: readonly AddFile[];
  readonly vectors: number;
  readonly copiedRows: number;
}

/** The files that a table of changes takes rows from. */
export async function touchedFiles(
  writer: Writer,
  changes: string,
  files: readonly AddFile[],
): Promise<TouchedFile[]> {
  const counts = await writer.engine.rows(
    `SELECT _file, count(*) AS n FROM ${changes} WHERE _file IS NOT NULL GROUP BY _file ORDER BY _file`,
  );
  return Promise.all(
    counts.map(async ({ _file, n }) => {
      const file = files[Number(_file)];
      if (file === undefined) throw new RangeError('A change names a file that was not read.');
      const physicalRows = await physicalRowsOf(writer, file);
      const isCovered = Number(n) + (file.deletionVector?.cardinality ?? 0) === physicalRows;
      return { file, index: Number(_file), isCovered, physicalRows };
    }),
  );
}

/** The live rows of files. */
export async function countRows(writer: Writer, files: readonly AddFile[]): Promise<number> {
  let rows = 0;
  for (const file of files) {
    rows += (await physicalRowsOf(writer, file)) - (file.deletionVector?.cardinality ?? 0);
  }
  return rows;
}

/**
 * Marks the touched rows in deletion vectors, all of which lie in one new file.
 *
 * @param staged Takes the key of that file.
 */
export async function markDeleted(
  writer: Writer,
  changes: string,
  touched: readonly TouchedFile[],
  staged: string[],
): Promise<ReplacedFiles> {
  const removed = touched.map(({ file }) => file);
  const partial = touched.filter(({ isCovered }) => !isCovered);
  if (partial.length === 0) return { removed, added: [], vectors: 0, copiedRows: 0 };
  const vectors: number[][] = [];
  for (const each of partial) {
    const { file } = each;
    const before =
      file.deletionVector === undefined ? [] : await readDeletionVector(writer, file.deletionVector);
    vectors.push(merged(before, await rowsOf(writer, changes, each)));
  }
  const { key, bytes, descriptors } = deletionVectorFile(randomUUID(), vectors);
  staged.push(key);
  if (!(await writer.storage.putIfAbsent(key, bytes)))
    throw corrupt(`${writer.storage.uri}/${key}`, 'a file with this new name is there already');
  const added = partial.map(({ file, physicalRows }, at): AddFile => {
    const deletionVector = descriptors[at];
    if (deletionVector === undefined) throw new RangeError('A deletion vector is missing.');
    return { ...file, dataChange: true, stats: looseStatistics(file.stats, physicalRows), deletionVector };
  });
  return { removed, added, vectors: partial.length, copiedRows: 0 };
}

/** So many rows of a file are looked at once, so that few values are held in a form that takes much memory. */
const ROWS_AT_ONCE = 1_000_000;

async function rowsOf(
  writer: Writer,
  changes: string,
  { index, physicalRows }: TouchedFile,
): Promise<number[]> {
  const rows: number[] = [];
  for (let from = 0; from < physicalRows; from += ROWS_AT_ONCE) {
    const range = `_row >= ${from} AND _row < ${from + ROWS_AT_ONCE}`;
    const sql = `SELECT list(_row ORDER BY _row) AS rows FROM ${changes} WHERE _file = ${index} AND ${range}`;
    for await (const [row] of writer.engine.batches(sql)) {
      const list = row?.['rows'];
      if (Array.isArray(list)) for (const number of list) rows.push(Number(number));
    }
  }
  return rows;
}

function merged(left: readonly number[], right: readonly number[]): number[] {
  return left.length === 0 ? [...right] : [...Float64Array.from([...left, ...right]).toSorted()];
}

async function physicalRowsOf(writer: Writer, file: AddFile): Promise<number> {
  const known = numRecords(file.stats);
  if (known !== undefined) return known;
  const path = await localCopy(writer, file.path);
  const [row] = await writer.engine.rows(
    `SELECT num_rows AS n FROM parquet_file_metadata(${quotePath(path)})`,
  );
  return Number(row?.['n']);
}

function numRecords(stats: string | undefined): number | undefined {
  if (stats === undefined) return undefined;
  let value: Json;
  try {
    value = parseJson(stats);
  } catch {
    return undefined;
  }
  const rows = isJsonObject(value) ? value['numRecords'] : undefined;
  return typeof rows === 'number' && Number.isSafeInteger(rows) ? rows : undefined;
}

/**
 * Statistics of a file that lost rows: its bounds still hold, and are reached no more for certain. The text is changed
 * and not written anew, so that no digit of a bound is lost.
 */
function looseStatistics(stats: string | undefined, rows: number): string {
  if (stats === undefined || numRecords(stats) === undefined)
    return `{"numRecords":${rows},"tightBounds":false}`;
  const tight = /(?<!\\)"tightBounds"\s*:\s*(?:true|false)/;
  return tight.test(stats)
    ? stats.replace(tight, '"tightBounds":false')
    : stats.replace(/^\s*\{/, '{"tightBounds":false,');
}
