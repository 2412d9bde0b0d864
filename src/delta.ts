/** Delta tables: `import { DeltaTable } from 'igarape/delta'`. */
export { type ErrorCode, IgarapeError } from './core/errors.ts';
export type { CommitInfo, Metadata, Protocol } from './delta/actions.ts';
export type { AppVersion, AppVersions } from './delta/app-version.ts';
export type { ColumnDescription, TableDescription } from './delta/describe.ts';
export type { CreateOptions } from './delta/create-table.ts';
export type { DeleteOptions } from './delta/delete-rows.ts';
export type { ExpectedVersion } from './delta/expected-version.ts';
export type { HistoryEntry } from './delta/history.ts';
export type { ClauseOptions, Merge, MergeOptions, MergeResult, MergeValues } from './delta/merge.ts';
export type { OpenOptions } from './delta/open-table.ts';
export type { OptimizeOptions } from './delta/optimize.ts';
export type { WriteResult } from './delta/publish.ts';
export type { ReplaceOptions } from './delta/replace-where.ts';
export type { RowFormat, Rows } from './delta/rows.ts';
export type {
  ArrayType,
  DeltaType,
  MapType,
  PrimitiveType,
  StructField,
  StructType,
} from './delta/schema.ts';
export type { Snapshot } from './delta/snapshot.ts';
export { type ChangesOptions, DeltaTable, type ReadOptions, type VersionOrTime } from './delta/table.ts';
export type { UpdateOptions } from './delta/update-rows.ts';
export type { VacuumOptions, VacuumResult } from './delta/vacuum.ts';
export type { OverwriteOptions, WriteOptions } from './delta/write-table.ts';
export { Engine, type EngineOptions } from './engine/engine.ts';
export type { PlainRow, PlainValue } from './engine/plain.ts';
export type { S3Access, StorageEnvironment } from './storage/location.ts';
export { openStorage } from './storage/open.ts';
export type { Storage, StoredObject } from './storage/port.ts';
