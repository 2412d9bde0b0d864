import type { Said } from '../../core/language/sentence.ts';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { IgarapeError, textOf } from '../../core/errors.ts';
import { parquetFile, quoteName, quotePath } from '../../engine/quote.ts';
import { isKey } from '../../storage/key.ts';
import type { StoredObject } from '../../storage/port.ts';
import type { Writer } from '../files/disk.ts';
import { hiveValues } from '../files/hive-path.ts';
import { LOG_FOLDER } from '../log/path.ts';
import type { PartitionValues } from '../protocol/actions.ts';
import { encodeUriPath } from '../protocol/uri-path.ts';
import { HelperTables } from '../read/relation.ts';
import { AT } from '../read/row-places.ts';
import { createFileTable, scanFiles } from '../read/scan.ts';
import { physicalName } from '../schema/column-mapping.ts';
import { partitionText } from '../schema/partition-values.ts';
import { type DeltaType, findField, mapLeaves, type StructField } from '../schema/schema.ts';
import { deltaTypeOf } from '../schema/sql-schema.ts';
import { chooseLeaves, columnKey, fileStatistics, type WrittenColumn } from './file-statistics.ts';
import { checkInstants } from './instants.ts';
import { brokenRule, checkedRows, type RowRule } from './row-rules.ts';
import type { StagedFile, TargetShape } from './stage.ts';

/** A Parquet file that is to become one of the table's. */
export interface FoundFile extends StoredObject {
  /** What its folders say, by column. */
  readonly values: ReadonlyMap<string, string | null>;
  /** A local file with its bytes. */
  readonly localFile: string;
}

/** True for a file that readers of a table take for one with rows. */
export function isDataFile({ key, sizeBytes }: StoredObject): boolean {
  // Spark and Hive hide names of these kinds; a partition column may begin with `_` all the same.
  const isHidden = key
    .split('/')
    .some((part) => part.startsWith('.') || (part.startsWith('_') && !part.includes('=')));
  return !key.startsWith(LOG_FOLDER) && !isHidden && sizeBytes > 0 && /\.parquet$/i.test(key);
}

/** Data files of the table's store, to be looked into. */
export async function fetchFiles(
  { storage, workDir }: Writer,
  objects: readonly StoredObject[],
  copies?: ReadonlyMap<string, string>,
): Promise<FoundFile[]> {
  const limit = pLimit(CONCURRENT_FILES);
  const fetched = async (object: StoredObject): Promise<FoundFile> => {
    const { key } = object;
    const localFile = copies?.get(key) ?? (await storage.localFile(key, join(workDir, key)));
    return { ...object, values: hiveValues(object.key), localFile };
  };
  return Promise.all(objects.map((object) => limit(() => fetched(object))));
}

const CONCURRENT_FILES = 16;

/** The files of some names below the table's root. @throws IgarapeError DELTA_QUERY for one that can be none of its own */
export async function findFiles(
  writer: Writer,
  {
    files: keys,
    copies,
  }: { readonly files: readonly string[]; readonly copies?: ReadonlyMap<string, string> },
): Promise<FoundFile[]> {
  const { storage } = writer;
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw notTaken(storage.uri, `${twice} is named twice`);
  const limit = pLimit(CONCURRENT_FILES);
  const find = async (key: string): Promise<StoredObject> => {
    const object = isKey(key) ? await storage.stat(key) : undefined;
    if (object === undefined) throw notTaken(storage.uri, `there is no file ${key} below the table`);
    if (isDataFile(object)) return object;
    const reason = 'it is empty, or its name is hidden or has another ending';
    throw notTaken(storage.uri, `${key} is no Parquet file that readers of tables look at: ${reason}`);
  };
  return fetchFiles(writer, await Promise.all(keys.map((key) => limit(() => find(key)))), copies);
}

/** The columns that the folders of files have to tell, and no others. @throws IgarapeError DELTA_QUERY */
export function checkFolders(table: string, found: readonly FoundFile[], columns: readonly string[]): void {
  for (const { key, values } of found) {
    const isSame = values.size === columns.length && columns.every((name) => values.has(name));
    if (isSame) continue;
    const told = values.size === 0 ? 'no columns' : `the columns ${[...values.keys()].join(', ')}`;
    throw notTaken(
      table,
      `the folders of ${key} tell ${told}, and the table is partitioned by ${columns.length === 0 ? 'none' : columns.join(', ')}`,
    );
  }
}

/** The columns of all files. A file may lack some; two must not have one in different types. @throws IgarapeError DELTA_QUERY */
export async function storedFields(
  writer: Writer,
  found: readonly FoundFile[],
  partitions: readonly StructField[],
): Promise<StructField[]> {
  const hasInstants = await oldInstants(writer, found);
  const fields: StructField[] = [];
  for (const { key, localFile } of found) {
    const columns = await writer.engine.describe(`SELECT * FROM ${parquetFile(localFile)}`);
    for (const { name, type: sqlType } of columns) {
      if (findField({ type: 'struct', fields: partitions }, name) !== undefined) continue;
      const own = deltaTypeOf(sqlType, name);
      const type = hasInstants ? withInstants(own) : own;
      const known = findField({ type: 'struct', fields }, name);
      if (known === undefined) fields.push({ name, type, nullable: true, metadata: {} });
      else if (known.name !== name)
        throw notTaken(writer.storage.uri, `${key} has the column ${name}, and other files ${known.name}`);
      else if (JSON.stringify(known.type) !== JSON.stringify(type))
        throw notTaken(writer.storage.uri, `${key} has the column ${name} in another type than other files`);
    }
  }
  return fields;
}

/**
 * Whether files hold times as Impala and old Spark wrote them, in 96 bits: instants, which the engine shows as times
 * without a zone.
 */
async function oldInstants({ engine, storage }: Writer, found: readonly FoundFile[]): Promise<boolean> {
  if (found.length === 0) return false;
  const paths = found.map(({ localFile }) => quotePath(localFile));
  const [row] = await engine.rows(
    `SELECT count(*) FILTER (type = 'INT96') AS old, count(*) FILTER (logical_type LIKE '%isAdjustedToUTC=0%' OR logical_type LIKE '%isAdjustedToUTC=false%') AS plain
      FROM parquet_schema([${paths.join(', ')}])`,
  );
  const isOld = Number(row?.['old'] ?? 0) > 0;
  if (isOld && Number(row?.['plain'] ?? 0) > 0)
    throw notTaken(storage.uri, 'its files hold times both as INT96 and without a zone');
  return isOld;
}

function withInstants(type: DeltaType): DeltaType {
  return mapLeaves(type, (leaf) => (leaf === 'timestamp_ntz' ? 'timestamp' : leaf));
}

/** Each file's values as the log spells them. @throws IgarapeError DELTA_QUERY where one is none of its column's type */
async function partitionValues(
  writer: Writer,
  shape: TargetShape,
  found: readonly FoundFile[],
): Promise<PartitionValues[]> {
  const fields = shape.partitionFields;
  if (fields.length === 0) return found.map(() => ({}));
  const raw = found.map(({ values }) => ({
    path: '',
    partitionValues: Object.fromEntries(
      fields.map((field) => [physicalName(field, shape.mapping), values.get(field.name) ?? null]),
    ),
  }));
  const tables = new HelperTables(writer.engine);
  try {
    const typed = await createFileTable(writer, tables, shape, raw);
    const texts = fields.map(({ type }, index) => `${partitionText(`p${index}`, type)} AS p${index}`);
    const rows = await writer.engine.rows(`SELECT ${texts.join(', ')} FROM ${typed} ORDER BY file`);
    return rows.map((row) =>
      Object.fromEntries(
        fields.map((field, index) => {
          const text = row[`p${index}`];
          return [physicalName(field, shape.mapping), typeof text === 'string' ? text : null];
        }),
      ),
    );
  } catch (cause) {
    if (!(cause instanceof IgarapeError) || cause.code !== 'DELTA_CORRUPT') throw cause;
    throw notTaken(shape.table, { quoted: cause.message });
  } finally {
    await tables.drop();
  }
}

/**
 * Files as they become a table's: with their partition values, and statistics by a look at all their rows, which have to
 * meet its rules.
 *
 * @throws IgarapeError DELTA_CONSTRAINT for a row that breaks a rule; DELTA_QUERY for values that the table cannot hold
 */
export async function stageFound(
  writer: Writer,
  shape: TargetShape,
  found: readonly FoundFile[],
  rules: readonly RowRule[],
): Promise<StagedFile[]> {
  const values = await partitionValues(writer, shape, found);
  const stored = shape.schema.fields.filter((field) => !shape.partitionFields.includes(field));
  const leaves = chooseLeaves(stored, shape.mapping, shape.configuration);
  const facts = leaves.flatMap(({ names, type }, index) => {
    const sql = names.map(quoteName).join('.');
    const bounds = typeof type === 'string' && type !== 'variant' && type !== 'binary';
    return [
      `CAST(count(*) - count(${sql}) AS VARCHAR) AS n${index}`,
      `${bounds ? `CAST(min(${sql}) AS VARCHAR)` : 'NULL'} AS l${index}`,
      `${bounds ? `CAST(max(${sql}) AS VARCHAR)` : 'NULL'} AS h${index}`,
      `${type === 'float' || type === 'double' ? `CAST(bool_or(isnan(${sql})) AS VARCHAR)` : 'NULL'} AS x${index}`,
    ];
  });
  const files = found.map(({ key, sizeBytes, localFile }, index) => ({
    path: encodeUriPath(key),
    localFile,
    partitionValues: values[index] ?? {},
    sizeBytes,
  }));
  const rows = await scanFiles(writer, shape, files, { positions: true });
  try {
    const counted = await writer.engine.rows(
      `SELECT ${[`${AT.file} AS file`, 'count(*) AS rows', ...facts].join(', ')} FROM (${checkedRows(rows.sql, rules)}) GROUP BY ${AT.file}`,
    );
    const byFile = new Map(counted.map((row) => [Number(row['file']), row]));
    return found.map(({ key, sizeBytes }, file) => {
      const row = byFile.get(file) ?? {};
      const columns = new Map(
        leaves.map(({ path }, index): [string, WrittenColumn] => [
          columnKey(path),
          new Map([
            ...textFact('null_count', row[`n${index}`]),
            ...textFact('has_nan', row[`x${index}`]),
            ...textFact('min', row[`l${index}`]),
            ...textFact('max', row[`h${index}`]),
          ]),
        ]),
      );
      checkInstants(stored, shape.mapping, columns);
      const count = Number(row['rows'] ?? 0);
      const { mapping, configuration, clusteringColumns } = shape;
      const stats = fileStatistics(stored, mapping, configuration, count, columns, clusteringColumns);
      return { key, partitionValues: values[file] ?? {}, sizeBytes, rows: count, stats };
    });
  } catch (error) {
    throw brokenRule(error, shape.table, rules);
  } finally {
    await rows.release();
  }
}

function textFact(name: string, value: unknown): [string, string][] {
  return typeof value === 'string' ? [[name, value]] : [];
}

export function notTaken(table: string, reason: Said): IgarapeError {
  return new IgarapeError('DELTA_QUERY', `${table}: files cannot become the table's: ${textOf(reason)}`, {
    hint: 'Nothing was written.',
  });
}
