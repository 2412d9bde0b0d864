import { randomUUID } from 'node:crypto';
import { IgarapeError } from '../../core/errors.ts';
import type { Action, AddFile, Metadata } from '../protocol/actions.ts';
import type { AppVersions } from '../protocol/app-version.ts';
import { columnMapping } from '../schema/column-mapping.ts';
import type { WithParameters } from '../read/parameters.ts';
import type { RowSource } from '../write/given-rows.ts';
import {
  columnsOf,
  type NewRows,
  ownKeys,
  type ParquetFiles,
  stageNew,
  withNewRows,
} from '../write/new-rows.ts';
import type { Draft } from '../log/commit.ts';
import { READ_NOTHING } from '../log/conflict.ts';
import { mapFilesOfTable, mapNewTable, needsMapping } from '../schema/map-columns.ts';
import { findLogSegment } from '../log/segment.ts';
import { publish, type WriteResult } from '../write/publish.ts';
import { checkNoMadeValues } from '../write/made-values.ts';
import { refused, schemaOfColumns } from '../write/row-source.ts';
import { findField, formatSchema, givenSchema, parseSchema, type StructType } from '../schema/schema.ts';
import { addOf, fileMetrics, type TargetShape } from '../write/stage.ts';
import { checkColumns } from '../write/table-change.ts';
import { newConfiguration, protocolFor } from '../write/table-properties.ts';
import { transactionActions } from '../write/target.ts';
import type { Writer } from '../files/disk.ts';

/** What a new table is made of beside its columns. */
export interface TableOptions {
  readonly partitionColumns?: readonly string[];
  /**
   * Table properties, e.g. `delta.constraints.positive: 'points > 0'`. A change data feed and deletion vectors are on
   * unless `delta.enableChangeDataFeed` and `delta.enableDeletionVectors` are `'false'`.
   */
  readonly configuration?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly description?: string;
  readonly app?: AppVersions;
}

export interface CreateOptions extends TableOptions {
  /** Without it, the schema is that of `rows`, every column nullable. */
  readonly schema?: StructType;
  /** The rows that the table begins with. */
  readonly rows?: NewRows;
}

export interface NewTableOptions extends Omit<CreateOptions, 'rows'>, WithParameters {
  /** Rows that the table begins with. */
  readonly rows?: RowSource | ParquetFiles;
}

/** Creates a table, with rows of any kind. @throws IgarapeError as {@link createTable} */
export async function createWithRows(writer: Writer, options: NewTableOptions): Promise<WriteResult> {
  const { rows, parameters, ...rest } = options;
  if (rows === undefined) return createTable(writer, rest);
  const known = rest.schema === undefined ? undefined : givenSchema(rest.schema);
  return withNewRows(writer, { rows, known, parameters }, (given) =>
    createTable(writer, { ...rest, rows: given }),
  );
}

/**
 * Creates a table, with its first rows where some are given, in one commit.
 *
 * @throws IgarapeError DELTA_CONFLICT where there is a table already; DELTA_QUERY, DELTA_UNSUPPORTED, DELTA_CONSTRAINT
 */
export async function createTable(writer: Writer, options: CreateOptions): Promise<WriteResult> {
  await checkNoTable(writer);
  const { rows } = options;
  if (options.schema === undefined && rows === undefined) throw refused('a new table takes a schema or rows');
  const schema =
    options.schema === undefined
      ? schemaOfColumns(await columnsOf(writer, rows ?? '', []))
      : givenSchema(options.schema);
  const table = newTable(writer, schema, typeof rows === 'object' ? 'as files have them' : 'new', options);
  const target = { ...table.shape, metadata: table.metadata };
  const files = rows === undefined ? [] : await stageNew(writer, target, rows);
  return commitNewTable(writer, table, {
    files: files.map((file) => ({ add: addOf(file, writer.now()) })),
    staged: ownKeys(rows ?? [], files),
    operation: rows === undefined ? 'CREATE TABLE' : 'CREATE TABLE AS SELECT',
    parameters: {
      isManaged: 'false',
      description: options.description ?? '',
      partitionBy: JSON.stringify(table.metadata.partitionColumns),
      properties: JSON.stringify(table.metadata.configuration),
    },
    metrics: fileMetrics(files),
  });
}

/** A table that is not there yet. */
export interface NewTable {
  readonly metadata: Metadata;
  readonly shape: TargetShape;
  readonly app: AppVersions | undefined;
}

/**
 * @param names Whether columns whose names want it are called otherwise in files, or files are there that have them.
 * @throws IgarapeError DELTA_UNSUPPORTED, DELTA_QUERY for what no table can be
 */
export function newTable(
  { storage, now }: Writer,
  columns: StructType,
  names: 'new' | 'as files have them',
  options: TableOptions,
): NewTable {
  const asked = newConfiguration(storage.uri, options.configuration ?? {});
  const map = names === 'new' ? mapNewTable : mapFilesOfTable;
  const { schema, configuration } = needsMapping(columns)
    ? map(columns, asked)
    : { schema: columns, configuration: asked };
  const metadata: Metadata = {
    id: randomUUID(),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.description === undefined ? {} : { description: options.description }),
    format: { provider: 'parquet', options: {} },
    schemaString: formatSchema(schema),
    partitionColumns: partitionNames(schema, options.partitionColumns ?? []),
    configuration,
    createdTimeMs: now(),
  };
  checkColumns(schema, configuration);
  checkNoMadeValues(storage.uri, schema);
  return { metadata, shape: shapeOfMetadata(storage.uri, metadata), app: options.app };
}

/** Commits a table's first version. @throws IgarapeError DELTA_CONFLICT where somebody else was there first */
export async function commitNewTable(
  writer: Writer,
  { metadata, shape, app }: NewTable,
  first: Pick<Draft, 'operation' | 'parameters' | 'metrics'> & {
    readonly files: readonly { readonly add: AddFile }[];
    /** Keys of files that go where the commit cannot be. */
    readonly staged?: readonly string[];
  },
): Promise<WriteResult> {
  const { files, staged = [], ...told } = first;
  const actions: Action[] = [
    { protocol: protocolFor(shape.schema, metadata.configuration) },
    { metaData: metadata },
    ...transactionActions(app, writer.now()),
    ...files,
  ];
  const draft: Draft = {
    ...told,
    base: undefined,
    actions,
    reads: READ_NOTHING,
    isolation: 'Serializable',
    isBlindAppend: true,
  };
  return publish(writer, draft, staged, metadata.configuration);
}

/** The shape of a table as its metadata has it. */
function shapeOfMetadata(table: string, metadata: Metadata): TargetShape {
  const schema = parseSchema(metadata.schemaString);
  return {
    table,
    schema,
    mapping: columnMapping(metadata.configuration),
    partitionFields: metadata.partitionColumns.flatMap((name) => findField(schema, name) ?? []),
    configuration: metadata.configuration,
  };
}

/** Partition columns under the names that the schema spells them by. */
export function partitionNames(schema: StructType, names: readonly string[]): string[] {
  return names.map((name) => {
    const field = findField(schema, name);
    if (field === undefined) throw refused(`there is no column ${name} to partition by`);
    if (typeof field.type !== 'string' || field.type === 'variant')
      throw refused(`nested values, as in ${name}, cannot partition a table`);
    return field.name;
  });
}

/** @throws IgarapeError DELTA_CONFLICT where there is a table */
export async function checkNoTable({ storage }: Writer): Promise<void> {
  try {
    await findLogSegment(storage);
  } catch (error) {
    if (error instanceof IgarapeError && error.code === 'DELTA_NOT_FOUND') return;
    throw error;
  }
  throw new IgarapeError('DELTA_CONFLICT', `${storage.uri}: there is a Delta table already`, {
    hint: 'Open it and append to it or overwrite it, or create the new one elsewhere.',
  });
}
