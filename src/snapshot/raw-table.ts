import { IgarapeError } from '../core/errors.ts';
import type { ColumnType } from '../core/schema.ts';

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
}

/** A source file as a relation of raw columns. */
export interface RawTable {
  /** The file's name for messages. */
  readonly name: string;
  readonly columns: readonly RawColumn[];
  /** SQL after FROM; its columns have the names of `columns`. */
  readonly relation: string;
  /** Tells apart files whose equal `hashed` values have different meanings. */
  readonly dialect: string;
  /** The files that the table is put together from, where they are many; their relations have its columns. */
  readonly files?: readonly Pick<RawTable, 'name' | 'relation'>[];
  /** DuckDB's error on reading the relation, as ours; undefined where it is not about the file's content. */
  readonly explain: (error: Error) => Error;
  /** The file has no header: a column that no row of it has is null, and not gone. */
  readonly isPartial?: boolean;
}

/** Waits for a reading of the table; what goes wrong with the file's content is told as such. */
export async function explained<T>(explain: RawTable['explain'], reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && !(error instanceof IgarapeError)) throw explain(error);
    throw error;
  }
}
