import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { byName, type Schema } from '../core/schema.ts';
import { evolveSchema, type SchemaChange } from '../snapshot/evolve.ts';
import { findMisfits, likelyTypes } from '../snapshot/infer.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import type { RunContext } from './context.ts';
import { namesOf } from './table-file.ts';

/** A table's file that is to be read in types. */
export interface Reading {
  readonly context: RunContext;
  readonly table: TableConfig;
  readonly raw: RawTable;
  /** The schema that the ledger has of the table; empty at first sight. */
  readonly recorded: Schema;
  /** Whether the table has never held a row, so that its types are those of the first that come. */
  readonly isOpen: boolean;
  /** Whether the schema may change so. */
  readonly accept: (change: SchemaChange) => boolean;
}

/** The schema would change in a way that was not accepted: nothing was read. */
export interface NotAccepted {
  readonly kind: 'not-accepted';
  readonly change: SchemaChange;
}

export type Fitted<T> =
  | { readonly kind: 'read'; readonly change: SchemaChange; readonly read: T }
  | NotAccepted;

/** How the schema changes if the recorded types, and the likely ones of new columns, hold the file's values. */
export async function likelyChange(reading: Reading): Promise<SchemaChange> {
  const { context, table, raw, recorded, isOpen } = reading;
  const known = byName(recorded);
  const unknown = raw.columns.filter(
    ({ name }) => table.types[name] === undefined && (isOpen || known(name) === undefined),
  );
  const found = unknown.length === 0 ? [] : await likelyTypes(context.engine, { ...raw, columns: unknown });
  return evolveSchema(recorded, namesOf(raw), found, table.key, table.types, isOpen);
}

/**
 * Reads rows of the file with the types of `change`. Where a value does not fit, finds the types that do and, if
 * accepted, reads again with these.
 *
 * @param rows the file's rows that `read` reads, as a raw table.
 */
export async function fitTypes<T>(
  reading: Reading,
  rows: RawTable,
  change: SchemaChange,
  read: (schema: Schema) => Promise<T | undefined>,
): Promise<Fitted<T>> {
  const { context, table, recorded, isOpen } = reading;
  const first = await read(change.schema);
  if (first !== undefined) return { kind: 'read', change, read: first };
  const misfits = await findMisfits(context.engine, rows, change.schema);
  const fitting = evolveSchema(
    recorded,
    namesOf(rows),
    [...misfits, ...change.schema],
    table.key,
    table.types,
    isOpen,
  );
  if (!reading.accept(fitting)) return { kind: 'not-accepted', change: fitting };
  const second = await read(fitting.schema);
  if (second === undefined) throw await declaredTypesMisfit(context, rows, fitting.schema);
  return { kind: 'read', change: fitting, read: second };
}

async function declaredTypesMisfit(
  { engine }: RunContext,
  raw: RawTable,
  schema: Schema,
): Promise<IgarapeError> {
  const misfits = await findMisfits(engine, raw, schema);
  const named = misfits.map((column) => `${column.name} (${column.sample})`).join(', ');
  return new IgarapeError(
    'TABLE_UNREADABLE',
    `${raw.name}: values do not fit the type that "types" gives their column: ${named}.`,
    { hint: 'Give these columns another type, or none, in "types" of the table.' },
  );
}
