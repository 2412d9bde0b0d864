import type { Writer } from './files/disk.ts';
import type { ReadOptions } from './operations/read-rows.ts';
import { bindWhere } from './read/parameters.ts';
import { filesFor } from './write/row-condition.ts';
import { tableFile } from './files/table-file.ts';
import { demands } from './protocol/features.ts';
import { rowsOfFiles } from './protocol/row-count.ts';
import { physicalName } from './schema/column-mapping.ts';
import type { Snapshot } from './log/snapshot.ts';
import { sqlTypeOf } from './schema/sql-schema.ts';

/** A table at one version, in numbers and names. */
export interface TableDescription {
  readonly table: string;
  readonly version: number;
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly createdMs: number | null;
  readonly files: number;
  readonly sizeBytes: number;
  /** Null where a file does not say how many rows it has. */
  readonly rows: number | null;
  readonly deletionVectors: number;
  readonly columns: readonly ColumnDescription[];
  readonly partitionColumns: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  /** What the table demands of readers and writers, by name. */
  readonly readerFeatures: readonly string[];
  readonly writerFeatures: readonly string[];
  /** How far applications have come, by name. */
  readonly transactions: Readonly<Record<string, bigint>>;
}

export interface ColumnDescription {
  readonly name: string;
  /** In DuckDB's words. */
  readonly type: string;
  readonly nullable: boolean;
}

export async function describeSnapshot(snapshot: Snapshot): Promise<TableDescription> {
  const { metadata, protocol, table } = snapshot;
  let sizeBytes = 0;
  let deletionVectors = 0;
  for (const { sizeBytes: size, deletionVector } of await snapshot.files()) {
    sizeBytes += size;
    if (deletionVector !== undefined) deletionVectors += 1;
  }
  const { reader, writer } = demands(protocol, table);
  return {
    table,
    version: snapshot.version,
    id: metadata.id,
    name: metadata.name ?? null,
    description: metadata.description ?? null,
    createdMs: metadata.createdTimeMs ?? null,
    files: snapshot.fileCount,
    sizeBytes,
    rows: (await snapshot.countRows()) ?? null,
    deletionVectors,
    columns: snapshot.schema.fields.map(({ name, type, nullable }) => ({
      name,
      type: sqlTypeOf(type),
      nullable,
    })),
    partitionColumns: metadata.partitionColumns,
    properties: metadata.configuration,
    minReaderVersion: protocol.minReaderVersion,
    minWriterVersion: protocol.minWriterVersion,
    readerFeatures: reader,
    writerFeatures: writer,
    transactions: Object.fromEntries(
      [...snapshot.state.transactions].map(([app, { version }]) => [app, version]),
    ),
  };
}

/** A data file of a table. */
export interface FileDescription {
  /** Its absolute path, or its address. */
  readonly uri: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** How many of its rows are the table's; null where the log does not tell. */
  readonly rows: number | null;
  /** By column, as the log spells them. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
  /** How many of its rows are deleted. */
  readonly deletedRows: number;
}

/** The live files; of a condition, those that may hold a row for it. @throws IgarapeError DELTA_QUERY */
export async function describeFiles(
  disk: Writer,
  snapshot: Snapshot,
  asked: Pick<ReadOptions, 'where' | 'parameters'>,
): Promise<FileDescription[]> {
  const { where } = bindWhere(asked);
  const { partitionFields, mapping } = snapshot;
  const files = where === undefined ? await snapshot.files() : (await filesFor(disk, snapshot, where)).files;
  return Array.from(files, (file) => ({
    uri: tableFile(disk.storage, file.path).uri,
    sizeBytes: file.sizeBytes,
    modifiedMs: file.modifiedMs,
    rows: rowsOfFiles([file]) ?? null,
    partitionValues: Object.fromEntries(
      partitionFields.map((field) => [
        field.name,
        file.partitionValues[physicalName(field, mapping)] ?? null,
      ]),
    ),
    deletedRows: file.deletionVector?.cardinality ?? 0,
  }));
}
