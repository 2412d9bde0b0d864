/** Delta tables: `import { DeltaTable } from 'igarape/delta'`. */
export { type ErrorCode, IgarapeError } from './core/errors.ts';
export type { CommitInfo, Metadata, Protocol } from './delta/protocol/actions.ts';
export type { AppVersion, AppVersions } from './delta/protocol/app-version.ts';
export type { ColumnDescription, FileDescription, TableDescription } from './delta/describe.ts';
export type { NewColumn } from './delta/operations/alter-table.ts';
export type { Descriptions } from './delta/operations/set-descriptions.ts';
export type { ConvertOptions } from './delta/operations/convert-table.ts';
export type { DeleteOptions } from './delta/operations/delete-rows.ts';
export type { ExpectedVersion } from './delta/operations/expected-version.ts';
export type { HistoryEntry } from './delta/log/history.ts';
export type { ClauseOptions, MergeOptions, MergeResult, MergeValues } from './delta/merge/request.ts';
export type { Merge } from './delta/merge/merge.ts';
export type { OpenOptions } from './delta/open-table.ts';
export type { OptimizeOptions } from './delta/maintain/optimize.ts';
export type { WriteResult } from './delta/write/publish.ts';
export type { ReplaceOptions } from './delta/operations/replace-where.ts';
export type { FollowedChanges, FollowOptions } from './delta/read/follow.ts';
export type { JsonRow, JsonValue } from './delta/read/json-value.ts';
export type { Parameters, ParameterValue } from './delta/read/parameters.ts';
export type { RowFormat, Rows, RowsOptions } from './delta/read/rows.ts';
export type {
  ArrayType,
  DeltaType,
  MapType,
  PrimitiveType,
  StructField,
  StructType,
} from './delta/schema/schema.ts';
export type { Snapshot } from './delta/log/snapshot.ts';
export type { VersionOrTime } from './delta/log/versions.ts';
export { DeltaTable } from './delta/table.ts';
export type { NewTableOptions } from './delta/operations/create-table.ts';
export type { ReadOptions } from './delta/operations/read-rows.ts';
export type { ChangesOptions } from './delta/read/change-feed.ts';
export type { RowSource } from './delta/write/given-rows.ts';
export type { ParquetFiles } from './delta/write/new-rows.ts';
export type { UpdateOptions } from './delta/operations/update-rows.ts';
export type { VacuumOptions, VacuumResult } from './delta/maintain/vacuum.ts';
export type { OverwriteOptions, WriteOptions } from './delta/operations/write-table.ts';
export type { EngineOptions } from './engine/database.ts';
export { Engine } from './engine/engine.ts';
export type { PlainRow, PlainValue } from './engine/plain.ts';
export type { S3Access } from './core/s3-access.ts';
export type { StorageEnvironment } from './storage/location.ts';
export { openStorage } from './storage/open.ts';
export type { Storage, StoredObject } from './storage/port.ts';
