import type { DuckDBDataChunk, DuckDBMaterializedResult } from '@duckdb/node-api';
import { JSDuckDBValueConverter } from './duckdb.ts';
import { type PlainRow, plainValue } from './plain.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The rows of a statement: 64-bit integers as bigint. */
export function jsRows(result: DuckDBMaterializedResult): Row[] {
  const names = result.deduplicatedColumnNames();
  return chunksOf(result).flatMap((chunk) =>
    chunk.convertRows(JSDuckDBValueConverter).map((row) => named(names, row)),
  );
}

/** The rows of a statement, without loss. */
export function plainRows(result: DuckDBMaterializedResult): PlainRow[] {
  const names = result.deduplicatedColumnNames();
  return chunksOf(result).flatMap((chunk) => plainRowsIn(chunk, names));
}

export function plainRowsIn(chunk: DuckDBDataChunk, names: readonly string[]): PlainRow[] {
  return chunk.getRows().map((row) => named(names, row.map(plainValue)));
}

/** What is there already: to ask for it as for the rest of what is streamed takes another thread's turn for each. */
function chunksOf(result: DuckDBMaterializedResult): DuckDBDataChunk[] {
  return Array.from({ length: result.chunkCount }, (_, index) => result.getChunk(index));
}

function named<T>(names: readonly string[], row: readonly T[]): Record<string, T> {
  return Object.fromEntries(row.map((value, index) => [names[index] ?? '', value]));
}
