import type { Action, AddFile, RemoveFile } from './actions.ts';
import type { AppVersions } from './app-version.ts';
import { checkColumns, fileMetrics, partitionNames } from './create-table.ts';
import { READ_NOTHING, type ReadSet } from './conflict.ts';
import { evolveSchema } from './evolve-schema.ts';
import { publish, type WriteResult } from './publish.ts';
import { brokenRule, checkedRows, rowRules } from './row-rules.ts';
import { alignedRows, schemaOf, sourceColumns } from './row-source.ts';
import { scanFiles } from './scan.ts';
import { findField, formatSchema, parseSchema } from './schema.ts';
import type { Snapshot } from './snapshot.ts';
import { addOf, type StagedFile, stageRows, type TargetShape } from './stage.ts';
import { hasTimestampNtz } from './table-properties.ts';
import {
  checkRemovable,
  checkTarget,
  isolationOf,
  isWritten,
  transactionActions,
  unwritten,
} from './target.ts';
import { refused } from './row-source.ts';
import { filePathKey } from './uri-path.ts';
import type { Writer } from './writer.ts';

export interface WriteOptions {
  /** Adds columns that the table lacks, and widens types, which writes every file anew in the same commit. */
  readonly mergeSchema?: boolean;
  /** Makes the write happen once: it is skipped where the table has these versions of the applications, or later ones. */
  readonly app?: AppVersions;
}

export interface OverwriteOptions extends WriteOptions {
  /** Takes the rows' schema for the table's, whatever that was. */
  readonly overwriteSchema?: boolean;
}

/**
 * Adds the rows of a query. A blind append: it goes together with whatever others do to the table, but for a change of
 * its schema, properties or protocol.
 *
 * @param rows One SELECT; its columns go by name, those that it lacks are null.
 * @throws IgarapeError DELTA_QUERY, DELTA_CONSTRAINT, DELTA_UNSUPPORTED, DELTA_CONFLICT
 */
export async function appendRows(
  writer: Writer,
  snapshot: Snapshot,
  rows: string,
  options: WriteOptions = {},
): Promise<WriteResult> {
  checkTarget(snapshot);
  if (isWritten(snapshot, options.app)) return nothingDone(snapshot);
  const target = await targetOf(writer, snapshot, rows, options);
  const added = await stageChecked(writer, target, rows);
  const rewritten = target.widens ? await stageAll(writer, snapshot, target.shape) : [];
  return publish(
    writer,
    {
      readVersion: snapshot.version,
      actions: [
        ...target.actions,
        ...transactionActions(unwritten(snapshot, options.app), writer.now()),
        ...(target.widens ? removesOf(snapshot, writer.now(), false) : []),
        ...rewritten.map((file) => ({ add: addOf(file, writer.now(), false) })),
        ...added.map((file) => ({ add: addOf(file, writer.now()) })),
      ],
      operation: 'WRITE',
      parameters: { mode: 'Append', partitionBy: JSON.stringify(snapshot.metadata.partitionColumns) },
      metrics: fileMetrics(added),
      reads: target.widens ? readEverything(snapshot) : READ_NOTHING,
      isolation: isolationOf(snapshot),
      isBlindAppend: target.actions.length === 0,
    },
    [...rewritten, ...added].map(({ key }) => key),
    snapshot.configuration,
  );
}

/**
 * Replaces all rows by those of a query, in one commit.
 *
 * @throws IgarapeError as {@link appendRows}
 */
export async function overwriteRows(
  writer: Writer,
  snapshot: Snapshot,
  rows: string,
  options: OverwriteOptions = {},
): Promise<WriteResult> {
  checkTarget(snapshot);
  checkRemovable(snapshot, 'an overwrite');
  if (isWritten(snapshot, options.app)) return nothingDone(snapshot);
  const target =
    options.overwriteSchema === true
      ? await newSchema(writer, snapshot, rows)
      : await targetOf(writer, snapshot, rows, options);
  const added = await stageChecked(writer, target, rows);
  return publish(
    writer,
    {
      readVersion: snapshot.version,
      actions: [
        ...target.actions,
        ...transactionActions(unwritten(snapshot, options.app), writer.now()),
        ...removesOf(snapshot, writer.now(), true),
        ...added.map((file) => ({ add: addOf(file, writer.now()) })),
      ],
      operation: 'WRITE',
      parameters: { mode: 'Overwrite', partitionBy: JSON.stringify(snapshot.metadata.partitionColumns) },
      metrics: { ...fileMetrics(added), numRemovedFiles: snapshot.fileCount },
      reads: readEverything(snapshot),
      isolation: isolationOf(snapshot),
      isBlindAppend: false,
    },
    added.map(({ key }) => key),
    snapshot.configuration,
  );
}

export function nothingDone({ version }: Snapshot): WriteResult {
  return { version, committed: false, metrics: {} };
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

export function readEverything(snapshot: Snapshot): ReadSet {
  return { files: new Set(snapshot.state.files.keys()), wouldRead: async (adds) => adds };
}

export function readFiles(files: readonly AddFile[], wouldRead: ReadSet['wouldRead']): ReadSet {
  return { files: new Set(files.map(({ path }) => filePathKey(path))), wouldRead };
}

function removesOf(snapshot: Snapshot, deletedMs: number, dataChange: boolean): { remove: RemoveFile }[] {
  return [...snapshot.files()].map((file) => ({ remove: removeOf(file, deletedMs, dataChange) }));
}

interface Target {
  readonly shape: TargetShape;
  readonly metadata: Snapshot['metadata'];
  /** What has to be committed beside the rows. */
  readonly actions: readonly Action[];
  readonly widens: boolean;
}

async function targetOf(
  writer: Writer,
  snapshot: Snapshot,
  rows: string,
  { mergeSchema }: WriteOptions,
): Promise<Target> {
  const evolution =
    mergeSchema === true ? evolveSchema(snapshot, await sourceColumns(writer.engine, rows)) : undefined;
  if (evolution === undefined)
    return { shape: snapshot, metadata: snapshot.metadata, actions: [], widens: false };
  const { metadata, protocol, widens } = evolution;
  const schema = parseSchema(metadata.schemaString);
  checkColumns(schema, metadata.configuration);
  const shape: TargetShape = {
    table: snapshot.table,
    schema,
    mapping: snapshot.mapping,
    partitionFields: snapshot.partitionFields.flatMap(({ name }) => findField(schema, name) ?? []),
    configuration: metadata.configuration,
  };
  return {
    shape,
    metadata,
    actions: [...(protocol === undefined ? [] : [{ protocol }]), { metaData: metadata }],
    widens,
  };
}

async function newSchema(writer: Writer, snapshot: Snapshot, rows: string): Promise<Target> {
  const schema = await schemaOf(writer.engine, rows);
  if (snapshot.mapping !== 'none') throw refused('a table with mapped columns keeps its schema');
  if (hasTimestampNtz(schema) && !hasTimestampNtz(snapshot.schema))
    throw refused('a column of type TIMESTAMP takes the table feature timestampNtz: add it with mergeSchema');
  checkColumns(schema, snapshot.configuration);
  const partitionColumns = partitionNames(schema, snapshot.metadata.partitionColumns);
  const metadata = { ...snapshot.metadata, schemaString: formatSchema(schema), partitionColumns };
  const shape: TargetShape = {
    table: snapshot.table,
    schema,
    mapping: 'none',
    partitionFields: partitionColumns.flatMap((name) => findField(schema, name) ?? []),
    configuration: metadata.configuration,
  };
  const actions = metadata.schemaString === snapshot.metadata.schemaString ? [] : [{ metaData: metadata }];
  return { shape, metadata, actions, widens: false };
}

async function stageChecked(
  writer: Writer,
  { shape, metadata }: Target,
  rows: string,
): Promise<StagedFile[]> {
  const rules = await rowRules(writer.engine, shape.table, metadata);
  const aligned = await alignedRows(writer.engine, shape.schema, rows);
  try {
    return await stageRows(writer, shape, checkedRows(aligned, rules));
  } catch (error) {
    throw brokenRule(error, shape.table, rules);
  }
}

/** All rows of a table in files of another shape. */
async function stageAll(writer: Writer, snapshot: Snapshot, shape: TargetShape): Promise<StagedFile[]> {
  const rows = await scanFiles(writer, shape, [...snapshot.files()]);
  try {
    return await stageRows(writer, shape, rows.sql);
  } finally {
    await rows.release();
  }
}
