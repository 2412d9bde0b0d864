import { IgarapeError } from '../../core/errors.ts';
import type { AddFile, Metadata, Protocol } from '../protocol/actions.ts';
import { readCheckpoint } from './checkpoint-read.ts';
import { columnMapping, type ColumnMapping } from '../schema/column-mapping.ts';
import { readLogTexts } from './commit-read.ts';
import { corrupt, unsupported } from '../protocol/corrupt.ts';
import { rowsOfFiles } from '../protocol/row-count.ts';
import { isJsonObject, type Json, parseJson } from '../protocol/json.ts';
import type { Disk } from '../files/disk.ts';
import { checkReadable } from '../protocol/features.ts';
import {
  type Checkpoint,
  commitAt,
  type CommitObject,
  findLogSegment,
  type LogSegment,
  segmentWithout,
} from './segment.ts';
import type { LoggedFile } from './logged-file.ts';
import { Replay, type TableState } from './replay.ts';
import { findField, parseSchema, type StructField, type StructType } from '../schema/schema.ts';

/** A table at one version. It never changes. */
export class Snapshot {
  /** The table's root, for messages. */
  readonly table: string;
  readonly version: number;
  readonly segment: LogSegment;
  readonly state: TableState;
  readonly schema: StructType;
  readonly mapping: ColumnMapping;
  /** The partition columns, in the table's order of them. */
  readonly partitionFields: readonly StructField[];

  /** @throws IgarapeError DELTA_UNSUPPORTED, DELTA_CORRUPT where the state cannot be read. */
  constructor(table: string, segment: LogSegment, state: TableState) {
    checkReadable(state.protocol, table);
    const { provider } = state.metadata.format;
    if (provider !== 'parquet') throw unsupported(table, `its files are ${provider}, not Parquet`);
    this.table = table;
    this.version = segment.version;
    this.segment = segment;
    this.state = state;
    this.schema = parseSchema(state.metadata.schemaString);
    this.mapping = columnMapping(state.metadata.configuration);
    this.partitionFields = state.metadata.partitionColumns.map((name) => {
      const field = findField(this.schema, name);
      if (field === undefined) throw corrupt(table, `its partition column ${name} is not in its schema`);
      return field;
    });
  }

  get protocol(): Protocol {
    return this.state.protocol;
  }

  get metadata(): Metadata {
    return this.state.metadata;
  }

  get configuration(): Readonly<Record<string, string>> {
    return this.state.metadata.configuration;
  }

  /** The columns that rows are clustered by, each by its physical path; none where they are not. */
  get clusteringColumns(): readonly (readonly string[])[] {
    return clusteringColumns(this.state.domains.get(CLUSTERING)?.configuration);
  }

  get fileCount(): number {
    return this.state.files.size;
  }

  /** How many rows there are, by the log; undefined where it does not tell. @throws IgarapeError DELTA_CORRUPT */
  async countRows(): Promise<number | undefined> {
    let rows = 0;
    for (const file of await this.loggedFiles()) {
      const count = rowsOfFile(file);
      if (count === undefined) return undefined;
      rows += count;
    }
    return rows;
  }

  /** The same files under other metadata, as a commit would make the table. */
  with(metadata: Metadata, protocol: Protocol): Snapshot {
    return new Snapshot(this.table, this.segment, { ...this.state, metadata, protocol });
  }

  /** Every live file. @throws IgarapeError DELTA_CORRUPT */
  async files(): Promise<AddFile[]> {
    return Array.from(await this.loggedFiles(), ({ action }) => action);
  }

  /** Every live file, of which each is read from the log when it is asked for. @throws IgarapeError DELTA_CORRUPT */
  async loggedFiles(): Promise<Iterable<LoggedFile<AddFile>>> {
    const { files, deferred } = this.state;
    for (const adds of deferred) await adds.complete(files);
    return files.all().values();
  }
}

/** How many rows a live file has, by the log; undefined where that does not tell. */
export function rowsOfFile(file: LoggedFile<AddFile>): number | undefined {
  return file.loggedRows ?? rowsOfFiles([file.action]);
}

/**
 * The table at a version, or at its newest.
 *
 * @throws IgarapeError DELTA_NOT_FOUND, DELTA_VERSION, DELTA_CORRUPT, DELTA_UNSUPPORTED
 */
export async function loadSnapshot(disk: Disk, version?: number): Promise<Snapshot> {
  return replaySegment(disk, await findLogSegment(disk.storage, version));
}

/**
 * The table at the version of a segment. A checkpoint that was written by half is passed over where the commits before
 * it are still there.
 *
 * @throws IgarapeError DELTA_CORRUPT, DELTA_UNSUPPORTED
 */
export async function replaySegment(disk: Disk, segment: LogSegment): Promise<Snapshot> {
  const table = disk.storage.uri;
  const damaged: Checkpoint[] = [];
  let first: unknown;
  for (let read: LogSegment | undefined = segment; read !== undefined;) {
    try {
      return new Snapshot(table, read, await stateOf(disk, read));
    } catch (error) {
      first ??= error;
      if (!isCorrupt(error) || read.checkpoint === undefined) throw first;
      damaged.push(read.checkpoint);
      read = await segmentWithout(disk.storage, segment.version, damaged);
    }
  }
  throw first;
}

/**
 * A table with the commits after a version that is known; undefined where that takes reading its log as a whole, as
 * where there are many, or the known version leans on a checkpoint of which not all is read.
 *
 * @param next The first of these commits.
 * @throws IgarapeError as {@link replaySegment}
 */
export async function followSnapshot(
  disk: Disk,
  { table, segment, state }: Snapshot,
  next: CommitObject,
): Promise<Snapshot | undefined> {
  const commits: CommitObject[] = [];
  for (let commit: CommitObject | undefined = next; commit !== undefined;) {
    commits.push(commit);
    if (state.deferred.length > 0 || segment.commits.length + commits.length > MOST_COMMITS) return undefined;
    commit = await commitAt(disk.storage, commit.version + 1);
  }
  const replay = new Replay(state);
  const keys = commits.map(({ key }) => key);
  for await (const log of readLogTexts(disk.storage, keys)) replay.apply(log);
  const head = commits.at(-1) ?? next;
  const followed = { ...segment, version: head.version, commits: [...segment.commits, ...commits], head };
  return new Snapshot(table, followed, replay.finish(table));
}

/** With more commits there may be a checkpoint that does without most of them. */
const MOST_COMMITS = 20;

async function stateOf(disk: Disk, { checkpoint, commits }: LogSegment): Promise<TableState> {
  const replay = new Replay();
  const texts = readLogTexts(
    disk.storage,
    commits.map(({ key }) => key),
  );
  if (checkpoint !== undefined) await readCheckpoint(disk, checkpoint, replay);
  for await (const log of texts) replay.apply(log);
  return replay.finish(disk.storage.uri);
}

function isCorrupt(error: unknown): boolean {
  return error instanceof IgarapeError && error.code === 'DELTA_CORRUPT';
}

/** The domain with a table's clustering. */
export const CLUSTERING = 'delta.clustering';

function clusteringColumns(configuration: string | undefined): string[][] {
  const value = configuration === undefined ? undefined : parseJson(configuration);
  const columns = isJsonObject(value) ? value['clusteringColumns'] : undefined;
  if (!Array.isArray(columns)) return [];
  return columns.map((path: Json) =>
    Array.isArray(path) ? path.filter((name: Json) => typeof name === 'string') : [],
  );
}
