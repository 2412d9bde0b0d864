import { join } from 'node:path';
import { castTo, CHANGES, compareSnapshots, hasDuplicates, OPERATION, type Side } from '../changes/compare.ts';
import { type Guard, guardChanges, guardKey, guardSchema, guardWidening } from '../changes/guards.ts';
import { duplicateKeys, refuseNullKeys } from '../changes/key.ts';
import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Schema } from '../core/schema.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { isSameSchema, type SchemaChange } from '../snapshot/evolve.ts';
import { copyWithHashes, hashVersion, KEY_HASH, type Snapshot } from '../snapshot/snapshot.ts';
import type { FetchedFile } from '../source/port.ts';
import type { RunContext } from './context.ts';
import type { ExaminedTable, HeldTable, TableOutcome } from './outcome.ts';
import { comparedColumns, hashedColumns, readTable } from './read-table.ts';

/** A table of the lake as the next one is compared with it. */
export interface KnownTable {
  readonly state: TableState;
  /** Resolves a local file with the base's bytes. */
  readonly openBase: () => Promise<string>;
}

/**
 * Reads a table's file, compares it with the base, and holds it against the guards. Leaves the changes in the engine's
 * relation `CHANGES` until the next table is examined.
 */
export async function examineTable(
  context: RunContext,
  table: TableConfig,
  file: FetchedFile,
  known: KnownTable | undefined,
): Promise<TableOutcome> {
  const outcome =
    known === undefined
      ? await examineFirst(context, table, file)
      : await examineNext(context, table, file, known);
  await file.confirm();
  return outcome;
}

async function examineFirst(context: RunContext, table: TableConfig, file: FetchedFile): Promise<TableOutcome> {
  const { engine } = context;
  const { snapshot, schema } = await readTable(context, table, file, undefined, () => true);
  if (snapshot === undefined) throw new RangeError('A first reading always has a snapshot.');
  await refuseNullKeys(engine, snapshot.path, table.name, table.key);
  const hashesUnique = !(await hasDuplicates(engine, snapshot, [KEY_HASH]));
  if (!hashesUnique && (await hasDuplicates(engine, snapshot, table.key))) {
    throw await duplicateKeys(engine, snapshot.path, table.name, table.key);
  }
  const counts = { inserted: snapshot.rows, updated: 0, deleted: 0, unchanged: 0 };
  const guards = guardChanges(counts, snapshot.rows, undefined, table.maxDeleteRatio);
  if (isHeld(context, table, guards)) return held(table, guards);
  return {
    kind: 'examined',
    operation: 'full-load',
    counts,
    schema,
    schemaChange: undefined,
    primaryKey: table.key,
    compared: undefined,
    file,
    base: { ...snapshot, hashVersion: hashesUnique ? snapshot.hashVersion : null },
  };
}

async function examineNext(
  context: RunContext,
  table: TableConfig,
  file: FetchedFile,
  { state, openBase }: KnownTable,
): Promise<TableOutcome> {
  const { engine } = context;
  const keyGuards = guardKey(state.primaryKey, table.key);
  const guardsOf = (change: SchemaChange): Guard[] => [...keyGuards, ...guardSchema(change, table.schema === 'freeze')];
  const basePath = await openBase();
  const accept = (change: SchemaChange): boolean => !isHeld(context, table, guardsOf(change));
  const { snapshot, schema, change } = await readTable(context, table, file, state.schema, accept);
  if (change === undefined) throw new RangeError('A later reading always has a schema change.');
  if (snapshot === undefined) return held(table, guardsOf(change), { schemaChange: change });
  await refuseNullKeys(engine, snapshot.path, table.name, table.key);

  const base: Side = { path: basePath, rows: state.base.rows, schema: state.schema, hashVersion: state.base.hashVersion };
  const laterIn = table.updateWhen === 'timestamp' ? table.dateField : undefined;
  const compared = await compareSnapshots(engine, {
    base,
    next: snapshot,
    key: table.key,
    update: { columns: comparedColumns(table, schema), ...(laterIn === undefined ? {} : { laterIn }) },
  });
  if (compared.kind === 'duplicate-keys') {
    if (compared.side === 'next') throw await duplicateKeys(engine, snapshot.path, table.name, table.key);
    throw new IgarapeError('TABLE_KEY', `The rows that the lake has of ${table.name} are not unique under the new key.`, {
      hint: `Start the table anew: igarape run --reload ${table.name}`,
    });
  }
  const { counts, hashesUnique } = compared;
  const guards = [
    ...guardsOf(change),
    ...(await guardWidening(engine, basePath, change)),
    ...guardChanges(counts, snapshot.rows, state.base.rows, table.maxDeleteRatio),
  ];
  const comparedAs = { schema, key: table.key };
  if (isHeld(context, table, guards)) return held(table, guards, { schemaChange: change, compared: comparedAs });
  return {
    kind: 'examined',
    operation: counts.inserted + counts.updated + counts.deleted > 0 ? 'cdc' : 'unchanged',
    counts,
    schema,
    schemaChange: change,
    primaryKey: table.key,
    compared: comparedAs,
    file,
    base: await nextBase(context, table, { base, snapshot, change, counts, hashesUnique, state }),
  };
}

function isHeld(context: RunContext, table: TableConfig, guards: readonly Guard[]): boolean {
  return guards.length > 0 && !(context.request.approve ?? []).includes(table.name);
}

function held(
  table: TableConfig,
  guards: readonly Guard[],
  more: Pick<HeldTable, 'schemaChange' | 'compared'> = {},
): HeldTable {
  const reason = `${guards.map((guard) => guard.message).join('. ')}. If that is right: igarape run --approve ${table.name}`;
  return { kind: 'held', reason, guards, ...more };
}

interface BaseDecision {
  readonly base: Side;
  readonly snapshot: Snapshot;
  readonly change: SchemaChange;
  readonly counts: ExaminedTable['counts'];
  readonly hashesUnique: boolean;
  readonly state: TableState;
}

/** The base after the changes; undefined where the old one serves as it is. */
async function nextBase(context: RunContext, table: TableConfig, decision: BaseDecision): Promise<ExaminedTable['base']> {
  const { snapshot, change, counts, hashesUnique, state, base } = decision;
  const version = hashesUnique ? snapshot.hashVersion : null;
  const changed = counts.inserted + counts.updated + counts.deleted > 0;
  if (!changed && isSameSchema(change, state.schema) && version === state.base.hashVersion) return undefined;
  if (comparesEverything(table)) return { ...snapshot, hashVersion: version };
  // Some differences are no changes: those rows stay as they were last published.
  return writePublishedRows(context, table, base, snapshot.schema);
}

function comparesEverything(table: TableConfig): boolean {
  return table.updateWhen === 'content' && table.ignore.length === 0;
}

async function writePublishedRows(
  { engine, runDir }: RunContext,
  table: TableConfig,
  base: Side,
  schema: Schema,
): Promise<NonNullable<ExaminedTable['base']>> {
  const path = join(runDir, `${table.name}.base.parquet`);
  const sameKey = table.key.map((name) => `c.${quoteName(name)} = b.${quoteName(name)}`).join(' AND ');
  const columns = schema.map((column) => quoteName(column.name)).join(', ');
  const hashed = hashedColumns(table, schema);
  const rows = await copyWithHashes(
    engine,
    `SELECT ${castTo(base, schema)} FROM read_parquet(${quoteText(base.path)}) b
       WHERE NOT EXISTS (SELECT 1 FROM ${CHANGES} c WHERE c.${OPERATION} <> 'I' AND ${sameKey})
     UNION ALL SELECT ${columns} FROM ${CHANGES} WHERE ${OPERATION} <> 'D'`,
    hashed,
    path,
  );
  return { path, rows, hashVersion: await hashVersion(engine, schema, hashed) };
}
