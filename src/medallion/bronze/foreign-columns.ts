import { IgarapeError } from '../../core/errors.ts';
import { type Column, type ColumnType, sameName, sqlType } from '../../core/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quoteName } from '../../engine/quote.ts';
import { FEED_COLUMNS } from '../../delta/write/row-source.ts';
import { openParquet } from '../../snapshot/parquet.ts';
import type { RawColumn } from '../../snapshot/raw-table.ts';
import { refuseLayerColumns } from '../column-names.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import type { ForeignFile } from './foreign-files.ts';

/** The names that changes have their operation under, by what wrote them; letter case does not count. */
const OPERATION = { op: 'op', dms: 'Op' } as const;

/** DuckDB's number of a row in a Parquet file, from 0. */
export const ROW_NUMBER = 'file_row_number';

/** What is to be found in a file. */
export interface ForeignForm {
  readonly key: readonly string[];
  readonly compat: 'op' | 'dms';
  readonly orderBy: string;
}

/** A column of a file in one of igarapé's types. */
export interface ForeignColumn extends Column {
  /** SQL on the file's rows. */
  readonly sql: string;
}

/** A file that can be read, as far as its footer tells. */
export interface ForeignColumns {
  readonly file: ForeignFile;
  /** SQL after FROM. */
  readonly relation: string;
  /** The table's own columns: all but the operation, and one that bronze has under the same name. */
  readonly columns: readonly ForeignColumn[];
  /** SQL of the operation, `I`, `U` or `D` where it is one of them. */
  readonly operation: string;
  /** What its changes are ordered by: times as microseconds, so that dates and times compare; text goes by its bytes. */
  readonly order: ForeignColumn;
  /** SQL of the time that this tells; null where it tells none. */
  readonly time: string;
}

/**
 * Looks at a file's columns; undefined where it is no whole Parquet file, as one is that is still being written.
 *
 * @throws IgarapeError TABLE_UNREADABLE where it lacks a column of the key or the one that orders changes, or has a
 * name that cannot be taken.
 */
export async function readForeignColumns(
  engine: Engine,
  file: ForeignFile,
  path: string,
  form: ForeignForm,
): Promise<ForeignColumns | undefined> {
  const relation = parquetFile(path);
  const types = await columnTypes(engine, relation);
  if (types === undefined) return undefined;
  const raw = (await openParquet(engine, path, file.name)).columns;
  refuseName(file, types);
  refuseLayerColumns(file.name, raw, FEED_COLUMNS, 'Write the file anew with another name in its place.');
  const find = (name: string): RawColumn | undefined => raw.find((column) => sameName(column.name, name));
  const require = (name: string, setting: string): RawColumn => {
    const column = find(name);
    if (column === undefined) throw missing(file, name, setting, raw);
    return column;
  };
  for (const name of form.key) require(name, 'pk');
  const typed = (column: RawColumn): ForeignColumn => ({
    name: column.name,
    ...(column.typed ?? typeless(column, types.get(column.name))),
  });
  const operation = find(OPERATION[form.compat]);
  const order = typed(require(form.orderBy, 'bronze.order_by'));
  return {
    file,
    relation,
    columns: raw
      .filter((column) => column !== operation && !sameName(column.name, BRONZE_COLUMNS.timestamp))
      .map(typed),
    operation: operation === undefined ? `'I'` : normalised(operation.text),
    order: { ...order, ...orderValue(order) },
    time: timeValue(order),
  };
}

function orderValue({ type, sql }: ForeignColumn): { type: ColumnType; sql: string } {
  if (type === 'date' || type === 'timestamp' || type === 'timestamptz')
    return { type: 'bigint', sql: `epoch_us(${sql})` };
  return type === 'boolean' ? { type: 'bigint', sql: `CAST(${sql} AS BIGINT)` } : { type, sql };
}

function timeValue({ type, sql }: ForeignColumn): string {
  const isTime = type === 'date' || type === 'timestamp' || type === 'timestamptz' || type === 'text';
  return isTime ? `TRY_CAST(${sql} AS TIMESTAMPTZ)` : 'CAST(NULL AS TIMESTAMPTZ)';
}

/** SQL: a file's column as another type. */
export function castColumn({ sql, type }: ForeignColumn, to: ColumnType): string {
  return type === to ? sql : `CAST(${sql} AS ${sqlType(to)})`;
}

async function columnTypes(
  engine: Engine,
  relation: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const found = await engine.describe(`SELECT * FROM ${relation}`);
    return new Map(found.map(({ name, type }) => [name, type]));
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** True for what DuckDB throws about a file's content, and false for what stops the work as a whole. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof Error && !(error instanceof IgarapeError) && error.name !== 'AbortError';
}

/** Delta's times end at microseconds; anything else that has no type of igarapé's is text. */
function typeless(
  { name, text }: RawColumn,
  duckType: string | undefined,
): { type: ColumnType; sql: string } {
  if (duckType === 'TIMESTAMP_NS') return { type: 'timestamp', sql: `CAST(${quoteName(name)} AS TIMESTAMP)` };
  return { type: 'text', sql: text };
}

function normalised(text: string): string {
  const letter = String.raw`upper(trim(${text}, E' \t\r\n'))`;
  return `CASE WHEN ${letter} IN ('I', 'U', 'D') THEN ${letter} ELSE ${text} END`;
}

function refuseName(file: ForeignFile, types: ReadonlyMap<string, string>): void {
  if (!types.has(ROW_NUMBER)) return;
  throw new IgarapeError('TABLE_UNREADABLE', `${file.name}: it has a column named ${ROW_NUMBER}.`, {
    hint: 'The rows of a file are counted under this name. Write the file anew with another one.',
  });
}

function missing(
  file: ForeignFile,
  name: string,
  setting: string,
  columns: readonly RawColumn[],
): IgarapeError {
  const names = columns.map((column) => JSON.stringify(column.name)).join(', ');
  return new IgarapeError(
    'TABLE_UNREADABLE',
    `${file.name}: the column ${JSON.stringify(name)} of "${setting}" is not there; the columns are ${names}.`,
    { hint: `Nothing was taken from this batch. Check "${setting}" and "bronze.from" of the table.` },
  );
}
