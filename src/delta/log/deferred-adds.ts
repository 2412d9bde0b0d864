import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quoteText } from '../../engine/quote.ts';
import type { Disk } from '../files/disk.ts';
import { corrupt, messageOf } from '../protocol/corrupt.ts';
import type { SqlType } from '../schema/sql-type.ts';
import { actionLine, isPlainAdd, PARTITION_TEXT } from './action-sql.ts';
import type { LiveFiles } from './live-files.ts';
import { LoggedFile, type LogText, lineAt, plainPath, readAdd } from './logged-file.ts';

/** A Parquet file of a checkpoint. */
interface CheckpointFile {
  readonly key: string;
  /** A local file with its bytes, which may have vanished. */
  readonly path: string;
  /** The type of its adds, of what any of them has. */
  readonly adds: SqlType;
  /** As of {@link texts}. */
  readonly isLarge: boolean;
}

/**
 * The adds without deletion vectors of one Parquet file of a checkpoint, of which no more than the paths has been read:
 * a table of hundreds of thousands of files is opened, appended to, and read in one of its partitions without the rest.
 */
export class DeferredAdds {
  readonly #disk: Disk;
  readonly #checkpoint: CheckpointFile;
  #whole: Promise<void> | undefined;
  #isRead = false;

  constructor(disk: Disk, checkpoint: CheckpointFile) {
    this.#disk = disk;
    this.#checkpoint = checkpoint;
  }

  /** Nothing is left to be read. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** The JSON of their partition values, each once. @throws IgarapeError DELTA_CORRUPT */
  async partitions(): Promise<string[]> {
    return this.#reading(async (source) => {
      const rows = await this.#disk.engine.rows(
        `SELECT DISTINCT ${PARTITION_TEXT} AS text FROM ${source} WHERE ${isPlainAdd(this.#checkpoint.adds)}`,
      );
      return rows.map(({ text }) => String(text));
    });
  }

  /**
   * Reads them, all or those of some partitions, by the JSON of their values.
   *
   * @throws IgarapeError DELTA_CORRUPT
   */
  async complete(files: LiveFiles, partitions?: readonly string[]): Promise<void> {
    if (partitions !== undefined) {
      if (partitions.length === 0) return;
      return this.#complete(files, `${PARTITION_TEXT} IN (${partitions.map(quoteText).join(', ')})`);
    }
    // To enter them all one by one takes longer.
    files.all();
    this.#whole ??= this.#complete(files, 'true');
    try {
      await this.#whole;
      this.#isRead = true;
    } catch (error) {
      this.#whole = undefined;
      throw error;
    }
  }

  async #complete(files: LiveFiles, condition: string): Promise<void> {
    await this.#reading(async (source, file) => {
      const { engine } = this.#disk;
      const { adds, isLarge } = this.#checkpoint;
      const isPlain = isPlainAdd(adds);
      const line = actionLine('add', adds);
      for await (const [text = ''] of texts(engine, source, [line], `${isPlain} AND ${condition}`, isLarge))
        completeLines(files, { file, text });
    });
  }

  #reading<T>(read: (source: string, file: string) => Promise<T>): Promise<T> {
    const { key, path } = this.#checkpoint;
    const file = `${this.#disk.storage.uri}/${key}`;
    return readingParquet(file, async () => {
      const isThere = await access(path).then(
        () => true,
        () => false,
      );
      return read(parquetFile(isThere ? path : await checkpointCopy(this.#disk, key)), file);
    });
  }
}

function completeLines(files: LiveFiles, log: LogText): void {
  const { file, text } = log;
  let number = 1;
  for (let start = 0; start < text.length; number += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const place = { log, number, start, end };
    const path = plainPath(place, 'add') ?? readAdd(lineAt(place), file)?.path;
    if (path !== undefined) files.complete(new LoggedFile(path, undefined, place, readAdd));
    start = end + 1;
  }
}

/** A local file with a checkpoint's bytes; it may vanish between calls. */
export function checkpointCopy({ storage, workDir }: Disk, key: string): Promise<string> {
  return storage.localFile(key, join(workDir, key));
}

/** @throws IgarapeError DELTA_CORRUPT that names the file, where the engine cannot read it. */
export async function readingParquet<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof IgarapeError && cause.code !== 'LAKE_NOT_FOUND') throw cause;
    throw corrupt(file, `it cannot be read (${messageOf(cause)})`, cause);
  }
}

/**
 * The lines that expressions give for rows, of each undefined where there are none, in pieces of thousands: to hand over
 * a value for each of hundreds of thousands of lines would take longer than to make them. The engine gathers them in its
 * memory, unless the file is `isLarge`.
 */
export async function* texts(
  engine: Engine,
  source: string,
  lines: readonly string[],
  condition: string,
  isLarge: boolean,
): AsyncGenerator<(string | undefined)[]> {
  const pieces = isLarge ? lines : lines.map((line) => `string_agg(${line}, chr(10))`);
  const grouped = isLarge ? '' : ` GROUP BY file_row_number // ${LINES_AT_ONCE}`;
  const sql = `SELECT ${pieces.join(', ')} FROM ${source} WHERE ${condition}${grouped}`;
  for await (const columns of engine.columnBatches(sql)) {
    yield columns.map((values) => {
      const given = values.filter((value) => typeof value === 'string');
      return given.length === 0 ? undefined : given.join('\n');
    });
  }
}

const LINES_AT_ONCE = 4096;
