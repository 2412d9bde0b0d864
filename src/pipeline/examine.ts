import { join } from 'node:path';
import {
  type Guard,
  guardChanges,
  guardEmptyFiles,
  guardEnd,
  guardKey,
  guardSchema,
  guardUpdates,
  guardWidening,
} from '../changes/guards.ts';
import { writeCompactedBase, writeDeltaSegment, writePublishedRows } from '../changes/next-base.ts';
import { BASE, type BaseFiles, openBase } from '../changes/base.ts';
import { countUpdatesOf } from '../changes/compare.ts';
import { sampleChanges } from '../changes/sample.ts';
import type { TableConfig } from '../config/config.ts';
import { bareRecord } from '../core/bare-record.ts';
import type { Schema } from '../core/schema.ts';
import { parquetFile } from '../engine/quote.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { rowsBy } from '../lake/segments.ts';
import { isSameSchema, type SchemaChange } from '../snapshot/evolve.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import type { Fetched } from '../source/port.ts';
import { type Compared, compareTable } from './compare-table.ts';
import type { RunContext } from './context.ts';
import { examineFirst } from './examine-first.ts';
import { held, isHeld } from './hold.ts';
import type { BaseHere, NextBase, TableOutcome } from './outcome.ts';
import { newlyTyped } from './read-anew.ts';
import { readAs } from './read-as.ts';
import { comparedColumns, comparesEverything, endsOf, openTableFile } from './table-file.ts';

/** A table of the lake, as the next state is compared with it. */
export interface KnownTable {
  readonly state: TableState;
  readonly openSegments: () => Promise<BaseFiles>;
}

/** Segments after which a base is written anew as one, and the share of its rows that they may repeat until then. */
export const MOST_SEGMENTS = 16;
const MOST_REPEATED_ROWS = 0.25;

/**
 * Reads a table's file, compares it with the base, and holds it against the guards. Leaves the changes in the engine's
 * relation `CHANGES` until the next table is examined.
 */
export async function examineTable(
  context: RunContext,
  table: TableConfig,
  file: Fetched,
  known: KnownTable | undefined,
): Promise<TableOutcome> {
  const outcome =
    known === undefined
      ? await examineFirst(context, table, file)
      : await examineNext(context, table, file, known);
  await file.confirm();
  return outcome;
}

async function examineNext(
  context: RunContext,
  configured: TableConfig,
  file: Fetched,
  { state, openSegments }: KnownTable,
): Promise<TableOutcome> {
  const { raw, table: named } = await openTableFile(context, configured, file, state.schema);
  const segments = await openSegments();
  const types =
    state.readAs === readAs(configured) ? {} : await newlyTyped(context, raw, named, state, segments);
  const table = { ...named, types: bareRecord(types, named.types) };
  const compared = await compareTable({
    context,
    table,
    raw,
    recorded: recordedColumns(state),
    state,
    segments,
  });
  return await conclude(context, { table, raw, file, known: { state, openSegments } }, compared);
}

/** What was compared, and the lake's side of it. */
export interface ComparedTable {
  readonly table: TableConfig;
  readonly raw: RawTable;
  readonly file: Pick<Fetched, 'hash'>;
  readonly known: KnownTable;
}

/** Holds what a comparison has found against the guards, and writes the next base. */
export async function conclude(
  context: RunContext,
  { table, raw, file, known: { state, openSegments } }: ComparedTable,
  compared: Compared,
): Promise<TableOutcome> {
  const { change, counts } = compared;
  // All of them are told at once, for an approval is of all.
  const guards = [
    ...guardKey(state.primaryKey, table.key),
    ...guardSchema(change, table.schema === 'freeze'),
    ...(await guardWideningOf(context, openSegments, state, change)),
    ...guardEnd(state.isUnended, raw.unended, counts),
    ...guardEmptyFiles(state.emptyFiles ?? 0, raw.emptyFiles ?? [], counts),
    ...guardChanges(counts, compared.rows, state.base.rows, table.maxDeleteRatio),
    ...(await guardUpdatesOf(context, table, state, compared)),
  ];
  const comparedAs = { change, key: table.key };
  if (isHeld(context, table, guards)) {
    const samples = await sampleChanges(context.engine, change, table.key);
    return held(table, guards, { schemaChange: change, counts, samples, rejects: raw.rejects });
  }
  return {
    kind: 'examined',
    operation: counts.inserted + counts.updated + counts.deleted > 0 ? 'cdc' : 'unchanged',
    counts,
    schema: change.schema,
    schemaChange: change,
    primaryKey: table.key,
    compared: comparedAs,
    file,
    rejects: raw.rejects,
    ends: endsOf(raw),
    base: await nextBase(context, table, { state, openSegments }, compared),
    ...(compared.writeChanges === undefined ? {} : { writeChanges: compared.writeChanges }),
  };
}

/** The types of a table that has never held a row hold no value either. */
export function recordedColumns({ schema, base, epoch, lastSequence }: TableState): Schema {
  const hasNeverHeldRows = base.rows === 0 && epoch === 0 && lastSequence === 0;
  return hasNeverHeldRows ? schema.map((column) => ({ ...column, open: true })) : schema;
}

export async function guardWideningOf(
  { engine }: RunContext,
  openSegments: KnownTable['openSegments'],
  state: TableState,
  change: SchemaChange,
): Promise<Guard[]> {
  if (change.widened.length === 0) return [];
  const segments = await openSegments();
  await openBase(engine, segments, state.schema);
  const guards = await guardWidening(engine, BASE, change);
  await openBase(engine, segments, change.schema, BASE, change.retyped);
  return guards;
}

/** Where a column is new, or is there again, a row is no other one for having a value in it. */
async function guardUpdatesOf(
  { engine }: RunContext,
  table: TableConfig,
  state: TableState,
  { change, counts }: Compared,
): Promise<Guard[]> {
  const guardsOf = (updated: number): Guard[] =>
    guardUpdates(updated, counts, state.base.rows, table.maxUpdateRatio);
  const had = state.schema.filter(({ dropped }) => dropped === undefined);
  const has = change.schema.filter(({ dropped }) => dropped === undefined);
  const guards = guardsOf(counts.updated);
  if (guards.length === 0 || had.length === has.length) return guards;
  return guardsOf(await countUpdatesOf(engine, table.key, comparedColumns(table, had)));
}

/** The base after the changes; undefined where the old one serves as it is. */
async function nextBase(
  { engine, runDir }: RunContext,
  table: TableConfig,
  { state, openSegments }: KnownTable,
  compared: Compared,
): Promise<NextBase | undefined> {
  const { change, changedRows, rows, hashVersion, fullPath, isBaseWhole, rewrittenBase } = compared;
  const { schema } = change;
  const path = join(runDir, `${table.name}.base.parquet`);
  const by = rowsBy(state);
  const full = (written: string, segmentRows: number): BaseHere => ({
    kind: 'full',
    path: written,
    segmentRows,
    rows,
    hashVersion,
  });
  if (fullPath !== undefined) {
    if (comparesEverything(table)) return full(fullPath, rows);
    return full(path, await writePublishedRows(engine, schema, table.key, parquetFile(fullPath), path));
  }
  if (changedRows === 0 && isSameSchema(change, state.schema)) return undefined;
  const [, ...deltas] = state.base.segments;
  const repeated = deltas.reduce((sum, segment) => sum + segment.rows, changedRows);
  const isDue = deltas.length + 2 > MOST_SEGMENTS || repeated > MOST_REPEATED_ROWS * rows;
  if (compared.writeChanges !== undefined || isDue) {
    if (rewrittenBase !== undefined) return rewrittenBase();
    if (!isBaseWhole) await openBase(engine, await openSegments(), schema);
    return full(path, await writeCompactedBase(engine, schema, by, path));
  }
  return {
    kind: 'delta',
    path,
    segmentRows: await engine.overRows(changedRows, () => writeDeltaSegment(engine, schema, by, path)),
    rows,
    hashVersion,
  };
}
