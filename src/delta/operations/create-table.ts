import { randomUUID } from 'node:crypto';
import { IgarapeError } from '../../core/errors.ts';
import type { Action, Metadata } from '../protocol/actions.ts';
import type { AppVersions } from '../protocol/app-version.ts';
import { columnMapping } from '../schema/column-mapping.ts';
import { READ_NOTHING } from '../log/conflict.ts';
import { mapNewTable, needsMapping } from '../schema/map-columns.ts';
import { findLogSegment } from '../log/segment.ts';
import { publish, type WriteResult } from '../write/publish.ts';
import { checkNoMadeValues } from '../write/made-values.ts';
import { brokenRule, checkedRows, rowRules } from '../write/row-rules.ts';
import { alignedRows, refused, schemaOf } from '../write/row-source.ts';
import { findField, formatSchema, parseSchema, type StructType } from '../schema/schema.ts';
import { addOf, fileMetrics, type StagedFile, stageRows, type TargetShape } from '../write/stage.ts';
import { checkColumns } from '../write/table-change.ts';
import { newConfiguration, protocolFor } from '../write/table-properties.ts';
import { transactionActions } from '../write/target.ts';
import type { Writer } from '../files/disk.ts';

export interface CreateOptions {
  /** Without it, the schema is that of `rows`, every column nullable. */
  readonly schema?: StructType;
  /** A query whose rows the table begins with. */
  readonly rows?: string;
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

/**
 * Creates a table, with its first rows where some are given, in one commit.
 *
 * @throws IgarapeError DELTA_CONFLICT where there is a table already; DELTA_QUERY, DELTA_UNSUPPORTED, DELTA_CONSTRAINT
 */
export async function createTable(writer: Writer, options: CreateOptions): Promise<WriteResult> {
  const { storage, engine } = writer;
  if (await tableExists(writer)) {
    throw new IgarapeError('DELTA_CONFLICT', `${storage.uri}: there is a Delta table already`, {
      hint: 'Open it and append to it or overwrite it, or create the new one elsewhere.',
    });
  }
  const wanted = options.schema ?? (await schemaOf(engine, options.rows ?? ''));
  const asked = newConfiguration(storage.uri, options.configuration ?? {});
  const { schema, configuration } = needsMapping(wanted)
    ? mapNewTable(wanted, asked)
    : { schema: wanted, configuration: asked };
  const metadata: Metadata = {
    id: randomUUID(),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.description === undefined ? {} : { description: options.description }),
    format: { provider: 'parquet', options: {} },
    schemaString: formatSchema(schema),
    partitionColumns: partitionNames(schema, options.partitionColumns ?? []),
    configuration,
    createdTimeMs: writer.now(),
  };
  checkColumns(schema, configuration);
  checkNoMadeValues(storage.uri, schema);
  const files = options.rows === undefined ? [] : await stageFirst(writer, metadata, options.rows);
  const protocol = protocolFor(schema, configuration);
  const actions: Action[] = [
    { protocol },
    { metaData: metadata },
    ...transactionActions(options.app, writer.now()),
    ...files.map((file) => ({ add: addOf(file, writer.now()) })),
  ];
  return publish(
    writer,
    {
      base: undefined,
      actions,
      operation: options.rows === undefined ? 'CREATE TABLE' : 'CREATE TABLE AS SELECT',
      parameters: {
        isManaged: 'false',
        description: options.description ?? '',
        partitionBy: JSON.stringify(metadata.partitionColumns),
        properties: JSON.stringify(configuration),
      },
      metrics: fileMetrics(files),
      reads: READ_NOTHING,
      isolation: 'Serializable',
      isBlindAppend: true,
    },
    files.map(({ key }) => key),
    configuration,
  );
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
    if (typeof field.type !== 'string')
      throw refused(`nested values, as in ${name}, cannot partition a table`);
    return field.name;
  });
}

async function tableExists({ storage }: Writer): Promise<boolean> {
  try {
    await findLogSegment(storage);
    return true;
  } catch (error) {
    if (error instanceof IgarapeError && error.code === 'DELTA_NOT_FOUND') return false;
    throw error;
  }
}

async function stageFirst(writer: Writer, metadata: Metadata, rows: string): Promise<StagedFile[]> {
  const shape = shapeOfMetadata(writer.storage.uri, metadata);
  const rules = await rowRules(writer.engine, shape.table, metadata);
  const aligned = await alignedRows(writer.engine, shape, rows);
  try {
    return await stageRows(writer, shape, checkedRows(aligned, rules));
  } catch (error) {
    throw brokenRule(error, shape.table, rules);
  }
}
