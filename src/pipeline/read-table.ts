import { join } from 'node:path';
import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { type Column, sameName, type Schema } from '../core/schema.ts';
import { evolveSchema, type SchemaChange } from '../snapshot/evolve.ts';
import { findMisfits, inferTypes } from '../snapshot/infer.ts';
import { openTable } from '../snapshot/open-table.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import { type HashedColumns, type Snapshot, writeSnapshot } from '../snapshot/snapshot.ts';
import type { FetchedFile } from '../source/port.ts';
import type { RunContext } from './context.ts';

/** A table's file, read: its snapshot, or only how its schema would change where that must be decided first. */
export interface ReadTable {
  readonly snapshot: Snapshot | undefined;
  readonly schema: Schema;
  readonly change: SchemaChange | undefined;
}

/**
 * Reads a table's file into a typed snapshot.
 *
 * With a recorded schema the values are read in its types at once; only where one does not fit is the file searched for
 * the types that do. `accept` says whether the schema's change may be carried out.
 */
export async function readTable(
  context: RunContext,
  table: TableConfig,
  file: FetchedFile,
  recorded: Schema | undefined,
  accept: (change: SchemaChange) => boolean,
): Promise<ReadTable> {
  const raw = await openTable(context.engine, file, table, context.runDir, context.edge.signal);
  requireColumns(raw, table);
  if (recorded === undefined) {
    const found = await typesOfNew(context, raw, table, []);
    const { schema } = evolveSchema([], namesOf(raw), found, table.key, table.types);
    return { snapshot: await write(context, raw, table, schema), schema, change: undefined };
  }
  const added = await typesOfNew(context, raw, table, recorded);
  const change = evolveSchema(recorded, namesOf(raw), added, table.key, table.types);
  if (!accept(change)) return { snapshot: undefined, schema: change.schema, change };
  const snapshot = await tryWrite(context, raw, table, change.schema);
  if (snapshot !== undefined) return { snapshot, schema: change.schema, change };

  const found = [...added, ...(await findMisfits(context.engine, raw, recorded))];
  const retyped = evolveSchema(recorded, namesOf(raw), found, table.key, table.types);
  if (!accept(retyped)) return { snapshot: undefined, schema: retyped.schema, change: retyped };
  return { snapshot: await write(context, raw, table, retyped.schema), schema: retyped.schema, change: retyped };
}

function namesOf(raw: RawTable): string[] {
  return raw.columns.map((column) => column.name);
}

/** Types for the columns that are neither recorded nor declared. */
async function typesOfNew(context: RunContext, raw: RawTable, table: TableConfig, recorded: Schema): Promise<Column[]> {
  const unknown = raw.columns.filter(
    (column) => table.types[column.name] === undefined && !recorded.some((known) => sameName(known.name, column.name)),
  );
  return unknown.length === 0 ? [] : inferTypes(context.engine, { ...raw, columns: unknown });
}

async function write(context: RunContext, raw: RawTable, table: TableConfig, schema: Schema): Promise<Snapshot> {
  const snapshot = await tryWrite(context, raw, table, schema);
  if (snapshot !== undefined) return snapshot;
  const misfits = await findMisfits(context.engine, raw, schema);
  const named = misfits.map((column) => `${column.name} (${column.sample})`).join(', ');
  throw new IgarapeError('TABLE_UNREADABLE', `${raw.name}: values do not fit the type that "types" gives their column: ${named}.`, {
    hint: 'Give these columns another type, or none, in "types" of the table.',
  });
}

function tryWrite(context: RunContext, raw: RawTable, table: TableConfig, schema: Schema): Promise<Snapshot | undefined> {
  const path = join(context.runDir, `${table.name}.next.parquet`);
  return writeSnapshot(context.engine, raw, schema, hashedColumns(table, schema), path);
}

/** The row hash covers what makes an update: see `UpdateTest`. */
export function hashedColumns(table: TableConfig, schema: Schema): HashedColumns {
  return { key: table.key, row: comparedColumns(table, schema) };
}

export function comparedColumns(table: TableConfig, schema: Schema): string[] {
  if (table.updateWhen === 'timestamp') return table.dateField === undefined ? [] : [table.dateField];
  return schema.map((column) => column.name).filter((name) => !table.ignore.includes(name));
}

function requireColumns(raw: RawTable, table: TableConfig): void {
  const names = namesOf(raw);
  const needed = table.updateWhen === 'timestamp' && table.dateField !== undefined ? [table.dateField] : [];
  for (const [setting, columns] of [['pk', table.key], ['date_field', needed]] as const) {
    const absent = columns.filter((name) => !names.includes(name));
    if (absent.length === 0) continue;
    throw new IgarapeError(
      'TABLE_UNREADABLE',
      `${raw.name}: the column ${absent.map((name) => JSON.stringify(name)).join(', ')} of "${setting}" is not there; the columns are ${names.map((name) => JSON.stringify(name)).join(', ')}.`,
      { hint: `Check "${setting}" and "sep" of the table ${table.name}, and that the file begins with its header.` },
    );
  }
}
