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
import { type Checkpoint, findLogSegment, type LogSegment, segmentWithout } from './segment.ts';
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

  /** How many rows there are, by the log; undefined where it does not tell. */
  get rows(): number | undefined {
    let rows = 0;
    for (const file of this.state.files.values()) {
      const count = file.loggedRows ?? rowsOfFiles([file.action]);
      if (count === undefined) return undefined;
      rows += count;
    }
    return rows;
  }

  /** The same files under other metadata, as a commit would make the table. */
  with(metadata: Metadata, protocol: Protocol): Snapshot {
    return new Snapshot(this.table, this.segment, { ...this.state, metadata, protocol });
  }

  /** Every live file, read from the log one by one. @throws IgarapeError DELTA_CORRUPT */
  *files(): Generator<AddFile> {
    for (const file of this.state.files.values()) yield file.action;
  }
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

async function stateOf(disk: Disk, { checkpoint, commits }: LogSegment): Promise<TableState> {
  const replay = new Replay();
  const texts = readLogTexts(
    disk.storage,
    commits.map(({ key }) => key),
  );
  if (checkpoint !== undefined) {
    for await (const { text, file } of readCheckpoint(disk, checkpoint)) replay.apply(text, file);
  }
  for await (const { text, file } of texts) replay.apply(text, file);
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
