import { stat } from 'node:fs/promises';
import { EngineError, IgarapeError } from '../core/errors.ts';
import { byName, type ColumnType, type Schema } from '../core/schema.ts';
import { quoteName } from '../engine/quote.ts';
import type { Misreading } from './encoding-evidence.ts';

/**
 * How a raw value becomes a typed one. A type holds a value only where its meaning is kept: an integer in canonical
 * form, a number of which no digit is lost, an instant of at most microseconds that exists in the calendar.
 */
export interface ColumnReader {
  /** SQL: true where the (non-null) value keeps its meaning in this type. */
  readonly holds: string;
  /** SQL: the typed value; null or an error where {@link holds} is not true. */
  readonly value: string;
}

/** A column as the file has it, before it gets a type. */
export interface RawColumn {
  readonly name: string;
  /** SQL: the value as text, null where the file says nothing. */
  readonly text: string;
  /** SQL: the value as numbers and booleans are read from it; differs from `text` by decimal comma and JSON's quotes. */
  readonly scalar: string;
  /** SQL: what the row hash is taken over, as the file has it: equal only where the meaning is. */
  readonly hashed: string;
  /** What the file itself says of the type (Parquet), with the SQL that reads it so. */
  readonly typed?: { readonly type: ColumnType; readonly sql: string };
  /** How else than as usual the file may write values of a type. */
  readonly reads?: Readonly<Partial<Record<ColumnType, ColumnReader>>>;
}

export interface RowPlace {
  /** The file's name. */
  readonly name: string;
  /** The line that the row begins in. */
  readonly line: number;
}

/** A CSV file of the lines of a file that are no rows of its table: where they stand, why, what they are. */
export interface RejectedLines {
  /** The file's name. */
  readonly name: string;
  readonly path: string;
  readonly lines: number;
}

/** A file that is rather in another encoding than its table says. */
export interface MisreadFile extends Misreading {
  /** The file's name. */
  readonly name: string;
}

/** What the relation of a file reads. */
export interface FileScan {
  readonly path: string;
  /** SQL after FROM: the rows of all files of these paths. */
  readonly relationOf: (paths: readonly string[]) => string;
}

/** Rows of raw columns. */
export interface RawRows {
  /** What they are of, for messages: the file's name. */
  readonly name: string;
  /** Their SQL reads a cast to text as it reads the column itself: see {@link listOf}. */
  readonly columns: readonly RawColumn[];
  /** SQL after FROM; its columns have the names of `columns`. */
  readonly relation: string;
  /** DuckDB's error on reading the relation, as ours; undefined where it is not about the file's content. */
  readonly explain: (error: Error) => Error | Promise<Error>;
}

/** A file of a table of many. */
export interface RawPart {
  readonly name: string;
  /** SQL after FROM; its columns are the table's. */
  readonly relation: string;
  /** SQL: the table's columns, a list for SELECT from the file's own. */
  readonly values: string;
  readonly scan?: FileScan | undefined;
}

/** A source file as a relation of raw columns. */
export interface RawTable extends RawRows {
  /** How it is read together with others, where it may be: files of equal columns and dialect whose SQL of no paths is equal. */
  readonly scan?: FileScan;
  /** How many rows there are: counted beforehand, and not by whoever reads them. */
  readonly rows: number;
  /** Lines that are no rows and were set aside; of many files as many. */
  readonly rejects?: readonly RejectedLines[];
  readonly misread?: readonly MisreadFile[];
  /** Of files of lines, the names of those whose last line has no end; undefined where the format shows a file that is cut. */
  readonly unended?: readonly string[];
  /** The names of files whose last line has no end and is not among the rows, for it may go on. */
  readonly waiting?: readonly string[];
  /** Of many files, the names of those that have neither a header nor rows. */
  readonly emptyFiles?: readonly string[];
  /** Tells apart files whose equal `hashed` values have different meanings. */
  readonly dialect: string;
  /** The files that the table is put together from, where they are many. */
  readonly files?: readonly RawPart[];
  /** Where the first row is that has this text in a column, for messages. */
  readonly locate?: (column: string, text: string) => Promise<RowPlace | undefined>;
  /** The columns that the file itself says are its key. */
  readonly declaredKey?: readonly string[];
  /** The file has no header: a column that no row of it has is null, and not gone. */
  readonly isPartial?: boolean;
}

/** How many bytes the files have that the rows are read from; none where nothing is said of these. */
export async function scannedBytes({ scan, files = [] }: RawTable): Promise<number> {
  const paths = [scan, ...files.map((file) => file.scan)].flatMap((each) => each?.path ?? []);
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Waits for a reading of the table; what goes wrong with the file's content is told as such. */
export async function explained<T>(explain: RawTable['explain'], reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const isOurs = error instanceof IgarapeError || (error instanceof EngineError && error.isInternal);
    throw error instanceof Error && !isOurs ? await explain(error) : error;
  }
}

/** @throws IgarapeError TABLE_UNREADABLE where other rows were read than the file has. */
export function requireAllRows({ name, rows }: Pick<RawTable, 'name' | 'rows'>, read: number): void {
  if (rows === read) return;
  throw new IgarapeError('TABLE_UNREADABLE', `${name}: it has ${rows} rows, and ${read} were read.`, {
    hint: 'The table keeps its last state. Please report it, with the file if you may.',
  });
}

/** The columns whose values may not keep their meaning in the type that `schema` gives them, by that type. */
export function columnsToCheck(table: RawRows, schema: Schema): Map<ColumnType, RawColumn[]> {
  const given = byName(schema);
  const found = new Map<ColumnType, RawColumn[]>();
  for (const column of table.columns) {
    const type = given(column.name)?.type;
    if (type === undefined || type === 'text' || type === column.typed?.type) continue;
    const others = found.get(type);
    if (others === undefined) found.set(type, [column]);
    else others.push(column);
  }
  return found;
}

/** The columns in groups of `most` at most, each of columns whose SQL differs in their name alone. */
export function alikeColumns(columns: readonly RawColumn[], most: number): [RawColumn, ...RawColumn[]][] {
  const open = new Map<string, [RawColumn, ...RawColumn[]]>();
  const groups: [RawColumn, ...RawColumn[]][] = [];
  for (const column of columns) {
    const { name: _, ...sql } = column;
    const inJson = JSON.stringify(quoteName(column.name)).slice(1, -1);
    const form = JSON.stringify(sql).replaceAll(inJson, '');
    const group = open.get(form);
    if (group !== undefined && group.length < most) group.push(column);
    else {
      const begun: [RawColumn] = [column];
      open.set(form, begun);
      groups.push(begun);
    }
  }
  return groups;
}

/**
 * SQL: the columns' values as one list, of columns that are alike: the SQL of the first one, under its name, is told once and
 * holds for every element, so that a statement about thousands of columns is a short one.
 */
export function listOf(columns: readonly RawColumn[]): string {
  return `[${columns.map(({ name }) => `CAST(${quoteName(name)} AS VARCHAR)`).join(', ')}]`;
}
