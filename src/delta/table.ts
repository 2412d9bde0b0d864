import type { Engine } from '../engine/engine.ts';
import { checkBeside, checkCall } from './arguments.ts';
import type { Storage } from '../storage/port.ts';
import { type ChangeRange, type ChangesOptions, readChanges } from './read/change-feed.ts';
import { type FollowedChanges, followChanges, type FollowOptions } from './read/follow.ts';
import { writeCheckpoint } from './log/checkpoint-write.ts';
import { describeFiles, describeSnapshot, type FileDescription, type TableDescription } from './describe.ts';
import { bindParameters, bindWhere, type WithParameters } from './read/parameters.ts';
import { type VersionOrTime, Versions } from './log/versions.ts';
import { addColumns, addConstraint, type NewColumn, setProperties } from './operations/alter-table.ts';
import { type Descriptions, setDescriptions } from './operations/set-descriptions.ts';
import { type ConvertOptions, convertTable } from './operations/convert-table.ts';
import type { RowSource } from './write/given-rows.ts';
import { type ParquetFiles, withNewRows } from './write/new-rows.ts';
import { createWithRows, type NewTableOptions } from './operations/create-table.ts';
import { deleteRows, type DeleteOptions } from './operations/delete-rows.ts';
import { checkExpected, type ExpectedVersion } from './operations/expected-version.ts';
import { type HistoryEntry, readHistory } from './log/history.ts';
import { KnownSnapshots } from './log/known-snapshots.ts';
import { readLastCheckpoint } from './log/last-checkpoint.ts';
import { closeAll, openDisk, openLocation, type OpenOptions } from './open-table.ts';
import { listLog, logSegmentBy, oldestReadable } from './log/segment.ts';
import { Merge } from './merge/merge.ts';
import { type MergeOptions } from './merge/request.ts';
import { type Layout, layOut } from './maintain/lay-out.ts';
import { optimizeTable, type OptimizeOptions } from './maintain/optimize.ts';
import { type PlaceOfPage, readPage } from './read/page.ts';
import type { WriteResult } from './write/publish.ts';
import { type ReplaceOptions, replaceRows } from './operations/replace-where.ts';
import { restoreTable } from './operations/restore.ts';
import { Rows } from './read/rows.ts';
import { countRows, readRows, type ReadOptions } from './operations/read-rows.ts';
import { loadSnapshot, replaySegment, type Snapshot } from './log/snapshot.ts';
import { checkTarget } from './write/target.ts';
import { type UpdateOptions, updateRows } from './operations/update-rows.ts';
import { type VacuumOptions, type VacuumResult, vacuumTable } from './maintain/vacuum.ts';
import { appendRows, type OverwriteOptions, type WriteOptions } from './operations/write-table.ts';
import type { Writer } from './files/disk.ts';

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
  readonly #known: KnownSnapshots;

  private constructor(disk: Writer, newest: Snapshot, closers: (() => Promise<void>)[]) {
    this.#disk = disk;
    this.#known = new KnownSnapshots(disk, newest);
    this.#closers = closers;
  }

  /**
   * Opens the table at a path, an `s3://` address, or in a storage, and reads its newest version's log.
   *
   * @throws IgarapeError DELTA_NOT_FOUND, DELTA_CORRUPT, DELTA_UNSUPPORTED
   */
  static async open(location: string | Storage, options: OpenOptions = {}): Promise<DeltaTable> {
    checkCall('open', options, { location });
    return DeltaTable.#opened(location, options, async (storage, closers) => {
      const disk = await openDisk(storage, options, closers);
      const segment = await logSegmentBy(storage, await readLastCheckpoint(storage));
      return new DeltaTable(disk, await replaySegment(disk, segment), closers);
    });
  }

  /**
   * Creates a table, with its first rows where some are given, and opens it.
   *
   * @example
   * const table = await DeltaTable.create('lake/silver/customers', { rows: "SELECT * FROM 'customers.parquet'" });
   * @throws IgarapeError DELTA_CONFLICT where there is one already; DELTA_QUERY, DELTA_UNSUPPORTED, DELTA_CONSTRAINT
   */
  static async create(
    location: string | Storage,
    options: NewTableOptions & OpenOptions,
  ): Promise<DeltaTable> {
    checkCall('create', options, { location });
    return DeltaTable.#make(location, options, (disk) => createWithRows(disk, options));
  }

  /**
   * Makes a folder of Parquet files a table of these very files, none of which is written anew, and opens it.
   *
   * @example
   * const table = await DeltaTable.convertToDelta('exports/sales', { partitionSchema: { day: 'date' } });
   * @throws IgarapeError DELTA_CONFLICT where there is a table already; DELTA_QUERY, DELTA_UNSUPPORTED
   */
  static async convertToDelta(
    location: string | Storage,
    options: ConvertOptions & OpenOptions = {},
  ): Promise<DeltaTable> {
    checkCall('convertToDelta', options, { location });
    return DeltaTable.#make(location, options, (disk) => convertTable(disk, options));
  }

  static async #make(
    location: string | Storage,
    options: OpenOptions,
    make: (disk: Writer) => Promise<unknown>,
  ): Promise<DeltaTable> {
    return DeltaTable.#opened(location, options, async (storage, closers) => {
      const disk = await openDisk(storage, options, closers);
      await make(disk);
      return new DeltaTable(disk, await loadSnapshot(disk), closers);
    });
  }

  /** What cannot be opened leaves nothing open. */
  static async #opened(
    location: string | Storage,
    options: OpenOptions,
    open: (storage: Storage, closers: (() => Promise<void>)[]) => Promise<DeltaTable>,
  ): Promise<DeltaTable> {
    const closers: (() => Promise<void>)[] = [];
    try {
      return await open(
        typeof location === 'string' ? await openLocation(location, options) : location,
        closers,
      );
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

  /** The newest version that is known, without another look at the log. */
  get known(): Snapshot {
    return this.#known.last;
  }

  /** @throws IgarapeError DELTA_VERSION where there is no such version */
  async snapshot(at?: VersionOrTime): Promise<Snapshot> {
    const known = typeof at === 'number' ? this.#known.known(at) : undefined;
    if (known !== undefined) return known;
    const newest = await this.#known.newest();
    const version = at === undefined ? newest.version : await this.#versions(newest).at(at);
    return this.#known.at(version);
  }

  /**
   * Rows of one version. Files that cannot hold a row for the condition are not opened.
   *
   * @throws IgarapeError DELTA_VERSION, DELTA_QUERY, DELTA_MISSING, DELTA_CORRUPT
   */
  async read(options: ReadOptions = {}): Promise<Rows> {
    checkCall('read', options);
    const { at, ...asked } = options;
    return readRows(this.#disk, await this.snapshot(at), asked);
  }

  /**
   * Rows of one version by their position, in the order of its files in the log: only what has them is read. Where the
   * log does not tell how many rows files have, they are read from the first.
   *
   * @throws IgarapeError DELTA_VERSION, DELTA_MISSING, DELTA_CORRUPT
   */
  async page(options: { at?: VersionOrTime } & PlaceOfPage): Promise<Rows> {
    checkCall('page', options);
    const { at, ...place } = options;
    const relation = await readPage(this.#disk, await this.snapshot(at), place);
    return Rows.of(this.#disk.engine, relation, { table: this.uri });
  }

  /** How many rows there are; from the log alone where that tells it. @throws IgarapeError as {@link read} */
  async count(options: Omit<ReadOptions, 'columns' | 'limit'> = {}): Promise<number> {
    checkCall('count', options);
    const { at, ...asked } = options;
    return countRows(this.#disk, await this.snapshot(at), asked);
  }

  /** The live files of a version; of a condition, those that may hold a row for it. @throws IgarapeError as {@link read} */
  async files(options: Omit<ReadOptions, 'columns' | 'limit'> = {}): Promise<FileDescription[]> {
    checkCall('files', options);
    const { at, ...asked } = options;
    return describeFiles(this.#disk, await this.snapshot(at), asked);
  }

  /**
   * The change data feed of a range of versions: every changed row, with `_change_type`, `_commit_version` and
   * `_commit_timestamp`. There are none after the newest version.
   *
   * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING, DELTA_CORRUPT
   */
  async changes(options: ChangesOptions): Promise<Rows> {
    checkCall('changes', options);
    const { from, to } = options;
    const versions = this.#versions(await this.#known.newest());
    return this.#changes(await versions.range(from, to), versions);
  }

  /**
   * The change data feed as it goes on: from a version, what has come until now, and then what comes, for as long as it
   * is iterated over, or until the signal.
   *
   * @example
   * for await (const { to, rows } of table.follow({ from: 0, signal })) console.log(to, await rows.toArray());
   * @throws IgarapeError as {@link changes}
   */
  async *follow(asked: FollowOptions): AsyncGenerator<FollowedChanges> {
    checkCall('follow', asked);
    const { from, ...options } = asked;
    const first = await this.#versions(await this.#known.newest()).since(from);
    const feed = {
      newestVersion: async () => (await this.#known.newest()).version,
      changes: (range: ChangeRange) => this.#changes(range, this.#versions(this.#known.last)),
    };
    yield* followChanges(feed, first, options);
  }

  /** Its commits, newest first, read as they are asked for. @throws IgarapeError DELTA_CORRUPT */
  async *history(): AsyncGenerator<HistoryEntry> {
    yield* readHistory(this.#disk.storage, await this.#known.newest());
  }

  /** The oldest version that the log can still be read at. */
  async oldestVersion(): Promise<number> {
    const listing = await listLog(this.#disk.storage);
    return oldestReadable(listing) ?? (await this.#known.newest()).version;
  }

  async describe(at?: VersionOrTime): Promise<TableDescription> {
    return describeSnapshot(await this.snapshot(at));
  }

  /**
   * Adds rows: of a SELECT of DuckDB's, objects, Arrow's, or Parquet files that lie below the table's root and become its
   * own. Columns go by their names.
   *
   * @throws IgarapeError DELTA_QUERY, DELTA_CONSTRAINT, DELTA_UNSUPPORTED, DELTA_CONFLICT
   */
  async append(
    rows: RowSource | ParquetFiles,
    given: WriteOptions & WithParameters = {},
  ): Promise<WriteResult> {
    checkCall('append', given, { rows });
    const { parameters, ...options } = given;
    const newest = await this.#known.newest();
    return withNewRows(this.#disk, { rows, known: newest.schema, parameters }, (added) =>
      appendRows(this.#disk, newest, added, options),
    );
  }

  /** Replaces all rows, or, with `where`, those for which a condition holds. @throws IgarapeError as {@link append} */
  async overwrite(
    rows: RowSource | ParquetFiles,
    options: (OverwriteOptions | ReplaceOptions) & ExpectedVersion & WithParameters = {},
  ): Promise<WriteResult> {
    checkCall('overwrite', options, { rows });
    return replaceRows(this.#disk, await this.#known.newest(), rows, options);
  }

  /**
   * Deletes the rows for which a condition holds, given as SQL alone or with more options; all of them without one.
   *
   * @throws IgarapeError as {@link append}
   */
  async delete(condition?: string | (DeleteOptions & WithParameters)): Promise<WriteResult> {
    const options = typeof condition === 'string' ? { where: condition } : (condition ?? {});
    checkCall('delete', options);
    return deleteRows(this.#disk, await this.#known.newest(), bindWhere(options));
  }

  /** Changes rows. @throws IgarapeError as {@link append} */
  async update(given: UpdateOptions & WithParameters): Promise<WriteResult> {
    checkCall('update', given);
    const { set, ...options } = given;
    const bound = Object.entries(set).map(([name, sql]) => [name, bindParameters(sql, options.parameters)]);
    return updateRows(this.#disk, await this.#known.newest(), {
      ...bindWhere(options),
      set: Object.fromEntries(bound),
    });
  }

  /** Begins a merge with rows, `source`, into this table, `target`; {@link Merge.execute} reads them and runs it. */
  merge(source: RowSource, given: MergeOptions & ExpectedVersion): Merge {
    checkCall('merge', given, { rows: source });
    const { ifVersion, ...options } = given;
    const snapshot = async (): Promise<Snapshot> => {
      const newest = await this.#known.newest();
      checkExpected(newest, ifVersion === undefined ? {} : { ifVersion });
      return newest;
    };
    return new Merge(this.#disk, snapshot, source, options);
  }

  /** Adds columns, whose values are null. @throws IgarapeError DELTA_QUERY, DELTA_UNSUPPORTED, DELTA_CONFLICT */
  async addColumns(columns: readonly NewColumn[]): Promise<WriteResult> {
    checkBeside('addColumns', { columns });
    return addColumns(this.#disk, await this.#known.newest(), columns);
  }

  /** Sets table properties; the others stay. @throws IgarapeError DELTA_UNSUPPORTED, DELTA_CONFLICT */
  async setProperties(properties: Readonly<Record<string, string>>): Promise<WriteResult> {
    checkBeside('setProperties', { properties });
    return setProperties(this.#disk, await this.#known.newest(), properties);
  }

  /** Says what the table and its columns are. @throws IgarapeError DELTA_UNSUPPORTED, DELTA_CONFLICT */
  async setDescriptions(descriptions: Descriptions): Promise<WriteResult> {
    checkCall('setDescriptions', descriptions);
    return setDescriptions(this.#disk, await this.#known.newest(), descriptions);
  }

  /** Adds a CHECK constraint, which all rows have to meet. @throws IgarapeError DELTA_CONSTRAINT where one does not */
  async addConstraint(name: string, condition: string): Promise<WriteResult> {
    checkBeside('addConstraint', { name, condition });
    return addConstraint(this.#disk, await this.#known.newest(), name, condition);
  }

  /** Puts small files together, and takes deleted rows out of files. @throws IgarapeError DELTA_CONFLICT */
  async optimize(options: OptimizeOptions = {}): Promise<WriteResult> {
    checkCall('optimize', options);
    return optimizeTable(this.#disk, await this.#known.newest(), options);
  }

  /** Writes all files anew in another layout, partitioned by other columns. @throws IgarapeError DELTA_CONFLICT */
  async layOut(layout: Layout): Promise<WriteResult> {
    checkCall('layOut', layout);
    return layOut(this.#disk, await this.#known.newest(), layout);
  }

  /** Removes files that no version within the retention needs. @throws IgarapeError DELTA_QUERY */
  async vacuum(options: VacuumOptions = {}): Promise<VacuumResult> {
    checkCall('vacuum', options);
    return vacuumTable(this.#disk, await this.#known.newest(), options);
  }

  /**
   * Writes a checkpoint of the newest version, so that the log is read from there on. Resolves the version.
   * @throws IgarapeError DELTA_UNSUPPORTED
   */
  async checkpoint(): Promise<number> {
    const newest = await this.#known.newest();
    checkTarget(newest);
    await writeCheckpoint(this.#disk, newest);
    return newest.version;
  }

  /** Makes the table what it was, by a new version. @throws IgarapeError DELTA_VERSION, DELTA_MISSING, DELTA_CONFLICT */
  async restore(to: VersionOrTime): Promise<WriteResult> {
    return restoreTable(this.#disk, await this.#known.newest(), await this.snapshot(to));
  }

  /** Closes what the table has opened itself. */
  async close(): Promise<void> {
    await closeAll(this.#closers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #versions(newest: Snapshot): Versions {
    return new Versions(this.#disk.storage, newest);
  }

  async #changes(range: ChangeRange, versions: Versions): Promise<Rows> {
    const ends = { ...range, at: (version: number) => this.#known.at(version) };
    const relation = await readChanges(this.#disk, ends, await versions.times());
    return Rows.of(this.#disk.engine, relation, { table: this.uri });
  }
}
