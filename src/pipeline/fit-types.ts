import type { TableConfig } from '../config/config.ts';
import { byName, type Column, sameName, type Schema } from '../core/schema.ts';
import { evolveSchema, type SchemaChange } from '../snapshot/evolve.ts';
import { findMisfits, likelyTypes, sampleRows } from '../snapshot/infer.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import type { Edge, RunContext } from './context.ts';
import { dateMisfit, declaredTypesMisfit, mixedDates } from './refuse-values.ts';
import { namesOf } from './table-file.ts';

/** A table's file that is to be read in types. */
export interface Reading {
  readonly context: Pick<RunContext, 'engine'> & { readonly edge: Pick<Edge, 'log'> };
  readonly table: TableConfig;
  readonly raw: RawTable;
  /** The schema that the ledger has of the table; empty at first sight. */
  readonly recorded: Schema;
}

export interface Fitted<T> {
  readonly change: SchemaChange;
  readonly read: T;
}

/** How the schema changes if the recorded types, and the likely ones of new columns, hold the file's values. */
export async function likelyChange(reading: Reading): Promise<SchemaChange> {
  const { table, raw, recorded } = reading;
  const known = byName(recorded);
  const unknown = raw.columns.filter(
    ({ name }) => table.types[name] === undefined && known(name) === undefined,
  );
  const found = await foundTypes(reading, raw, unknown);
  return evolveSchema(recorded, namesOf(raw), found, table.key, table.types);
}

/**
 * The change with the types of columns that have held no value until now, where `rows` have some in them: rows of the
 * file, among them all that the lake does not have.
 */
export async function withFirstTypes(
  reading: Reading,
  rows: RawTable,
  change: SchemaChange,
): Promise<SchemaChange> {
  const { table, recorded } = reading;
  const known = byName(recorded);
  const open = rows.columns.filter(
    ({ name }) => table.types[name] === undefined && known(name)?.open === true,
  );
  if (open.length === 0) return change;
  const found = await foundTypes(reading, rows, open);
  return evolveSchema(recorded, namesOf(rows), [...found, ...change.schema], table.key, table.types);
}

/**
 * The likely types of columns of which none is known.
 *
 * @throws IgarapeError TABLE_UNREADABLE a column of dates has a value that fits no "date_format".
 */
export async function foundTypes(
  { context: { engine, edge }, table }: Pick<Reading, 'context' | 'table'>,
  rows: RawTable,
  columns: RawTable['columns'],
): Promise<Column[]> {
  if (columns.length === 0) return [];
  const found = await likelyTypes(engine, { ...rows, columns });
  const texts = columns.filter((_, index) => found[index]?.type === 'text');
  for (const mixed of await mixedDates(engine, rows, texts, sampleRows(rows))) {
    if (mixed.isOfDates) throw await dateMisfit(rows, table, mixed);
    edge.log.warn(
      { table: table.name, column: mixed.name },
      `${rows.name}: the column ${JSON.stringify(mixed.name)} has dates beside other values, such as ${JSON.stringify(mixed.sample)}: it is text`,
    );
  }
  return found;
}

/**
 * Reads rows of the file with the types of `change`. Where a value does not fit, finds the types that do, and reads again
 * with these.
 *
 * @param rows the file's rows that `read` reads, as a raw table.
 */
export async function fitTypes<T>(
  reading: Reading,
  rows: RawTable,
  change: SchemaChange,
  read: (schema: Schema) => Promise<T | undefined>,
): Promise<Fitted<T>> {
  const { context, table, recorded } = reading;
  const first = await read(change.schema);
  if (first !== undefined) return { change, read: first };
  const misfits = await findMisfits(context.engine, rows, change.schema);
  const misdated = misfits.find(({ name }) => isDated(reading, change.schema, name));
  if (misdated !== undefined) throw await dateMisfit(rows, table, misdated);
  const fitting = evolveSchema(
    recorded,
    namesOf(rows),
    [...misfits, ...change.schema],
    table.key,
    table.types,
  );
  const second = await read(fitting.schema);
  if (second === undefined)
    throw await declaredTypesMisfit(rows, await declaredMisfits(reading, rows, fitting.schema));
  return { change: fitting, read: second };
}

/** Whether a column is one of dates, written as the table's formats say, whose type nobody has declared. */
export function isDated(
  { table, raw }: Pick<Reading, 'table' | 'raw'>,
  schema: Schema,
  name: string,
): boolean {
  const type = schema.find((column) => sameName(column.name, name))?.type;
  const reads = raw.columns.find((column) => sameName(column.name, name))?.reads;
  return type !== undefined && type !== 'boolean' && reads?.[type] !== undefined && !(name in table.types);
}

async function declaredMisfits(
  { context }: Reading,
  rows: RawTable,
  schema: Schema,
): Promise<Parameters<typeof declaredTypesMisfit>[1]> {
  const misfits = await findMisfits(context.engine, rows, schema);
  return misfits.map(({ name, sample }) => ({
    name,
    sample,
    declared: schema.find((column) => sameName(column.name, name))?.type ?? 'text',
  }));
}
