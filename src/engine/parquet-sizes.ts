import { CHUNK_ROWS } from './append.ts';

/** What a chunk sets aside for each of its columns. */
export const CHUNK_COLUMN_BYTES: number = 16 * CHUNK_ROWS;

/** The most chunks of a Parquet file's row group, and of all its columns: whoever writes or reads it has one in hand for each thread. */
const ROW_GROUP_CHUNKS = 60;
const ROW_GROUP_COLUMN_CHUNKS = 10 * ROW_GROUP_CHUNKS;

/** What the writer of such a file sets aside for the different texts of each column, by row of a row group; and at most. */
const DICTIONARY_ROW_BYTES = 16;
const DICTIONARY_BYTES = 1 << 20;

/** The share of the memory that all threads may fill with the values of row groups, beside what chunks set aside; and the most of one. */
const ROW_GROUPS_SHARE = 0.125;
const ROW_GROUP_BYTES = 1 << 28;

/**
 * How large the parts of a Parquet file of so many columns are to be: options of COPY.
 *
 * @param threadBytes The share of a thread in the engine's memory.
 */
export function parquetSizes(columns: number, threadBytes: number): string {
  const most = Math.floor(ROW_GROUP_COLUMN_CHUNKS / Math.max(columns, 1));
  // A row group ends with a chunk: of one row more than a whole number of chunks it has another chunk.
  const rows = Math.min(Math.max(most, 1), ROW_GROUP_CHUNKS) * CHUNK_ROWS;
  const dictionaryBytes = Math.min(rows * DICTIONARY_ROW_BYTES, DICTIONARY_BYTES);
  const valueBytes = Math.min(ROW_GROUPS_SHARE * threadBytes, ROW_GROUP_BYTES);
  const bytes = Math.floor(columns * CHUNK_COLUMN_BYTES + valueBytes);
  return `ROW_GROUP_SIZE ${rows}, ROW_GROUP_SIZE_BYTES ${bytes}, STRING_DICTIONARY_PAGE_SIZE_LIMIT ${dictionaryBytes}`;
}
