import type { DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { duckdb } from './duckdb.ts';

/** The most rows that DuckDB takes at once. */
export const CHUNK_ROWS = 2048;

/** Adds rows, given column by column, to a table, by a connection of its own. */
export async function appendColumns(
  instance: DuckDBInstance,
  table: string,
  columns: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  const connection = await instance.connect();
  const appender = await connection.createAppender(table);
  try {
    const types = columns.map((_, index) => appender.columnType(index));
    const rows = columns[0]?.length ?? 0;
    for (let start = 0; start < rows; start += CHUNK_ROWS) {
      const chunk = duckdb.DuckDBDataChunk.create(types);
      chunk.setColumns(columns.map((column) => column.slice(start, start + CHUNK_ROWS)));
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
    connection.closeSync();
  }
}
