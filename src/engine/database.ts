import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { duckdb } from './duckdb.ts';
import { quoteText } from './quote.ts';

export interface EngineOptions {
  /** A size as DuckDB reads it, e.g. `1GB`. */
  readonly memoryLimit: string;
  /** Where work that does not fit in memory goes. */
  readonly spillDir: string;
  readonly threads?: number;
}

export interface Database {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

export function closeDatabase({ instance, connection }: Database): void {
  connection.closeSync();
  instance.closeSync();
}

/** A database in memory that spills to disk, in UTC, without extensions from the network. */
export async function openDatabase(options: EngineOptions): Promise<Database> {
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    memory_limit: options.memoryLimit,
    temp_directory: options.spillDir,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'false',
    // It gives old bytes where a file was written anew a moment after it was read.
    enable_external_file_cache: 'false',
    [GIVE_BACK]: GIVE_BACK_BYTES,
    // An ASOF join by a loop, which it takes for few rows, leaves rows without a time alone, where its other way matches them.
    asof_loop_join_threshold: '0',
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
  });
  const connection = await instance.connect();
  // Without the bar DuckDB does not count how far a statement has come.
  await connection.run(
    `SET TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false; ${disabling(BROKEN_OPTIMIZER)}`,
  );
  return { instance, connection };
}

/**
 * Of how many bytes that are free at once the engine gives them back to the system. By default these are so many that what
 * a large statement leaves comes on top of what the next one takes: half as much again as the limit of the memory. A row
 * group of a wide table is thousands of small pieces, which come on top of those of the one before.
 */
const GIVE_BACK = 'allocator_bulk_deallocation_flush_threshold';
const GIVE_BACK_BYTES = '32MB';
const WIDE_GIVE_BACK_BYTES = '256kB';

/** SQL that has memory given back as a table wants it. */
export function givingBack(isWide: boolean): string {
  return `SET ${GIVE_BACK} = ${quoteText(isWide ? WIDE_GIVE_BACK_BYTES : GIVE_BACK_BYTES)}`;
}

/** DuckDB 1.5.6 breaks off with an internal error over a filtered row_number() of a view whose filter casts. */
export const BROKEN_OPTIMIZER = 'top_n_window_elimination';

/** SQL that leaves optimizers out. @param optimizers Their names, with commas between them. */
export function disabling(optimizers: string): string {
  return `SET disabled_optimizers = ${quoteText(optimizers)}`;
}
