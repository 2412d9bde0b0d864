import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { EngineError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import { sameName } from '../core/schema.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import { parquetFile, quotePath } from '../engine/quote.ts';
import { folderValues } from '../snapshot/hive-path.ts';
import { writeParquetEnd } from '../snapshot/parquet-end.ts';
import { isCut } from '../snapshot/parquet-nanoseconds.ts';
import { readParquetSchema } from '../snapshot/parquet-schema.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import type {
  Fetched,
  FetchedFile,
  FetchedFiles,
  FileThere,
  ManyFiles,
  SeenFile,
  TableState,
} from '../source/port.ts';
import { sparkName } from '../spark/dialect/quote.ts';
import { sparkType } from '../spark/dialect/types.ts';
import type { OnSpark } from '../spark/on-spark.ts';
import type { RunContext } from './context.ts';

/** A table's Parquet files in a bucket. */
export interface FilesThere {
  /** The files as they open by their ends alone: their rows cannot be read. */
  readonly opened: Fetched;
  readonly files: readonly FileOnSpark[];
}

interface FileOnSpark {
  /** `s3://bucket/key`. */
  readonly uri: string;
  /** In the types that Spark reads them in. */
  readonly columns: readonly SqlColumn[];
}

/** Files of the same columns, from which the table's are made in the same way. */
export interface FilesAlike {
  readonly columns: readonly SqlColumn[];
  /** SQL: the table's columns, a list for SELECT. */
  readonly values: string;
  readonly uris: readonly string[];
}

const CONCURRENT_FILES = 16;

/** Opens a table's files; a text says why Spark does not compare them. */
export async function openThere(
  context: RunContext,
  { there, many }: Extract<TableState, { kind: 'present' }>,
): Promise<FilesThere | Told> {
  const found = many === undefined ? [there] : many.parts.map((part) => part.there);
  const all = found.filter((file) => file !== undefined);
  if (all.length < found.length) return 'its file is no object below a prefix of a bucket';
  const names = all.map(({ seen }) => seen.name);
  if (names.some((name) => /[*?[\]{}\\:]|(?:^|\/)[_.][^/]*$/.test(name)))
    return 'Spark takes the name of its file for a pattern, or passes over it';
  const limit = pLimit(CONCURRENT_FILES);
  const ends = await Promise.all(all.map((file) => limit(() => openEnd(context, file))));
  const here = ends.filter((file) => file !== undefined);
  if (here.length < ends.length) return 'its file is not Parquet';
  const files: FileOnSpark[] = [];
  for (const [index, { path }] of here.entries()) {
    const columns = await columnsOf(context, path);
    if (typeof columns === 'string') return columns;
    const { uri = '', seen } = all[index] ?? {};
    const folders = many === undefined ? [] : [...folderValues(seen?.name ?? '').keys()];
    const twice = folders.find((name) => columns.some((column) => sameName(column.name, name)));
    if (twice !== undefined) return `a file has the column ${twice}, which its folder gives it, too`;
    files.push({ uri, columns });
  }
  const opened = many === undefined ? here[0] : together(many, here);
  if (opened === undefined) throw new RangeError('A table that is there has a file.');
  return { opened, files };
}

function together({ seen }: ManyFiles, files: readonly FetchedFile[]): FetchedFiles {
  const limit = pLimit(CONCURRENT_FILES);
  const hash = async (): Promise<SeenFile> => ({ ...seen, sha256: '' });
  const confirm = async (): Promise<void> => {
    await Promise.all(files.map((file) => limit(() => file.confirm())));
  };
  return { kind: 'files', name: seen.name, files, hash, confirm };
}

/** The file by its end; undefined where it is not Parquet. */
async function openEnd({ runDir }: RunContext, there: FileThere): Promise<FetchedFile | undefined> {
  const { seen } = there;
  const path = join(runDir, `${randomUUID()}.parquet`);
  const elsewhere = { sizeBytes: seen.sizeBytes, end: (bytes: number) => there.end(bytes) };
  if (!(await writeParquetEnd(elsewhere, path))) return undefined;
  return { kind: 'file', path, name: seen.name, hash: async () => seen, confirm: () => there.confirm() };
}

/** The files by how the table is made from them. */
export function alike({ files }: FilesThere, raw: RawTable): readonly FilesAlike[] {
  const groups = new Map<string, FilesAlike & { readonly uris: string[] }>();
  for (const [index, { uri, columns }] of files.entries()) {
    const values = raw.files?.[index]?.values ?? '*';
    const way = JSON.stringify([columns, values]);
    const group = groups.get(way);
    if (group === undefined) groups.set(way, { columns, values, uris: [uri] });
    else group.uris.push(uri);
  }
  return [...groups.values()];
}

/** What Spark reads columns of these types as; it reads no others as DuckDB does. */
const READ_AS: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'TINYINT',
  SMALLINT: 'SMALLINT',
  INTEGER: 'INTEGER',
  BIGINT: 'BIGINT',
  UTINYINT: 'SMALLINT',
  USMALLINT: 'INTEGER',
  UINTEGER: 'BIGINT',
  UBIGINT: 'DECIMAL(20,0)',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'VARCHAR',
  DATE: 'DATE',
  TIMESTAMP_MS: 'TIMESTAMP',
  TIMESTAMP: 'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP WITH TIME ZONE',
};

function readType(type: string): string | undefined {
  return type.startsWith('DECIMAL(') ? type : READ_AS[type];
}

/** A file's columns; a text where Spark reads one of them otherwise. */
async function columnsOf({ engine }: RunContext, path: string): Promise<readonly SqlColumn[] | Told> {
  try {
    const elements = await readParquetSchema(engine, path);
    const described = await engine.describe(`SELECT * FROM ${parquetFile(path)}`);
    const strange = elements.findIndex(
      (element, index) =>
        element.parts.length > 0 || isCut(element) || readType(described[index]?.type ?? '') === undefined,
    );
    if (strange >= 0) {
      const { name, logicalType, physicalType, parts } = elements[strange] ?? {};
      const type = (parts ?? []).length > 0 ? 'nested' : logicalType === '' ? physicalType : logicalType;
      return `Spark may read other values of its column ${name ?? ''} (${type ?? ''})`;
    }
    // Dates before 1582 in files of old Sparks are those of another calendar, which Spark alone goes by.
    const [old] = await engine.rows(`SELECT 1 FROM parquet_kv_metadata(${quotePath(path)})
      WHERE decode(key) IN ('org.apache.spark.legacyDateTime', 'org.apache.spark.legacyINT96')
        OR (decode(key) = 'org.apache.spark.version' AND regexp_matches(decode(value), '^[12]\\.'))`);
    if (old !== undefined) return 'its file has dates of another calendar';
    return elements.map(({ name }, index) => ({ name, type: readType(described[index]?.type ?? '') ?? '' }));
  } catch (error) {
    if (error instanceof EngineError && !error.isInternal) return 'its file is no readable Parquet';
    throw error;
  }
}

/** The files' rows, once they are shown. */
export const FILE = 'igarape_file';

/** Lets {@link FILE} stand for the files, as they lie there. */
export async function showFiles(spark: OnSpark, files: readonly FilesAlike[]): ReturnType<OnSpark['define']> {
  const parts: string[] = [];
  for (const [index, { columns, values, uris }] of files.entries()) {
    const name = `${FILE}_${index}`;
    await spark.show(name, expected(uris, columns));
    parts.push(`SELECT ${values} FROM ${name}`);
  }
  return spark.define(FILE, parts.join(' UNION ALL '));
}

export function expected(
  [uri = '', ...others]: readonly string[],
  columns: readonly SqlColumn[],
): Parameters<OnSpark['show']>[1] {
  const schema = columns.map(({ name, type }) => `${sparkName(name)} ${sparkType(type)}`).join(', ');
  return { from: { uri, others, schema }, columns };
}
