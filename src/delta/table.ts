import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Storage } from '../storage/port.ts';
import { readChanges } from './read/change-feed.ts';
import { writeCheckpoint } from './log/checkpoint-write.ts';
import { CommitTimes } from './log/commit-times.ts';
import { filesThatMayMatch } from './read/data-skipping.ts';
import { describeSnapshot, type TableDescription } from './describe.ts';
import { createTable, type CreateOptions } from './operations/create-table.ts';
import { deleteRows, type DeleteOptions } from './operations/delete-rows.ts';
import { checkExpected, type ExpectedVersion } from './operations/expected-version.ts';
import { type HistoryEntry, readHistory } from './log/history.ts';
import { parseInstant } from './log/instant.ts';
import { readLastCheckpoint } from './log/last-checkpoint.ts';
import { closeAll, openDisk, openLocation, type OpenOptions } from './open-table.ts';
import { changeSince, listLog, type LogListing, logSegmentBy } from './log/segment.ts';
import { Merge } from './merge/merge.ts';
import { type MergeOptions } from './merge/request.ts';
import { type Layout, layOut } from './maintain/lay-out.ts';
import { optimizeTable, type OptimizeOptions } from './maintain/optimize.ts';
import { parsePredicate } from './read/predicate.ts';
import type { WriteResult } from './write/publish.ts';
import type { Relation } from './read/relation.ts';
import { type ReplaceOptions, replaceWhere } from './operations/replace-where.ts';
import { restoreTable } from './operations/restore.ts';
import { firstFiles, rowsOfFiles } from './protocol/row-count.ts';
import { selectList } from './read/select-list.ts';
import { Rows } from './read/rows.ts';
import { scanFiles } from './read/scan.ts';
import { loadSnapshot, replaySegment, type Snapshot } from './log/snapshot.ts';
import { queryText } from './write/query-text.ts';
import { filesFor } from './write/row-condition.ts';
import { checkTarget } from './write/target.ts';
import { type UpdateOptions, updateRows } from './operations/update-rows.ts';
import { type VacuumOptions, type VacuumResult, vacuumTable } from './maintain/vacuum.ts';
import {
  appendRows,
  type OverwriteOptions,
  overwriteRows,
  type WriteOptions,
} from './operations/write-table.ts';
import type { Writer } from './files/disk.ts';

/** A version by its number, or the newest one until a time: a Date, or text such as `2024-01-31T12:00:00Z`. */
export type VersionOrTime = number | Date | string;

export interface ReadOptions {
  /** The version to read; the newest where it is left out. */
  readonly at?: VersionOrTime;
  /** The columns wanted, in this order; all where they are left out. */
  readonly columns?: readonly string[];
  /** A condition in SQL on the table's columns. */
  readonly where?: string;
  /** No more rows than these, of any; then no more files are opened than it takes. */
  readonly limit?: number;
}

export interface ChangesOptions {
  /** The first version whose changes are wanted; of a time, the first version since. */
  readonly from: VersionOrTime;
  /** The last one; the newest where it is left out. */
  readonly to?: VersionOrTime;
}

/**
 * A Delta table in a folder or an S3 bucket.
 *
 * @example
 * const table = await DeltaTable.open('lake/silver/customers');
 * const rows = await table.read({ columns: ['id', 'name'], where: 'points > 100' });
 * for await (const batch of rows.batches()) console.log(batch);
 * await table
 *   .merge("SELECT * FROM 'changes.parquet'", { on: ['id'] })
 *   .whenMatchedDelete({ where: "source.op = 'D'" })
 *   .whenMatchedUpdateAll()
 *   .whenNotMatchedInsertAll()
 *   .execute();
 * await table.close();
 */
export class DeltaTable implements AsyncDisposable {
  readonly #disk: Writer;
  readonly #closers: (() => Promise<void>)[];
  #newest: Snapshot;

  private constructor(disk: Writer, newest: Snapshot, closers: (() => Promise<void>)[]) {
    this.#disk = disk;
    this.#newest = newest;
    this.#closers = closers;
  }

  /**
   * Opens the table at a path, an `s3://` address, or in a storage, and reads its newest version's log.
   *
   * @throws IgarapeError DELTA_NOT_FOUND, DELTA_CORRUPT, DELTA_UNSUPPORTED
   */
  static async open(location: string | Storage, options: OpenOptions = {}): Promise<DeltaTable> {
    const closers: (() => Promise<void>)[] = [];
    try {
      const storage = typeof location === 'string' ? await openLocation(location, options) : location;
      const hint = await readLastCheckpoint(storage);
      // In this order the log is being listed while the engine is loaded, which holds up this thread.
      const starting = [logSegmentBy(storage, hint), openDisk(storage, options, closers)] as const;
      // Whichever fails, the other has to come to its end before what it opened can be closed.
      await Promise.allSettled(starting);
      const [segment, disk] = await Promise.all(starting);
      return new DeltaTable(disk, await replaySegment(disk, segment), closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /**
   * Creates a table, with its first rows where some are given, and opens it.
   *
   * @example
   * const table = await DeltaTable.create('lake/silver/customers', { rows: "SELECT * FROM 'customers.parquet'" });
   * @throws IgarapeError DELTA_CONFLICT where there is one already; DELTA_QUERY, DELTA_UNSUPPORTED, DELTA_CONSTRAINT
   */
  static async create(location: string | Storage, options: CreateOptions & OpenOptions): Promise<DeltaTable> {
    const closers: (() => Promise<void>)[] = [];
    try {
      const storage = typeof location === 'string' ? await openLocation(location, options) : location;
      const disk = await openDisk(storage, options, closers);
      const { rows } = options;
      await createTable(disk, rows === undefined ? options : { ...options, rows: queryText(rows) });
      return new DeltaTable(disk, await loadSnapshot(disk), closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /** The table's root. */
  get uri(): string {
    return this.#disk.storage.uri;
  }

  /** What runs the SQL of {@link Rows}. */
  get engine(): Engine {
    return this.#disk.engine;
  }

  /** @throws IgarapeError DELTA_VERSION where there is no such version */
  async snapshot(at?: VersionOrTime): Promise<Snapshot> {
    const newest = await this.#refresh();
    const version = at === undefined ? newest.version : await this.#versionAt(at, newest);
    return version === newest.version ? newest : loadSnapshot(this.#disk, version);
  }

  /**
   * Rows of one version. Files that cannot hold a row for the condition are not opened.
   *
   * @throws IgarapeError DELTA_VERSION, DELTA_QUERY, DELTA_MISSING, DELTA_CORRUPT
   */
  async read({ at, columns, where, limit }: ReadOptions = {}): Promise<Rows> {
    const snapshot = await this.snapshot(at);
    const { engine } = this.#disk;
    const condition = where === undefined ? undefined : await parsePredicate(engine, where);
    const all = [...snapshot.files()];
    const files =
      condition === undefined
        ? firstFiles(all, limit)
        : await filesThatMayMatch(this.#disk, snapshot, all, condition);
    const list = selectList(snapshot, columns);
    // Parsed above: it is one condition, and cannot end the bracket.
    const filter = where === undefined ? '' : ` WHERE (${where}\n)`;
    const scan = await scanFiles(this.#disk, snapshot, files);
    const relation: Relation = {
      sql: `SELECT ${list} FROM (${scan.sql})${filter}${limit === undefined ? '' : ` LIMIT ${limit}`}`,
      release: () => scan.release(),
    };
    return Rows.of(engine, relation, { table: this.uri, ...(where === undefined ? {} : { where }) });
  }

  /** How many rows there are; from the log alone where that tells it. @throws IgarapeError as {@link read} */
  async count({ at, where }: Pick<ReadOptions, 'at' | 'where'> = {}): Promise<number> {
    const snapshot = await this.snapshot(at);
    const found = where === undefined ? undefined : await filesFor(this.#disk, snapshot, where);
    const logged = found === undefined ? snapshot.rows : found.isExact ? rowsOfFiles(found.files) : undefined;
    if (logged !== undefined) return logged;
    await using rows = await this.read({ at: snapshot.version, ...(where === undefined ? {} : { where }) });
    return rows.count();
  }

  /**
   * The change data feed of a range of versions: every changed row, with `_change_type`, `_commit_version` and
   * `_commit_timestamp`.
   *
   * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING, DELTA_CORRUPT
   */
  async changes({ from, to }: ChangesOptions): Promise<Rows> {
    const newest = await this.#refresh();
    const times = await this.#times(newest);
    const first = typeof from === 'number' ? from : await this.#firstSince(from, times, newest);
    const last = to === undefined ? newest.version : await this.#versionAt(to, newest, 'or newest');
    if (!Number.isSafeInteger(first) || first < 0 || first > last || last > newest.version) {
      throw new IgarapeError('DELTA_VERSION', `${this.uri} has no changes from version ${first} to ${last}`, {
        hint: `Its newest version is ${newest.version}.`,
      });
    }
    const relation = await readChanges(this.#disk, { from: first, to: last }, times);
    return Rows.of(this.#disk.engine, relation, { table: this.uri });
  }

  /** Its commits, newest first, read as they are asked for. @throws IgarapeError DELTA_CORRUPT */
  async *history(): AsyncGenerator<HistoryEntry> {
    const newest = await this.#refresh();
    const { commits } = await listLog(this.#disk.storage);
    const run = lastRun(commits);
    yield* readHistory(
      this.#disk.storage,
      run,
      new CommitTimes(this.#disk.storage, run, newest.configuration),
    );
  }

  async describe(at?: VersionOrTime): Promise<TableDescription> {
    return describeSnapshot(await this.snapshot(at));
  }

  /**
   * Adds the rows of a query, one SELECT of DuckDB's, whose columns go by their names.
   *
   * @throws IgarapeError DELTA_QUERY, DELTA_CONSTRAINT, DELTA_UNSUPPORTED, DELTA_CONFLICT
   */
  async append(rows: string, options?: WriteOptions): Promise<WriteResult> {
    return appendRows(this.#disk, await this.#refresh(), queryText(rows), options);
  }

  /** Replaces all rows, or, with `where`, those for which a condition holds. @throws IgarapeError as {@link append} */
  async overwrite(
    rows: string,
    options: (OverwriteOptions | ReplaceOptions) & ExpectedVersion = {},
  ): Promise<WriteResult> {
    const newest = await this.#refresh();
    checkExpected(newest, options);
    return 'where' in options
      ? replaceWhere(this.#disk, newest, queryText(rows), options)
      : overwriteRows(this.#disk, newest, queryText(rows), options);
  }

  /**
   * Deletes the rows for which a condition holds, given as SQL alone or with more options; all of them without one.
   *
   * @throws IgarapeError as {@link append}
   */
  async delete(condition?: string | DeleteOptions): Promise<WriteResult> {
    const options = typeof condition === 'string' ? { where: condition } : condition;
    return deleteRows(this.#disk, await this.#refresh(), options);
  }

  /** Changes rows. @throws IgarapeError as {@link append} */
  async update(options: UpdateOptions): Promise<WriteResult> {
    return updateRows(this.#disk, await this.#refresh(), options);
  }

  /** Begins a merge with the rows of a query, `source`, into this table, `target`; {@link Merge.execute} runs it. */
  merge(source: string, { ifVersion, ...options }: MergeOptions & ExpectedVersion): Merge {
    const snapshot = async (): Promise<Snapshot> => {
      const newest = await this.#refresh();
      checkExpected(newest, ifVersion === undefined ? {} : { ifVersion });
      return newest;
    };
    return new Merge(this.#disk, snapshot, queryText(source), options);
  }

  /** Puts small files together, and takes deleted rows out of files. @throws IgarapeError DELTA_CONFLICT */
  async optimize(options?: OptimizeOptions): Promise<WriteResult> {
    return optimizeTable(this.#disk, await this.#refresh(), options);
  }

  /** Writes all files anew in another layout, partitioned by other columns. @throws IgarapeError DELTA_CONFLICT */
  async layOut(layout: Layout): Promise<WriteResult> {
    return layOut(this.#disk, await this.#refresh(), layout);
  }

  /** Removes files that no version within the retention needs. @throws IgarapeError DELTA_QUERY */
  async vacuum(options?: VacuumOptions): Promise<VacuumResult> {
    return vacuumTable(this.#disk, await this.#refresh(), options);
  }

  /**
   * Writes a checkpoint of the newest version, whichever number it has, so that the log is read from there on: after
   * many commits in a row, say, of a table whose `delta.checkpointInterval` is long. Resolves the version.
   *
   * @example
   * await table.checkpoint();
   * @throws IgarapeError DELTA_UNSUPPORTED
   */
  async checkpoint(): Promise<number> {
    const newest = await this.#refresh();
    checkTarget(newest);
    await writeCheckpoint(this.#disk, newest);
    return newest.version;
  }

  /** Makes the table what it was, by a new version. @throws IgarapeError DELTA_VERSION, DELTA_MISSING, DELTA_CONFLICT */
  async restore(to: VersionOrTime): Promise<WriteResult> {
    return restoreTable(this.#disk, await this.#refresh(), await this.snapshot(to));
  }

  /** Closes what the table has opened itself. */
  async close(): Promise<void> {
    await closeAll(this.#closers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The newest snapshot, read again only where the log has changed. @throws IgarapeError DELTA_CONFLICT */
  async #refresh(): Promise<Snapshot> {
    const known = this.#newest;
    const change = await changeSince(this.#disk.storage, known.segment);
    if (change === 'none') return known;
    const newest = await loadSnapshot(this.#disk);
    if (change === 'other' && (newest.version < known.version || newest.metadata.id !== known.metadata.id)) {
      throw new IgarapeError(
        'DELTA_CONFLICT',
        `${this.uri} was replaced by another table since it was opened`,
        {
          hint: 'Open it again.',
        },
      );
    }
    this.#newest = newest;
    return newest;
  }

  async #times(newest: Snapshot): Promise<CommitTimes> {
    const { commits } = await listLog(this.#disk.storage);
    return new CommitTimes(this.#disk.storage, lastRun(commits), newest.configuration);
  }

  async #versionAt(
    at: VersionOrTime,
    newest: Snapshot,
    later: 'refuse' | 'or newest' = 'refuse',
  ): Promise<number> {
    if (typeof at === 'number') return at;
    const ms = instantOf(at);
    const times = await this.#times(newest);
    const version = await times.newestUntil(ms);
    if (version === undefined)
      throw this.#noVersion(`it has no version as old as ${new Date(ms).toISOString()}`);
    const last = await times.of(newest.version);
    if (ms > last && later === 'refuse') {
      throw this.#noVersion(
        `${new Date(ms).toISOString()} is after its newest version, of ${new Date(last).toISOString()}`,
      );
    }
    return version;
  }

  async #firstSince(from: Date | string, times: CommitTimes, newest: Snapshot): Promise<number> {
    const ms = instantOf(from);
    // Commits have different times, whole milliseconds apart.
    const before = await times.newestUntil(ms - 1);
    const version = before === undefined ? times.first : before + 1;
    if (version > newest.version)
      throw this.#noVersion(`it has no version since ${new Date(ms).toISOString()}`);
    return version;
  }

  #noVersion(reason: string): IgarapeError {
    return new IgarapeError('DELTA_VERSION', `${this.uri}: ${reason}`, {
      hint: 'See the versions with: igarape delta history',
    });
  }
}

/** The commits from the last gap on: older ones may be left over from a clean-up. */
function lastRun(commits: LogListing['commits']): LogListing['commits'] {
  const gap = commits.findLastIndex(
    (commit, index) => index > 0 && commit.version !== (commits[index - 1]?.version ?? 0) + 1,
  );
  return commits.slice(Math.max(gap, 0));
}

function instantOf(at: Date | string): number {
  return typeof at === 'string' ? parseInstant(at) : at.getTime();
}
