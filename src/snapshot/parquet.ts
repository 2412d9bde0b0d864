import { IgarapeError } from '../core/errors.ts';
import { type ColumnType, isColumnType, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName } from '../engine/quote.ts';
import { checkColumnNames } from './column-names.ts';
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

/**
 * A Parquet file as a relation of typed columns: every integer is a bigint, nested values become JSON text, bytes
 * base64 text; an instant of nanoseconds is a timestamp only where no digit is lost.
 *
 * @throws IgarapeError TABLE_UNREADABLE the file is no Parquet, or names differ only in case.
 */
export async function openParquet(engine: Engine, path: string, name: string): Promise<RawTable> {
  const relation = parquetFile(path);
  const explain = (error: Error): Error => explainParquetError(name, error);
  const described = await explained(explain, engine.rows(`DESCRIBE SELECT * FROM ${relation}`));
  checkColumnNames(
    name,
    described.map((row) => String(row['column_name'])),
  );
  const types = described.map((row) => String(row['column_type'])).join();
  return {
    name,
    dialect: `parquet ${types}`,
    columns: described.map((row) => rawColumn(String(row['column_name']), String(row['column_type']))),
    relation,
    explain,
  };
}

function rawColumn(name: string, duckType: string): RawColumn {
  const value = quoteName(name);
  const asText = `CAST(${value} AS VARCHAR)`;
  const type = duckType.startsWith('DECIMAL(') ? decimalType(duckType) : TYPES[duckType];
  const column = { name, text: asText, scalar: asText, hashed: value };
  if (type !== undefined) {
    const sql = sqlType(type) === duckType ? value : `CAST(${value} AS ${sqlType(type)})`;
    return { ...column, typed: { type, sql } };
  }
  if (duckType === 'BLOB') return { ...column, typed: { type: 'text', sql: `base64(${value})` } };
  if (duckType.startsWith('ENUM(')) return { ...column, typed: { type: 'text', sql: asText } };
  if (/[[(]/.test(duckType))
    return { ...column, typed: { type: 'text', sql: `CAST(to_json(${value}) AS VARCHAR)` } };
  return column;
}

function decimalType(duckType: string): ColumnType | undefined {
  const type = duckType.toLowerCase();
  return isColumnType(type) ? type : undefined;
}

function explainParquetError(file: string, error: Error): Error {
  if (!/parquet|magic bytes|snappy|zstd|thrift|page/i.test(error.message)) return error;
  return unreadable(file, `it is not a readable Parquet file (${error.message.split('\n')[0]})`, error);
}

function unreadable(file: string, what: string, cause?: unknown): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', `${file}: ${what}.`, {
    hint: 'If the file is cut off, fetch it again; the table keeps its last state.',
    cause,
  });
}
