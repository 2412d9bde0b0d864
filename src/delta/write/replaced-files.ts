import { randomUUID } from 'node:crypto';
import { quotePath } from '../../engine/quote.ts';
import type { AddFile } from '../protocol/actions.ts';
import { corrupt } from '../protocol/corrupt.ts';
import { deletionVectorFile, readDeletionVector } from '../vectors/deletion-vector.ts';
import { numRecords } from '../protocol/row-count.ts';
import { CONTAINER_ROWS, RowSet } from '../vectors/row-set.ts';
import { localCopy } from '../files/table-file.ts';
import type { Writer } from '../files/disk.ts';

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
  const vectors: RowSet[] = [];
  for (const { file, index } of partial) {
    const { deletionVector: vector } = file;
    const rows = RowSet.of(vector === undefined ? [] : await readDeletionVector(writer, vector));
    await addRows(rows, writer, changes, index);
    vectors.push(rows);
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

/** Adds the rows that a table of changes takes from a file. They come as bits: a number each would be 30 times as much. */
async function addRows(rows: RowSet, { engine }: Writer, changes: string, index: number): Promise<void> {
  // The highest bit of DuckDB's first byte is the first one; here it is the lowest.
  const low = `xor(CAST(_row % ${CONTAINER_ROWS} AS INTEGER), 7)`;
  const bits = `CAST(bitstring_agg(${low}, 0, ${CONTAINER_ROWS - 1}) AS BLOB)`;
  const sql = `SELECT _row // ${CONTAINER_ROWS} AS container, ${bits} AS bits FROM ${changes} WHERE _file = ${index} GROUP BY ALL`;
  for await (const batch of engine.batches(sql)) {
    for (const { container, bits: added } of batch) {
      if (added instanceof Uint8Array) rows.addBits(Number(container), added);
    }
  }
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
