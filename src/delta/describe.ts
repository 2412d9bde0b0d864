import { demands } from './protocol/features.ts';
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

export function describeSnapshot(snapshot: Snapshot): TableDescription {
  const { metadata, protocol, table } = snapshot;
  let sizeBytes = 0;
  let deletionVectors = 0;
  for (const { sizeBytes: size, deletionVector } of snapshot.files()) {
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
    rows: snapshot.rows ?? null,
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
