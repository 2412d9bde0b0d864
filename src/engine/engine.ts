import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';
import { appendColumns, CHUNK_ROWS } from './append.ts';
import {
  BROKEN_OPTIMIZER,
  closeDatabase,
  type Database,
  disabling,
  type EngineOptions,
  givingBack,
  openDatabase,
} from './database.ts';
import type { duckdb } from './duckdb.ts';
import { engineError } from './engine-error.ts';
import { CHUNK_COLUMN_BYTES, parquetSizes } from './parquet-sizes.ts';
import { type PlainRow, type PlainValue, plainValue } from './plain.ts';
import { quoteText } from './quote.ts';
import type { SqlColumn } from './sql-column.ts';
import { jsRows, plainRows, plainRowsIn, type Row } from './result-rows.ts';
import { counted } from './running.ts';

/** It looks for expressions that are alike among all of a statement: its time grows with the square of the columns. */
const QUADRATIC_OPTIMIZER = 'common_subexpressions';
const MANY_COLUMNS = 200;

/** It leaves out an ASOF join whose sides' times do not meet, which matches rows without a time all the same. */
const ASOF_OPTIMIZER = 'statistics_propagation';
const ASOF = /\basof\b/i;

const INTERRUPT_MS = 50;

/** How many chunks a statement over a table's columns has. */
const MOST_CHUNKS = 16;

/** The most values of tables that one thread takes hardly longer for than several. */
const VALUES_OF_ONE_THREAD = 1_000_000;

/** How many chunks a thread has in hand at once, and the share of the memory that all threads may fill with theirs. */
const CHUNKS_OF_A_THREAD = 5;
const THREADS_SHARE = 0.25;

/** Of longer rows the engine gets few at once, and would gather them into whole chunks, of 2048 rows, on their way. */
const LONG_ROW_BYTES = 16 * 1024;

/** DuckDB in the process: an in-memory database that spills to disk, in UTC, without extensions from the network. */
export class Engine {
  #options: EngineOptions;
  #opening: Promise<Database> | undefined;
  #database: Database | undefined;
  /** Connections that batches are read by. */
  readonly #readers = new Set<DuckDBConnection>();
  /** Those that the next batches can be read by. */
  readonly #idle: DuckDBConnection[] = [];
  #interrupted = false;
  #interrupting: NodeJS.Timeout | undefined;
  #limitBytes: number | undefined;
  #allowedBytes = 0;
  #columns = 0;
  #tableRows: number | undefined;
  #hasLongRows = false;
  #mostThreads: number | undefined;
  #fitThreads = Infinity;
  /** How many calls over few values run. */
  #little = 0;
  #threads: number | undefined;
  /** Optimizers that statements go without now; and those that the database is set to, where that is known. */
  #without: readonly string[] = [];
  #disabled: string | undefined = BROKEN_OPTIMIZER;

  private constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Its database is made for its first statement. */
  static open(options: EngineOptions): Engine {
    return new Engine(options);
  }

  async #opened(): Promise<Database> {
    this.#opening ??= openDatabase(this.#options);
    this.#database = await this.#opening;
    return this.#database;
  }

  /** Begins anew, with nothing in it: after it has failed inside. */
  reopen(): void {
    this.close();
    this.#opening = undefined;
    this.#database = undefined;
    this.#allowedBytes = 0;
    this.#columns = 0;
    this.#hasLongRows = false;
    this.#threads = undefined;
    this.#disabled = BROKEN_OPTIMIZER;
  }

  /**
   * Makes ready for statements over a table of so many columns and rows, where these are known, until the next call.
   *
   * @param bytes Of the files that the rows are read from.
   */
  async fitTo(columns: number, rows: number | undefined, bytes: number = 0): Promise<void> {
    await this.allowWidth(columns, rows);
    await this.#readLongRows(bytes > (rows ?? 0) * LONG_ROW_BYTES);
    const most = await this.#threadsFor(columns);
    await this.fitToValues(rows === undefined ? undefined : rows * columns, most);
  }

  /**
   * Makes ready for statements over so many values, where that is known, until the next call: threads that wait for others use
   * up a processor's time, and of little work there is none to share.
   */
  async fitToValues(values: number = Infinity, mostThreads: number = Infinity): Promise<void> {
    this.#fitThreads = values <= VALUES_OF_ONE_THREAD ? 1 : mostThreads;
    await this.#useThreads();
  }

  /** Runs statements over so many rows of the table that the engine is made ready for. */
  async overRows<T>(rows: number, statements: () => Promise<T>): Promise<T> {
    return this.keepingRows(rows, () => this.overValues(rows * this.#columns, statements));
  }

  /** Runs statements over so many values, whatever the engine is made ready for. */
  async overValues<T>(values: number, statements: () => Promise<T>): Promise<T> {
    if (values > VALUES_OF_ONE_THREAD) return statements();
    this.#little += 1;
    try {
      await this.#useThreads();
      return await statements();
    } finally {
      this.#little -= 1;
      await this.#useThreads();
    }
  }

  /** Runs statements that read the table that the engine is made ready for, and keep so many of its rows. */
  async keepingRows<T>(rows: number, statements: () => Promise<T>): Promise<T> {
    const [columns, all] = [this.#columns, this.#tableRows];
    if (!this.isWide) return statements();
    await this.allowWidth(columns, rows);
    try {
      return await statements();
    } finally {
      await this.allowWidth(columns, all);
    }
  }

  async #readLongRows(areLong: boolean): Promise<void> {
    if (areLong === this.#hasLongRows) return;
    await this.run(`SET enable_caching_operators = ${!areLong}`);
    this.#hasLongRows = areLong;
  }

  /** Each thread has whole chunks of all columns in hand: of a wide table's it takes fewer to fill the memory. */
  async #threadsFor(columns: number): Promise<number> {
    const bytes = columns * CHUNK_COLUMN_BYTES * CHUNKS_OF_A_THREAD;
    return Math.max(1, Math.floor((THREADS_SHARE * (await this.#ownBytes())) / Math.max(bytes, 1)));
  }

  async #useThreads(): Promise<void> {
    if (this.#mostThreads === undefined) {
      const [row] = await this.rows(`SELECT current_setting('threads') AS threads`);
      this.#mostThreads = Number(row?.['threads']);
    }
    const threads = Math.min(this.#little > 0 ? 1 : this.#fitThreads, this.#mostThreads);
    if (threads === (this.#threads ?? this.#mostThreads)) return;
    await this.run(`SET threads = ${threads}`);
    this.#threads = threads;
  }

  /**
   * Makes room for statements over a table of so many columns. For each column the engine counts
   * a whole chunk's values against its limit, also those that a table of few rows does not have and that take no
   * memory: only these are allowed beside the limit. What takes time by the square of the columns is left out.
   */
  async allowWidth(columns: number, rows: number | undefined): Promise<void> {
    const wasWide = this.isWide;
    this.#columns = columns;
    this.#tableRows = rows;
    const unused = rows === undefined ? 0 : Math.max(0, 1 - rows / CHUNK_ROWS);
    const bytes = Math.floor(columns * CHUNK_COLUMN_BYTES * MOST_CHUNKS * unused);
    if (bytes !== this.#allowedBytes) await this.#limitTo(bytes);
    if (this.isWide !== wasWide) await this.#run(givingBack(this.isWide));
  }

  /** True where the table that the engine is made ready for has so many columns that what a statement has in hand of each counts. */
  get isWide(): boolean {
    return this.#columns > MANY_COLUMNS;
  }

  /** How large the parts of a Parquet file are to be, of the table that the engine is made ready for: options of COPY. */
  get parquetSizes(): string {
    const threads = this.#threads ?? this.#mostThreads ?? 1;
    return parquetSizes(this.#columns, (this.#limitBytes ?? Infinity) / threads);
  }

  /** The memory that it may take, without what a wide table is allowed beside. */
  async #ownBytes(): Promise<number> {
    this.#limitBytes ??= await this.memoryBytes();
    return this.#limitBytes;
  }

  /** Sets the limit, with so much beside it. Whenever that is set, memory that is free in the engine goes back to the system. */
  async #limitTo(allowedBytes: number): Promise<void> {
    const bytes = Math.floor((await this.#ownBytes()) + allowedBytes);
    await this.#run(`SET memory_limit = ${quoteText(`${bytes}B`)}`);
    this.#allowedBytes = allowedBytes;
  }

  /** Changes the memory that it may take: a size as DuckDB reads it. */
  async limitMemory(memoryLimit: string): Promise<void> {
    this.#options = { ...this.#options, memoryLimit };
    if (this.#opening === undefined) return;
    await this.#run(`SET memory_limit = ${quoteText(memoryLimit)}`);
    this.#limitBytes = undefined;
    this.#allowedBytes = 0;
  }

  /** Runs a statement for its effect. */
  async run(sql: string, values?: readonly DuckDBValue[]): Promise<void> {
    await this.#run(sql, values);
    await this.#giveBack();
  }

  /** Runs a query whose few rows are wanted here: 64-bit integers come as bigint, instants as UTC text. */
  async rows(sql: string, values?: readonly DuckDBValue[]): Promise<Row[]> {
    const rows = jsRows(await this.#run(sql, values));
    await this.#giveBack();
    return rows;
  }

  async #run(sql: string, values?: readonly DuckDBValue[]): Promise<duckdb.DuckDBMaterializedResult> {
    return this.#optimized(sql, async (statements) =>
      (await this.#opened()).connection.run(statements, values && [...values]),
    );
  }

  /** Sets which optimizers there are, where that is to be another than before, in one turn with what is then run. */
  async #optimized<T>(sql: string, run: (statements: string) => Promise<T>): Promise<T> {
    const disabled = [
      BROKEN_OPTIMIZER,
      ...(this.isWide ? [QUADRATIC_OPTIMIZER] : []),
      ...(ASOF.test(sql) ? [ASOF_OPTIMIZER] : []),
      ...this.#without,
    ].join(',');
    if (disabled === this.#disabled) return this.#guard(() => run(sql));
    this.#disabled = undefined;
    const result = await this.#guard(() => run(`${disabling(disabled)}; ${sql}`));
    this.#disabled = disabled;
    return result;
  }

  /** What a statement over a wide table leaves free in the engine is much, and not what the next one takes. */
  async #giveBack(): Promise<void> {
    if (this.isWide) await this.#limitTo(this.#allowedBytes);
  }

  /**
   * Runs a query and yields its rows a batch at a time, without loss. It has a connection of its own, so that other
   * statements may run in between; it sees no temporary tables.
   */
  async *batches(sql: string, values: readonly DuckDBValue[] = []): AsyncGenerator<PlainRow[]> {
    for await (const { names, chunk } of this.#chunks(sql, values)) {
      yield plainRowsIn(chunk, names);
    }
  }

  /** As {@link batches}, where there are few rows: all at once. */
  async plainRows(sql: string): Promise<PlainRow[]> {
    const connection = this.#idle.pop() ?? (await this.#connect());
    this.#readers.add(connection);
    try {
      return plainRows(await this.#optimized(sql, (statements) => connection.run(statements)));
    } finally {
      this.#readers.delete(connection);
      this.#idle.push(connection);
    }
  }

  /** As {@link batches}, but column by column: of each batch, the values of every column in the query's order. */
  async *columnBatches(sql: string): AsyncGenerator<PlainValue[][]> {
    for await (const { names, chunk } of this.#chunks(sql))
      yield names.map((_, index) => chunk.getColumnValues(index).map(plainValue));
  }

  async *#chunks(
    sql: string,
    values: readonly DuckDBValue[] = [],
  ): AsyncGenerator<{ readonly names: readonly string[]; readonly chunk: DuckDBDataChunk }> {
    const connection = this.#idle.pop() ?? (await this.#connect());
    this.#readers.add(connection);
    let isThrough = false;
    try {
      const result = await this.#optimized(sql, (statements) => connection.stream(statements, [...values]));
      const names = result.deduplicatedColumnNames();
      for (;;) {
        const chunk = await this.#guard(() => result.fetchChunk());
        isThrough = chunk === null || chunk.rowCount === 0;
        if (chunk === null || isThrough) return;
        yield { names, chunk };
      }
    } finally {
      this.#readers.delete(connection);
      if (isThrough) this.#idle.push(connection);
      else connection.closeSync();
    }
  }

  async #connect(): Promise<DuckDBConnection> {
    return this.#guard(async () => {
      const connection = await (await this.#opened()).instance.connect();
      await connection.run(`SET TimeZone = 'UTC'`);
      return connection;
    });
  }

  /**
   * Adds rows, given column by column in columns of equal length, to a table that has exactly these columns. It has a
   * connection of its own, so that other statements may run meanwhile; it sees no temporary tables.
   */
  async append(table: string, columns: readonly (readonly DuckDBValue[])[]): Promise<void> {
    await this.#guard(async () => appendColumns((await this.#opened()).instance, table, columns));
  }

  /** The names and types of the columns that one statement gives; it is checked, and not run. */
  async describe(sql: string): Promise<SqlColumn[]> {
    const statement = await this.#guard(async () => (await this.#opened()).connection.prepare(sql));
    try {
      const indexes = Array.from({ length: statement.columnCount }, (_, index) => index);
      return indexes.map((index) => ({
        name: statement.columnName(index),
        type: String(statement.columnType(index)),
      }));
    } finally {
      statement.destroySync();
    }
  }

  /**
   * Runs statements whose joins are made in their order: the left side streams past the right one, which is held. So they
   * are to be where the left side is the files of a table: of files that it reads with a schema of ours the engine does not
   * know how many rows they have, and may hold them instead.
   */
  async withJoinsAsWritten<T>(statements: () => Promise<T>): Promise<T> {
    return this.without(['join_order', 'build_side_probe_side'], statements);
  }

  /** Runs statements without some of DuckDB's optimizers, by the names that `duckdb_optimizers()` has. */
  async without<T>(optimizers: readonly string[], statements: () => Promise<T>): Promise<T> {
    this.#without = optimizers;
    try {
      return await statements();
    } finally {
      this.#without = [];
    }
  }

  /** How much memory the engine may take. */
  async memoryBytes(): Promise<number> {
    const [row] = jsRows(await this.#run(`SELECT current_setting('memory_limit') AS text`));
    const [, number, unit] = /^([\d.]+) (\w+)$/.exec(String(row?.['text'])) ?? [];
    const power = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'].indexOf(unit ?? '');
    return Number(number) * 1024 ** Math.max(power, 0);
  }

  /** How far the running statement has come, from 0 to 100. */
  get percent(): number {
    return Math.max(0, this.#database?.connection.progress.percentage ?? 0);
  }

  /** Stops the running statements, which then throw, as every later one does. */
  interrupt(): void {
    this.#interrupted = true;
    const interrupt = (): void => {
      this.#database?.connection.interrupt();
      for (const connection of this.#readers) connection.interrupt();
    };
    interrupt();
    // One that has been given to the engine, and that a thread has not begun yet, does not notice it.
    this.#interrupting ??= setInterval(interrupt, INTERRUPT_MS).unref();
  }

  close(): void {
    clearInterval(this.#interrupting);
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    if (this.#database !== undefined) closeDatabase(this.#database);
    else void this.#opening?.then(closeDatabase, () => undefined);
  }

  async #guard<T>(call: () => Promise<T>): Promise<T> {
    if (this.#interrupted) throw new DOMException('The work was stopped.', 'AbortError');
    try {
      return await counted(call);
    } catch (error) {
      throw engineError(error);
    }
  }
}
