import { ensureFolder } from '../../core/ensure-folder.ts';
import { parquetCodec } from './table-properties.ts';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { countRows } from '../../engine/count-rows.ts';
import type { Engine } from '../../engine/engine.ts';
import type { PlainRow, PlainValue } from '../../engine/plain.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import type { AddFile, ChangeFile, PartitionValues } from '../protocol/actions.ts';
import { physicalName } from '../schema/column-mapping.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { fileStatistics, type WrittenColumn } from './file-statistics.ts';
import { checkInstant, checkInstants, isInstant } from './instants.ts';
import { hiveFolder } from '../files/hive-path.ts';
import { partitionText } from '../schema/partition-values.ts';
import { fieldIdsSql, physicalSql } from '../schema/mapped-sql.ts';
import { checkNesting } from '../schema/nesting.ts';
import { HelperTables } from '../read/relation.ts';
import type { TableShape } from '../read/scan.ts';
import { findField, type StructField } from '../schema/schema.ts';
import { splitLarge, targetFileBytes } from './split-files.ts';
import { writtenSqlType } from '../schema/sql-schema.ts';
import { encodeUriPath } from '../protocol/uri-path.ts';
import type { Writer } from '../files/disk.ts';

/** The shape of a table whose files are written. */
export interface TargetShape extends TableShape {
  readonly configuration: Readonly<Record<string, string>>;
  readonly clusteringColumns?: readonly (readonly string[])[];
}

/** A file that lies in the table's store, and that no commit names yet. */
export interface StagedFile {
  readonly key: string;
  readonly partitionValues: PartitionValues;
  readonly sizeBytes: number;
  readonly rows: number;
  readonly stats: string;
}

export interface StageOptions {
  /** Files of the change data feed have their own folder, and columns beside the table's. */
  readonly fileColumns?: readonly StructField[];
  /** Below which folder of the table; with a slash at its end. */
  readonly folder?: string;
  /** SQL after ORDER BY. */
  readonly order?: string;
  /** How many rows there are, where that is known. */
  readonly rows?: number;
}

/** Few rows go in one file: to be ready for another takes the engine longer than to write them. None is taken for larger. */
const ROW_BYTES = 25_600;

/** Large files go in parts of their own at once; of small ones it is the waiting that takes the time. */
const CONCURRENT_UPLOADS = { large: 4, small: 16 } as const;
const SMALL_BYTES = 1024 * 1024;

/**
 * Writes the rows of a query to Parquet files of the table, under names that nobody has used; it gives at least the
 * columns of the schema, under their names there and castable to their types. A query without rows gives no file.
 */
export async function stageRows(
  writer: Writer,
  shape: TargetShape,
  sql: string,
  options: StageOptions = {},
): Promise<StagedFile[]> {
  checkNesting(shape.table, shape.schema.fields);
  const folder = join(writer.workDir, `stage-${randomUUID()}`);
  await ensureFolder(folder);
  const tables = new HelperTables(writer.engine);
  try {
    const written: PlainRow[] = [];
    const { parts, long } = await passes(writer, shape, sql, tables);
    for (const rows of parts) {
      const statement = copyStatement(shape, rows, join(folder, String(written.length)), options);
      written.push(...(await writer.engine.plainRows(statement)));
    }
    const files = await splitLarge(
      writer.engine,
      written.filter((row) => Number(row['count']) > 0),
      targetFileBytes(shape.configuration),
      formatOptions(shape),
    );
    for (const row of files) checkRow(shape, row, long);
    const isLarge = files.some((row) => Number(row['file_size_bytes']) > SMALL_BYTES);
    const limit = pLimit(CONCURRENT_UPLOADS[isLarge ? 'large' : 'small']);
    return await Promise.all(files.map((row) => limit(() => store(writer, shape, row, long, options))));
  } finally {
    await tables.drop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What an open partition takes of memory at least, and what a value in it does: the engine gathers 2048 rows of each. */
const PARTITION_BYTES = 256 * 1024;
const VALUE_BYTES = 16 * 2048;
/** The share of the memory that open partitions may take. */
const OPEN_SHARE = 0.25;

/**
 * SQL of the rows to be written, in as many parts as it takes for the engine to hold the open partitions of each: it
 * keeps some rows of every partition in memory, however few there are.
 */
async function passes(
  { engine }: Writer,
  shape: TargetShape,
  rows: string,
  tables: HelperTables,
): Promise<{ readonly parts: readonly string[]; readonly long: LongValues }> {
  if (shape.partitionFields.length === 0) return { parts: [rows], long: new Map() };
  const partitions = shape.partitionFields.map((_, index) => partitionColumn(index)).join(', ');
  const table = await tables.createAs(`SELECT *, ${partitionTexts(shape).join(', ')} FROM (${rows})`);
  const bytes = Math.max(PARTITION_BYTES, VALUE_BYTES * shape.schema.fields.length);
  const count = await countRows(engine, `(SELECT DISTINCT ${partitions} FROM ${table})`);
  const most = Math.max(1, Math.floor((OPEN_SHARE * (await engine.memoryBytes())) / bytes));
  const parts = Math.ceil(count / most);
  const long = await longValues(engine, shape, table);
  if (parts <= 1) return { parts: [`FROM ${table}`], long };
  const numbers = await tables.createAs(
    `SELECT *, (row_number() OVER (ORDER BY ${partitions}) - 1) // ${most} AS _igarape_pass FROM (SELECT DISTINCT ${partitions} FROM ${table})`,
  );
  const alike = shape.partitionFields
    .map((_, index) => `t.${partitionColumn(index)} IS NOT DISTINCT FROM n.${partitionColumn(index)}`)
    .join(' AND ');
  const each = Array.from(
    { length: parts },
    (_, pass) =>
      `SELECT t.* FROM ${table} AS t SEMI JOIN (FROM ${numbers} WHERE _igarape_pass = ${pass}) AS n ON ${alike}`,
  );
  return { parts: each, long };
}

/** Partition values that are too long for the engine to call a folder by, by what it calls it instead. */
type LongValues = ReadonlyMap<string, string>;

/** Of a byte the engine makes up to three in a folder's name, which has 255 at most. */
const LONGEST_VALUE_BYTES = 60;

function shortened(text: string): string {
  return `CASE WHEN strlen(${text}) > ${LONGEST_VALUE_BYTES} THEN 'md5:' || md5(${text}) ELSE ${text} END`;
}

async function longValues(
  engine: Engine,
  { partitionFields }: TargetShape,
  table: string,
): Promise<LongValues> {
  const columns = partitionFields.map((_, index) => partitionColumn(index)).join(', ');
  const found = await engine.rows(
    `SELECT DISTINCT ${shortened('v')} AS short, v FROM (SELECT unnest([${columns}]) AS v FROM ${table}) WHERE strlen(v) > ${LONGEST_VALUE_BYTES}`,
  );
  return new Map(found.map(({ short, v }) => [String(short), String(v)]));
}

/** Removes files that no commit names. A failure leaves them to vacuum. */
export async function discard({ storage }: Writer, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await storage.delete(keys).catch(() => undefined);
}

export function addOf(file: StagedFile, modifiedMs: number, dataChange = true): AddFile {
  const { key, partitionValues, sizeBytes, stats } = file;
  return { path: encodeUriPath(key), partitionValues, sizeBytes, modifiedMs, dataChange, stats };
}

export function changeFileOf({ key, partitionValues, sizeBytes }: StagedFile): ChangeFile {
  return { path: encodeUriPath(key), partitionValues, sizeBytes, dataChange: false };
}

function copyStatement(shape: TargetShape, sql: string, folder: string, options: StageOptions): string {
  const { mapping, partitionFields } = shape;
  const stored = storedFields(shape);
  const columns = stored.map((field) => {
    const value = physicalSql(quoteName(field.name), field.type, mapping);
    return `CAST(${value} AS ${writtenSqlType(field.type, mapping)}) AS ${quoteName(physicalName(field, mapping))}`;
  });
  const extra = options.fileColumns ?? [];
  columns.push(...extra.map(({ name }) => quoteName(name)));
  columns.push(
    ...partitionFields.map(
      ({ name, type }, index) =>
        `${shortened(partitionText(quoteName(name), type))} AS ${partitionColumn(index)}`,
    ),
  );
  if (columns.length === partitionFields.length) {
    throw unsupported(shape.table, 'it has no column beside its partition columns');
  }
  const targetBytes = targetFileBytes(shape.configuration);
  const copy = [
    ...formatOptions(shape),
    ...(partitionFields.length > 0
      ? [
          "FILENAME_PATTERN '{uuid}'",
          `PARTITION_BY (${partitionFields.map((_, index) => partitionColumn(index)).join(', ')})`,
        ]
      : (options.rows ?? Infinity) * ROW_BYTES <= targetBytes
        ? []
        : [`FILE_SIZE_BYTES ${targetBytes}`]),
  ];
  const order = options.order ?? sortOrder(shape);
  const ordered = order === undefined ? '' : ` ORDER BY ${order}`;
  return `COPY (SELECT ${columns.join(', ')} FROM (${sql})${ordered}) TO ${quoteText(folder)} (${copy.join(', ')})`;
}

/** The table property with the column whose values the rows of a file are in the order of. */
export const SORT_PROPERTY = 'igarape.sort';

function sortOrder({ schema, partitionFields, configuration }: TargetShape): string | undefined {
  const field = findField(schema, configuration[SORT_PROPERTY] ?? '');
  return field === undefined || partitionFields.includes(field) ? undefined : quoteName(field.name);
}

/** What stands in the brackets of COPY, however the files come about. */
function formatOptions(shape: TargetShape): string[] {
  const ids = fieldIdsSql(storedFields(shape), shape.mapping);
  const codec = codecOf(shape);
  return [
    'FORMAT parquet',
    'RETURN_STATS',
    `COMPRESSION ${quoteText(codec)}`,
    // Higher levels take half as much time again, and save next to nothing.
    ...(codec === 'zstd' ? ['COMPRESSION_LEVEL 2'] : []),
    ...(ids === undefined ? [] : [`FIELD_IDS ${ids}`]),
  ];
}

/** SQL of the columns that files are partitioned by. */
function partitionTexts({ partitionFields }: TargetShape): string[] {
  return partitionFields.map(
    ({ name, type }, index) => `${partitionText(quoteName(name), type)} AS ${partitionColumn(index)}`,
  );
}

function partitionColumn(index: number): string {
  return `_igarape_partition_${index}`;
}

function storedFields(shape: TargetShape): StructField[] {
  return shape.schema.fields.filter(
    (field) => !shape.partitionFields.includes(field) && field.type !== 'void',
  );
}

function codecOf({ configuration, table }: TargetShape): string {
  const name = configuration['delta.parquet.compression.codec'] ?? 'snappy';
  const codec = parquetCodec(name);
  if (codec !== undefined) return codec;
  throw unsupported(
    table,
    `its files are to be compressed with ${name.toLowerCase()}, which is not known here`,
  );
}

/** Before anything is stored. @throws IgarapeError DELTA_QUERY for values that the table cannot hold */
function checkRow(shape: TargetShape, row: PlainRow, long: LongValues): void {
  checkInstants(storedFields(shape), shape.mapping, writtenColumns(row['column_statistics'] ?? null));
  const values = partitionValuesOf(shape, row['partition_keys'] ?? null, long);
  for (const field of shape.partitionFields) {
    const text = values[physicalName(field, shape.mapping)] ?? null;
    if (text !== null && isInstant(field.type)) checkInstant(field.name, text);
  }
}

async function store(
  writer: Writer,
  shape: TargetShape,
  row: PlainRow,
  long: LongValues,
  options: StageOptions,
): Promise<StagedFile> {
  const path = textOf(row['filename'] ?? null);
  const partitionValues = partitionValuesOf(shape, row['partition_keys'] ?? null, long);
  const isChange = options.folder !== undefined;
  const hive = partitionFolder(shape, partitionValues, isChange);
  const name = `${isChange ? 'cdc' : 'part'}-00000-${randomUUID()}.c000.${codecOf(shape)}.parquet`;
  const key = `${options.folder ?? ''}${hive === '' ? '' : `${hive}/`}${name}`;
  await writer.storage.upload(path, key);
  const rows = Number(row['count']);
  const columns = writtenColumns(row['column_statistics'] ?? null);
  return {
    key,
    partitionValues,
    sizeBytes: Number(row['file_size_bytes']),
    rows,
    stats: isChange
      ? ''
      : fileStatistics(
          storedFields(shape),
          shape.mapping,
          shape.configuration,
          rows,
          columns,
          shape.clusteringColumns,
        ),
  };
}

/**
 * The folder for a file, by the convention `column=value`, which some readers take partition values from; none for
 * mapped columns, whose names may change, nor for what no file system takes for a name. Files of changes have one only
 * where its name is not escaped, because not every reader of theirs undoes that.
 */
function partitionFolder(
  { mapping, partitionFields }: TargetShape,
  values: PartitionValues,
  isChange: boolean,
): string {
  if (mapping !== 'none') return '';
  const folder = hiveFolder(
    partitionFields.map(({ name }) => name),
    values,
  );
  if (isChange) return /^[\w.=/-]*$/.test(folder) ? folder : '';
  return folder.split('/').some((name) => Buffer.byteLength(name) > LONGEST_NAME_BYTES) ? '' : folder;
}

const LONGEST_NAME_BYTES = 255;

function partitionValuesOf(
  { partitionFields, mapping }: TargetShape,
  keys: PlainValue,
  long: LongValues,
): PartitionValues {
  if (partitionFields.length === 0) return {};
  const values = keys instanceof Map ? new Map(keys) : new Map<PlainValue, PlainValue>();
  return Object.fromEntries(
    partitionFields.map((field, index) => {
      const value = values.get(partitionColumn(index)) ?? null;
      return [
        physicalName(field, mapping),
        value === null ? null : (long.get(textOf(value)) ?? textOf(value)),
      ];
    }),
  );
}

function writtenColumns(statistics: PlainValue): Map<string, WrittenColumn> {
  const columns = new Map<string, WrittenColumn>();
  if (!(statistics instanceof Map)) return columns;
  for (const [name, facts] of statistics) {
    if (!(facts instanceof Map)) continue;
    const column = new Map<string, string>();
    for (const [fact, value] of facts) column.set(textOf(fact), textOf(value));
    columns.set(textOf(name), column);
  }
  return columns;
}

function textOf(value: PlainValue): string {
  if (typeof value === 'string') return value;
  throw new RangeError('DuckDB gave no text for a fact of a file.');
}

export function fileMetrics(files: readonly StagedFile[]): Record<string, number> {
  return {
    numFiles: files.length,
    numOutputRows: files.reduce((sum, { rows }) => sum + rows, 0),
    numOutputBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
