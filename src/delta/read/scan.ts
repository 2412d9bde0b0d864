import pLimit from 'p-limit';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quotePath, quoteText } from '../../engine/quote.ts';
import type { DeletionVectorDescriptor, PartitionValues } from '../protocol/actions.ts';
import { type ColumnMapping, fieldId, physicalName } from '../schema/column-mapping.ts';
import { corrupt, messageOf } from '../protocol/corrupt.ts';
import { readDeletionVector } from '../vectors/deletion-vector.ts';
import type { Disk } from '../files/disk.ts';
import { logicalSql } from '../schema/mapped-sql.ts';
import { checkNesting } from '../schema/nesting.ts';
import { alikeFiles } from './alike-files.ts';
import { copyUnmarked, type MarkedCopies } from './marked-variants.ts';
import { HelperTables, type Relation } from './relation.ts';
import { AT, checkPlaceNames } from './row-places.ts';
import { partitionSql } from '../schema/partition-values.ts';
import { TYPE_CHANGES } from '../schema/read-as.ts';
import { decimalType, holds, type StructField, type StructType } from '../schema/schema.ts';
import { findUnmarkedTexts, type UnmarkedTexts } from './unmarked-texts.ts';
import { findUnsharedStructs, hasLost } from './unshared-structs.ts';
import { nullColumn, physicalSqlType, sqlTypeOf, textSqlType } from '../schema/sql-schema.ts';
import { localCopy, readTableFile } from '../files/table-file.ts';

/** How the columns of a table lie in its files. */
export interface TableShape {
  readonly table: string;
  readonly schema: StructType;
  readonly mapping: ColumnMapping;
  readonly partitionFields: readonly StructField[];
}

/** What the log tells of a file that says something about its number of rows. */
export interface SizedFile {
  readonly sizeBytes?: number | undefined;
  /** JSON text. */
  readonly stats?: string | undefined;
}

/** A data file to be read. */
export interface ScanFile extends SizedFile {
  readonly path: string;
  /** A local file with its bytes, where there is one already. */
  readonly localFile?: string | undefined;
  readonly partitionValues: PartitionValues;
  /** Rows that are left out. */
  readonly deletionVector?: DeletionVectorDescriptor | undefined;
  /** If given, only these rows, ascending, counted from 0 in the file; then every file of the scan has such. */
  readonly rows?: readonly number[];
  /** Values of further columns, as text, that are the same for all rows of the file. */
  readonly constants?: readonly (string | null)[];
}

export interface ScanOptions {
  /** Names of columns of text after the table's own, for {@link ScanFile.constants}. */
  readonly constants?: readonly string[];
  /** Columns of the files that are no part of the schema, by name and Delta type, read after the table's own. */
  readonly fileColumns?: readonly StructField[];
  /** Adds the columns of {@link AT}. */
  readonly positions?: boolean;
}

/**
 * The rows of files, under the names and in the types and order of the table's schema. What a file lacks is null, what
 * it has beyond the schema is left out, what is of a narrower type is cast.
 *
 * @throws IgarapeError DELTA_CORRUPT where a file is missing, or a deletion vector or partition value is damaged.
 */
export async function scanFiles(
  disk: Disk,
  shape: TableShape,
  files: readonly ScanFile[],
  options: ScanOptions = {},
): Promise<Relation> {
  const columns = new ScanColumns(shape, options);
  if (files.length === 0) return { sql: columns.none(), release: async () => undefined };
  const limit = pLimit(CONCURRENT_FILES);
  // A change feed may read a file twice: when it came, and when it went.
  const copies = new Map<string, Promise<string>>();
  const copyOf = (path: string): Promise<string> => {
    const copy = copies.get(path) ?? limit(() => localCopy(disk, path));
    copies.set(path, copy);
    return copy;
  };
  const local = await Promise.all(files.map(async (file) => file.localFile ?? copyOf(file.path)));
  if (shape.mapping === 'id') await checkFieldIds(disk, local);
  const tables = new HelperTables(disk.engine);
  const marked = await columns.markVariants(disk, local);
  const release = async (): Promise<void> => {
    await tables.drop();
    await marked?.remove();
  };
  try {
    const paths = local.map((path) => marked?.paths.get(path) ?? path);
    await columns.lookInto(disk, paths);
    const deleted = await readVectors(disk, files);
    const kept = new Map(files.flatMap(({ rows }, index) => (rows === undefined ? [] : [[index, rows]])));
    const sql = columns.select(paths, estimateRows(files), {
      constants: columns.needsFileTable ? await createFileTable(disk, tables, shape, files) : undefined,
      deleted: deleted.size === 0 ? undefined : await createRowTable(disk.engine, tables, deleted),
      kept: kept.size === 0 ? undefined : await createRowTable(disk.engine, tables, kept),
    });
    return { sql, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** By the protocol, a file without field ids must not be read where columns are found by them: all would be null. */
async function checkFieldIds({ engine }: Disk, paths: readonly string[]): Promise<void> {
  const [without] = await engine.rows(
    `SELECT file_name FROM parquet_schema([${paths.map(quotePath).join(', ')}]) GROUP BY file_name HAVING count(field_id) = 0`,
  );
  if (without !== undefined) {
    throw corrupt(
      String(without['file_name']),
      'its columns have no field ids, by which the table finds them',
    );
  }
}

/** The deleted rows of files that have a deletion vector, by the file's index. A file of several is read once. */
async function readVectors(disk: Disk, files: readonly ScanFile[]): Promise<Map<number, number[]>> {
  const limit = pLimit(CONCURRENT_FILES);
  const read = new Map<string, Promise<Uint8Array>>();
  const readOnce = async (path: string): Promise<Uint8Array> => {
    const bytes = read.get(path) ?? readTableFile(disk, path);
    read.set(path, bytes);
    return bytes;
  };
  const found = await Promise.all(
    files.map(({ deletionVector }) =>
      limit(async () =>
        deletionVector === undefined ? undefined : readDeletionVector(disk, deletionVector, readOnce),
      ),
    ),
  );
  return new Map(
    found.flatMap((rows, index): [number, number[]][] => (rows === undefined ? [] : [[index, rows]])),
  );
}

const CONCURRENT_FILES = 32;

/** Names of the files' positions inside the SQL; physical columns are called c0, c1 … */
const FILE = 'file_position';
const ROW = 'row_position';

interface JoinedTables {
  readonly constants: string | undefined;
  readonly deleted: string | undefined;
  readonly kept: string | undefined;
}

/** The SQL of the columns of a scan. */
class ScanColumns {
  readonly needsFileTable: boolean;
  readonly #shape: TableShape;
  readonly #options: ScanOptions;
  readonly #stored: readonly StructField[];
  readonly #hasBytes: boolean;
  readonly #variants: ReadonlySet<string>;
  #unmarked: UnmarkedTexts = new Map();
  #unshared: ReadonlyMap<StructField, string> = new Map();

  constructor(shape: TableShape, options: ScanOptions) {
    this.#shape = shape;
    this.#options = options;
    if (options.positions === true) checkPlaceNames(shape);
    const partition = new Set(shape.partitionFields);
    this.#stored = shape.schema.fields.filter((field) => !partition.has(field) && field.type !== 'void');
    checkNesting(shape.table, this.#stored);
    this.#hasBytes = this.#stored.some(({ type }) => holds(type, 'binary'));
    const variants = this.#stored.filter(({ type }) => holds(type, 'variant'));
    this.#variants = new Set(variants.map((field) => physicalName(field, shape.mapping)));
    this.needsFileTable = shape.partitionFields.length > 0 || (options.constants?.length ?? 0) > 0;
  }

  /** Copies of files that leave it open which of their columns are variants. */
  async markVariants(disk: Disk, paths: readonly string[]): Promise<MarkedCopies | undefined> {
    return this.#variants.size === 0 ? undefined : copyUnmarked(disk, this.#variants, paths);
  }

  /** What bytes of files mean, and what their structs are, where the schema does not tell. */
  async lookInto(disk: Disk, paths: readonly string[]): Promise<void> {
    const { mapping, schema } = this.#shape;
    const hasBytes = this.#hasBytes || this.#variants.size > 0;
    const isSuspect = hasLost(schema, mapping);
    if (!hasBytes && !isSuspect) return;
    const kinds = await alikeFiles(disk.engine, mapping, paths);
    if (hasBytes) this.#unmarked = findUnmarkedTexts(mapping, this.#stored, kinds, paths);
    if (isSuspect) this.#unshared = findUnsharedStructs(mapping, this.#stored, kinds);
  }

  /** A query with these columns and no row. */
  none(): string {
    const { schema } = this.#shape;
    const own = [...schema.fields, ...(this.#options.fileColumns ?? [])].map(nullColumn);
    const constants = (this.#options.constants ?? []).map(
      (name) => `CAST(NULL AS VARCHAR) AS ${quoteName(name)}`,
    );
    const positions =
      this.#options.positions === true
        ? [`CAST(NULL AS BIGINT) AS ${AT.file}`, `CAST(NULL AS BIGINT) AS ${AT.row}`]
        : [];
    return `SELECT ${[...own, ...constants, ...positions].join(', ')} WHERE false`;
  }

  select(paths: readonly string[], rows: number, { constants, deleted, kept }: JoinedTables): string {
    const needsRow = deleted !== undefined || kept !== undefined || this.#options.positions === true;
    const needsFile = needsRow || constants !== undefined || this.#unmarked.size > 0;
    const positions = [
      ...(needsFile ? [`file_index AS ${FILE}`] : []),
      ...(needsRow || this.#stored.some(isGuarded) ? [`file_row_number AS ${ROW}`] : []),
    ];
    const list = paths.map(quotePath).join(', ');
    // Of files that are read by a schema DuckDB knows nothing, and would hold the largest of them in a join's memory.
    const read = `schema = ${this.#fileSchema()}, hive_partitioning = false, explicit_cardinality = ${rows}, binary_as_string = ${!this.#hasBytes && this.#variants.size === 0}`;
    const source = `SELECT ${[...positions, '*'].join(', ')} FROM read_parquet([${list}], ${read})`;
    const joins = [
      ...(constants === undefined ? [] : [`JOIN ${constants} AS f ON f.file = d.${FILE}`]),
      ...(kept === undefined ? [] : [`SEMI JOIN ${kept} AS k ON k.file = d.${FILE} AND k.row = d.${ROW}`]),
      // In an anti join, DuckDB may hold either side in memory; of NOT IN it always holds the right one, whatever it
      // thinks of how many rows are left after other conditions.
      ...(deleted === undefined
        ? []
        : [`WHERE (CAST(d.${FILE} AS BIGINT), d.${ROW}) NOT IN (SELECT (file, row) FROM ${deleted})`]),
    ];
    return `SELECT ${this.#outputs().join(', ')} FROM (${source}) AS d ${joins.join(' ')}`;
  }

  #outputs(): string[] {
    const { schema, mapping, partitionFields } = this.#shape;
    const named = (sql: string, name: string): string => `${sql} AS ${quoteName(name)}`;
    const own = schema.fields.map((field) => {
      const partition = partitionFields.indexOf(field);
      if (partition >= 0) return named(`f.p${partition}`, field.name);
      const stored = this.#stored.indexOf(field);
      const sql =
        stored < 0
          ? `CAST(NULL AS ${sqlTypeOf(field.type)})`
          : logicalSql(this.#storedSql(field, `d.c${stored}`), field.type, mapping);
      return named(sql, field.name);
    });
    const extra = (this.#options.fileColumns ?? []).map((field, index) => named(`d.x${index}`, field.name));
    const constants = (this.#options.constants ?? []).map((name, index) => named(`f.k${index}`, name));
    const positions =
      this.#options.positions === true ? [`d.${FILE} AS ${AT.file}`, `d.${ROW} AS ${AT.row}`] : [];
    return [...own, ...extra, ...constants, ...positions];
  }

  #storedSql(field: StructField, column: string): string {
    const unmarked = this.#unmarked.get(field);
    return unmarked === undefined
      ? guardedSql(column, field)
      : unmarked(column, (files) => `d.${FILE} IN (${files.join(', ')})`);
  }

  /** Which columns of the files are read, how they are found there, and as what: the argument of read_parquet. */
  #fileSchema(): string {
    const { mapping } = this.#shape;
    const entries = this.#stored.map((field, index) => {
      const key = mapping === 'id' ? String(fieldId(field)) : quoteText(physicalName(field, mapping));
      const type = this.#unmarked.has(field)
        ? textSqlType(field.type, mapping)
        : (this.#unshared.get(field) ?? physicalSqlType(field.type, mapping));
      return mapEntry(key, `c${index}`, type);
    });
    const extra = mapping === 'id' ? [] : (this.#options.fileColumns ?? []);
    entries.push(
      ...extra.map((field, index) => mapEntry(quoteText(field.name), `x${index}`, sqlTypeOf(field.type))),
    );
    // It must not be empty: a column that no file has stands in.
    if (entries.length === 0) entries.push(mapEntry(quoteText('\u{10FFFF}'), 'none', 'BOOLEAN'));
    return `MAP {${entries.join(', ')}}`;
  }
}

/**
 * SQL of a column that conditions above it, of joins and orders too, do not follow into the files. There, the engine
 * casts what a column is compared with to the file's type, which may be narrower than the table's (`c < 7.4` on whole
 * numbers); and it passes over row groups by their greatest value, which leaves NaN out.
 */
function guardedSql(column: string, field: StructField): string {
  return isGuarded(field) ? `CASE WHEN d.${ROW} >= 0 THEN ${column} END` : column;
}

/**
 * Whole numbers, texts and days lose nothing by such a cast; into structs no condition is followed. What a join looks for
 * the engine cannot bring to a narrower type, and breaks off.
 */
function isGuarded({ type, metadata }: StructField): boolean {
  if (TYPE_CHANGES in metadata) return true;
  const scale = decimalType(type)?.scale ?? 0;
  return scale > 0 || type === 'float' || type === 'double' || type === 'timestamp_ntz';
}

function mapEntry(key: string, name: string, type: string): string {
  return `${key}: {'name': ${quoteText(name)}, 'type': ${quoteText(type)}, 'default_value': NULL}`;
}

/**
 * A table, to be put after FROM, of what is the same for all rows of a file: `file` (its index), its partition values `p0`, `p1` …
 * typed, and further constants `k0`, `k1` … as text.
 *
 * @throws IgarapeError DELTA_CORRUPT where a partition value is none of its type.
 */
export async function createFileTable(
  { engine, partitionTimeZone }: Disk,
  tables: HelperTables,
  shape: TableShape,
  files: readonly ScanFile[],
): Promise<string> {
  const fields = shape.partitionFields;
  const constants = files[0]?.constants?.length ?? 0;
  if (fields.length === 0 && files.length <= MOST_WRITTEN) {
    const rows = files.map(({ constants: values = [] }, index) =>
      [String(index), ...values.map((value) => (value === null ? 'NULL' : quoteText(value)))].join(', '),
    );
    const columns = Array.from(
      { length: constants },
      (_, index) => `CAST(k${index} AS VARCHAR) AS k${index}`,
    );
    return `(SELECT ${['CAST(file AS BIGINT) AS file', ...columns].join(', ')} FROM (VALUES (${rows.join('), (')})) AS v(${['file', ...columns.map((_, index) => `k${index}`)].join(', ')}))`;
  }
  const names = [
    ...fields.map((_, index) => `p${index}`),
    ...Array.from({ length: constants }, (_, index) => `k${index}`),
  ];
  const raw = await tables.create(['file BIGINT', ...names.map((name) => `${name} VARCHAR`)].join(', '));
  const partitionColumns = fields.map((field) => {
    const name = physicalName(field, shape.mapping);
    return files.map(({ partitionValues }) => partitionValues[name] ?? null);
  });
  const constantColumns = Array.from({ length: constants }, (_, index) =>
    files.map((file) => file.constants?.[index] ?? null),
  );
  await engine.append(raw, [files.map((_, index) => BigInt(index)), ...partitionColumns, ...constantColumns]);
  const typed = fields.map(
    (field, index) => `${partitionSql(`p${index}`, field.type, partitionTimeZone)} AS p${index}`,
  );
  const kept = names.slice(fields.length);
  try {
    return await tables.createAs(`SELECT ${['file', ...typed, ...kept].join(', ')} FROM ${raw}`);
  } catch (cause) {
    throw corrupt(
      shape.table,
      `a partition value does not have its column's type: ${messageOf(cause)}`,
      cause,
    );
  }
}

/** A table, to be put after FROM, of rows: `file` (an index) and `row` (its number in the file). */
async function createRowTable(
  engine: Engine,
  tables: HelperTables,
  rows: ReadonlyMap<number, readonly number[]>,
): Promise<string> {
  const count = [...rows.values()].reduce((sum, { length }) => sum + length, 0);
  if (count <= MOST_WRITTEN) {
    const pairs = [...rows].flatMap(([file, numbers]) => numbers.map((row) => [file, row] as const));
    const list = (index: 0 | 1): string =>
      `unnest(CAST([${pairs.map((pair) => pair[index]).join(', ')}] AS BIGINT[]))`;
    return `(SELECT ${list(0)} AS file, ${list(1)} AS row)`;
  }
  const name = await tables.create('file BIGINT, row BIGINT');
  for (const [file, numbers] of rows) {
    for (let start = 0; start < numbers.length; start += ROWS_AT_ONCE) {
      const row = numbers.slice(start, start + ROWS_AT_ONCE).map(BigInt);
      await engine.append(name, [row.map(() => BigInt(file)), row]);
    }
  }
  return name;
}

/** So few rows stand in the text of a query, which is quicker than a table. */
const MOST_WRITTEN = 100;

/** As large numbers, which the engine takes, rows need many times the memory. */
const ROWS_AT_ONCE = 65_536;

/**
 * About how many rows files have, for the engine to plan by, and nothing else: by their statistics, or else by their
 * size. Of files whose size is not known either it says many, so that they are read past, and not held.
 */
export function estimateRows(files: readonly SizedFile[]): number {
  let rows = 0;
  for (const { stats, sizeBytes } of files) {
    // Reading the JSON of thousands of files would take longer than a wrong guess costs.
    const told = /"numRecords"\s*:\s*(\d{1,15})\b/.exec(stats ?? '')?.[1];
    rows += told === undefined ? Math.ceil((sizeBytes ?? UNKNOWN_BYTES) / BYTES_PER_ROW) : Number(told);
  }
  return Math.max(1, rows);
}

const BYTES_PER_ROW = 50;
const UNKNOWN_BYTES = 50_000_000;
