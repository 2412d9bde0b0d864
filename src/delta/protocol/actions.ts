import type { Json, JsonObject } from './json.ts';

/**
 * The actions of a Delta commit, named and shaped as they stand in the log. Fields that are not known here are kept in
 * `rest` and written back as they were.
 *
 * Source of the rules: the Delta protocol, section "Actions".
 */
export type Action =
  | { readonly commitInfo: CommitInfo }
  | { readonly protocol: Protocol }
  | { readonly metaData: Metadata }
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile }
  | { readonly cdc: ChangeFile }
  | { readonly txn: Transaction }
  | { readonly domainMetadata: DomainMetadata }
  | { readonly checkpointMetadata: CheckpointMetadata }
  | { readonly sidecar: Sidecar };

interface Open {
  readonly rest?: JsonObject | undefined;
}

/** Where a commit came from. Free in form: every field is as the writer left it. */
export type CommitInfo = JsonObject;

export interface Protocol extends Open {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  /** There with reader version 3, and only then. */
  readonly readerFeatures?: readonly string[] | undefined;
  /** There with writer version 7, and only then. */
  readonly writerFeatures?: readonly string[] | undefined;
}

export interface Metadata extends Open {
  /** A UUID that stays the table's for its life. */
  readonly id: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTimeMs?: number | undefined;
}

/** Values of the partition columns by physical name, as the log spells them: null and "" are both null. */
export type PartitionValues = Readonly<Record<string, string | null>>;

export interface DeletionVectorDescriptor extends Open {
  /** `u`: a file named by a UUID in the table's folder; `p`: a file by its absolute path; `i`: in the log itself. */
  readonly storageType: 'u' | 'p' | 'i';
  readonly pathOrInlineDv: string;
  /** Where in the file the vector begins. */
  readonly offset?: number | undefined;
  readonly sizeBytes: number;
  /** How many rows are deleted. */
  readonly cardinality: number;
}

export interface AddFile extends Open {
  /** As the log has it, a URI relative to the table or an absolute one; to be copied verbatim into a remove. */
  readonly path: string;
  readonly partitionValues: PartitionValues;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly dataChange: boolean;
  /** JSON text. */
  readonly stats?: string | undefined;
  readonly tags?: JsonObject | undefined;
  readonly deletionVector?: DeletionVectorDescriptor | undefined;
  readonly baseRowId?: bigint | undefined;
  readonly defaultRowCommitVersion?: bigint | undefined;
  readonly clusteringProvider?: string | undefined;
}

export interface RemoveFile extends Open {
  readonly path: string;
  readonly deletedMs?: number | undefined;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean | undefined;
  readonly partitionValues?: PartitionValues | undefined;
  readonly sizeBytes?: number | undefined;
  readonly stats?: string | undefined;
  readonly tags?: JsonObject | undefined;
  readonly deletionVector?: DeletionVectorDescriptor | undefined;
  readonly baseRowId?: bigint | undefined;
  readonly defaultRowCommitVersion?: bigint | undefined;
}

/** A file of the change data feed. */
export interface ChangeFile extends Open {
  readonly path: string;
  readonly partitionValues: PartitionValues;
  readonly sizeBytes: number;
  readonly dataChange: boolean;
  readonly tags?: JsonObject | undefined;
}

/** How far an application has come with its own, numbered writes. */
export interface Transaction extends Open {
  readonly appId: string;
  readonly version: bigint;
  readonly updatedMs?: number | undefined;
}

export interface DomainMetadata extends Open {
  readonly domain: string;
  readonly configuration: string;
  readonly removed: boolean;
}

/** Says that a file is a checkpoint of the second form. */
export interface CheckpointMetadata extends Open {
  readonly version: number;
  readonly tags?: JsonObject | undefined;
}

/** A Parquet file of a checkpoint, under `_delta_log/_sidecars/`. */
export interface Sidecar extends Open {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly tags?: JsonObject | undefined;
}

/** What tells one deletion vector from another: the second half of a logical file's key. */
export function deletionVectorId({ storageType, pathOrInlineDv, offset }: DeletionVectorDescriptor): string {
  return `${storageType}${pathOrInlineDv}${offset === undefined ? '' : `@${offset}`}`;
}

/** What takes a file out of the table; its path and deletion vector as the log has them. */
export function removeOf(file: AddFile, deletedMs: number, dataChange: boolean): RemoveFile {
  const { path, partitionValues, sizeBytes, tags, deletionVector, baseRowId, defaultRowCommitVersion } = file;
  return {
    path,
    deletedMs,
    dataChange,
    extendedFileMetadata: true,
    partitionValues,
    sizeBytes,
    ...(tags === undefined ? {} : { tags }),
    ...(deletionVector === undefined ? {} : { deletionVector }),
    ...(baseRowId === undefined ? {} : { baseRowId }),
    ...(defaultRowCommitVersion === undefined ? {} : { defaultRowCommitVersion }),
  };
}

/** The milliseconds of `commitInfo.inCommitTimestamp`, where there is one. */
export function inCommitTimestampMs(commitInfo: CommitInfo | undefined): number | undefined {
  const value: Json | undefined = commitInfo?.['inCommitTimestamp'];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
