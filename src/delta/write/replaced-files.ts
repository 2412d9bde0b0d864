import { randomUUID } from 'node:crypto';
import { quotePath } from '../../engine/quote.ts';
import type { AddFile } from '../protocol/actions.ts';
import { corrupt } from '../protocol/corrupt.ts';
import type { ChangedPlace } from './changed-places.ts';
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
  readonly changedRows: number;
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

/** The files that changes take rows from. @param counts How many of each, by its index. */
export async function touchedFiles(
  writer: Writer,
  counts: ReadonlyMap<number, number>,
  files: readonly AddFile[],
): Promise<TouchedFile[]> {
  return Promise.all(
    [...counts].map(async ([index, changedRows]) => {
      const file = files[index];
      if (file === undefined) throw new RangeError('A change names a file that was not read.');
      const physicalRows = await physicalRowsOf(writer, file);
      const isCovered = changedRows + (file.deletionVector?.cardinality ?? 0) === physicalRows;
      return { file, index, changedRows, isCovered, physicalRows };
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
  changes: { readonly table: string; readonly places: readonly ChangedPlace[] },
  touched: readonly TouchedFile[],
  staged: string[],
): Promise<ReplacedFiles> {
  const removed = touched.map(({ file }) => file);
  const partial = touched.filter(({ isCovered }) => !isCovered);
  if (partial.length === 0) return { removed, added: [], vectors: 0, copiedRows: 0 };
  const sets = new Map<number, RowSet>();
  for (const { file, index } of partial) {
    const { deletionVector: vector } = file;
    sets.set(index, RowSet.of(vector === undefined ? [] : await readDeletionVector(writer, vector)));
  }
  const areGrouped = changes.places.some(({ file, row }) => file !== undefined && row === undefined);
  if (areGrouped) await addBits(sets, writer, changes.table);
  else for (const { file = -1, row = 0 } of changes.places) sets.get(file)?.add(row);
  const vectors = [...sets.values()];
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

/** Adds the rows that a table of changes takes from files, by the files' indexes. A number each would be 30 times as much. */
async function addBits(
  sets: ReadonlyMap<number, RowSet>,
  { engine }: Writer,
  changes: string,
): Promise<void> {
  // The highest bit of DuckDB's first byte is the first one; here it is the lowest.
  const low = `xor(CAST(_row % ${CONTAINER_ROWS} AS INTEGER), 7)`;
  const bits = `CAST(bitstring_agg(${low}, 0, ${CONTAINER_ROWS - 1}) AS BLOB)`;
  const sql = `SELECT _file, _row // ${CONTAINER_ROWS} AS container, ${bits} AS bits FROM ${changes} WHERE _file IN (${[...sets.keys()].join(', ')}) GROUP BY _file, container`;
  for await (const batch of engine.batches(sql)) {
    for (const { _file, container, bits: added } of batch) {
      if (added instanceof Uint8Array) sets.get(Number(_file))?.addBits(Number(container), added);
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
