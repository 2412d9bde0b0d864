import { IgarapeError } from '../core/errors.ts';
import { type ColumnType, isColumnType, sameName, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName, quotePath, quoteText } from '../engine/quote.ts';
import { checkColumnNames } from './column-names.ts';
import { hasParquetEnd } from './parquet-end.ts';
import { exactInstants, isCut } from './parquet-nanoseconds.ts';
import { hasOrder, type LeafValue, rebuilt } from './parquet-nested.ts';
import { leavesOf, type ParquetElement, readParquetSchema } from './parquet-schema.ts';
import { unreadable } from './unreadable.ts';
import { explained, type RawColumn, type RawTable } from './raw-table.ts';

const TYPES: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'bigint',
  SMALLINT: 'bigint',
  INTEGER: 'bigint',
  BIGINT: 'bigint',
  UTINYINT: 'bigint',
  USMALLINT: 'bigint',
  UINTEGER: 'bigint',
  UBIGINT: 'decimal(20,0)',
  FLOAT: 'double',
  DOUBLE: 'double',
  DATE: 'date',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  VARCHAR: 'text',
  UUID: 'text',
};

/** Digits of the longest decimal that the engine has. */
const MOST_DIGITS = 38;

/**
 * A Parquet file as a relation of typed columns: every integer is a bigint, nested values become JSON text, bytes
 * base64 text; an instant of nanoseconds is a timestamp only where no digit is lost. Names and types are those of the
 * file's own schema: the engine renames columns, and reads decimals of more than 38 digits as doubles, often as others.
 *
 * @param workDir Where a copy goes that is read instead, if need be; without it, digits below a microsecond may be cut.
 * @throws IgarapeError TABLE_UNREADABLE the file is no Parquet, a name that cannot be a column's, decimals of more than
 * 38 digits.
 */
export async function openParquet(
  engine: Engine,
  path: string,
  name: string,
  workDir?: string,
): Promise<RawTable> {
  const damage = (error: Error): Promise<IgarapeError> => damaged(path, name, error);
  const explain = async (error: Error): Promise<Error> =>
    explainParquetError(name, error) ?? (isOfFormat(error) ? damage(error) : error);
  const elements = await explained(damage, readParquetSchema(engine, path));
  checkColumnNames(
    name,
    elements.map((element) => element.name),
  );
  refuseLongDecimals(name, elements);
  for (const element of elements) refuseAlikeMembers(name, element, element.name);
  const exact =
    workDir === undefined
      ? undefined
      : await explained(explain, exactInstants(engine, path, elements, workDir));
  const relation = exact?.relation ?? parquetFile(path);
  const types = await explained(damage, columnTypes(engine, `SELECT * FROM ${relation}`));
  const rows = await explained(damage, countRows(engine, path));
  return {
    name,
    rows,
    dialect: `parquet ${types.join()}`,
    columns: elements.map((element, index) => rawColumn(element, types[index] ?? '', exact?.inNested)),
    relation,
    ...(exact === undefined
      ? { scan: { path, relationOf: (paths: readonly string[]) => parquetFile(...paths) } }
      : {}),
    explain,
  };
}

/** The types of a SELECT's columns, in their order: the rows of DESCRIBE may come in another one where they are many. */
async function columnTypes(engine: Engine, sql: string): Promise<string[]> {
  const described = await engine.rows(`DESCRIBE ${sql}`);
  const typeOf = new Map(described.map((row) => [row['column_name'], String(row['column_type'])]));
  return (await engine.describe(sql)).map(({ name }) => typeOf.get(name) ?? '');
}

/** As the footer has it. */
async function countRows(engine: Engine, path: string): Promise<number> {
  const [row] = await engine.rows(`SELECT num_rows AS rows FROM parquet_file_metadata(${quotePath(path)})`);
  return Number(row?.['rows']);
}

function refuseLongDecimals(file: string, elements: readonly ParquetElement[]): void {
  const long = elements
    .flatMap(leavesOf)
    .find(({ leaf }) => /decimal/i.test(leaf.logicalType) && leaf.precision > MOST_DIGITS);
  if (long === undefined) return;
  throw new IgarapeError(
    'TABLE_UNREADABLE',
    `${file}: the column ${long.path} has decimals of ${long.leaf.precision} digits, and ${MOST_DIGITS} is the most that can be read.`,
    { hint: `Write it as text, or as decimals of at most ${MOST_DIGITS} digits.` },
  );
}

/** The engine tells members of a nested value that differ only in case by other names than the file's. */
function refuseAlikeMembers(file: string, { parts }: ParquetElement, path: string): void {
  const twice = parts.find((part, index) =>
    parts.slice(0, index).some(({ name }) => sameName(name, part.name)),
  );
  if (twice !== undefined)
    throw new IgarapeError(
      'TABLE_UNREADABLE',
      `${file}: the column ${path} has two members named ${JSON.stringify(twice.name)}, alike but for their case.`,
      { hint: 'Give one of them another name in the source.' },
    );
  for (const part of parts) refuseAlikeMembers(file, part, `${path}.${part.name}`);
}

function rawColumn(element: ParquetElement, duckType: string, inNested: LeafValue | undefined): RawColumn {
  const { name, logicalType, parts } = element;
  const value = quoteName(name);
  const asText = `CAST(${value} AS VARCHAR)`;
  const type = duckType.startsWith('DECIMAL(') ? decimalType(duckType) : TYPES[duckType];
  const column = { name, text: asText, scalar: asText, hashed: value };
  // Of a column that has held nothing but nulls its writer knew no type either.
  if (logicalType.startsWith('NullType')) return column;
  if (type !== undefined) {
    const sql = sqlType(type) === duckType ? value : `CAST(${value} AS ${sqlType(type)})`;
    return { ...column, typed: { type, sql } };
  }
  if (duckType === 'BLOB') return { ...column, typed: { type: 'text', sql: `base64(${value})` } };
  if (duckType === 'JSON' || duckType.startsWith('ENUM('))
    return { ...column, typed: { type: 'text', sql: asText } };
  if (parts.length > 0) {
    const isExact = inNested === undefined || !leavesOf(element).some(({ leaf }) => isCut(leaf));
    const ordered =
      isExact && !hasOrder(element) ? value : rebuilt(value, element, inNested ?? ((leaf) => leaf));
    const json = nestedText(ordered);
    // Of an empty list, and of members that are all null, the engine's hash is that of null.
    return { ...column, hashed: json, typed: { type: 'text', sql: json } };
  }
  return column;
}

/** SQL: a nested value as JSON; numbers that are none, which JSON does not have, are texts in it. */
function nestedText(value: string): string {
  const json = `CAST(to_json(${value}) AS VARCHAR)`;
  const token = quoteText(String.raw`"(?:[^"\\]|\\.)*"|[^"]+`);
  const noNumber = quoteText('-?(?:NaN|Infinity)');
  const quoted = `CASE WHEN piece[1] = '"' THEN piece ELSE regexp_replace(piece, ${noNumber}, '"\\0"', 'g') END`;
  return `CASE WHEN regexp_matches(${json}, 'NaN|Infinity')
    THEN array_to_string(list_transform(regexp_extract_all(${json}, ${token}), lambda piece: ${quoted}), '') ELSE ${json} END`;
}

function decimalType(duckType: string): ColumnType | undefined {
  const type = duckType.toLowerCase();
  return isColumnType(type) ? type : undefined;
}

function explainParquetError(file: string, error: Error): IgarapeError | undefined {
  if (!error.message.includes('Map keys must be unique')) return undefined;
  return unreadable(
    file,
    'a map in it has a key twice',
    'Have the source corrected; the table keeps its last state.',
    error,
  );
}

/** Errors of its library for footers and page headers come without a word of Parquet. */
function isOfFormat({ message }: Error): boolean {
  return /^Invalid Error:|parquet|magic bytes|snappy|zstd|thrift|page/i.test(message);
}

async function damaged(path: string, file: string, cause: Error): Promise<IgarapeError> {
  if (/support|not implemented/i.test(cause.message))
    return unreadable(
      file,
      'it is a Parquet file that is damaged, or has an encoding or a compression that is not read',
      'Fetch it again, or have it written with others: BYTE_STREAM_SPLIT is read for FLOAT and DOUBLE alone, and LZO not at all.',
      cause,
    );
  return unreadable(
    file,
    (await hasParquetEnd(path)) ? 'it is a damaged Parquet file' : 'it is a Parquet file that is cut off',
    'Fetch it again; the table keeps its last state.',
    cause,
  );
}
