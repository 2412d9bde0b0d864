import { sqlType } from '../../core/schema.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import type { WriteResult } from '../../delta/write/publish.ts';
import type { Rows } from '../../delta/read/rows.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { quoteName } from '../../engine/quote.ts';
import type { LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { type LayerReport, mergedRows } from '../report.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { LEDGER_APP } from './applied-run.ts';
import type { BronzeBatch } from './batch.ts';
import { CHANGE } from './changes.ts';
import { overwriteTable, rewriteReason } from './whole-table.ts';

/** The first operation of a key in the batch: it tells whether the key was there before. */
const FIRST = '_igarape_first';

/**
 * Applies a batch to a bronze table that holds the last state of every row, in one commit.
 *
 * What does not go with the table as it is (the insert of a key that is there, the update or delete of one that is not)
 * ends in the row's last state all the same, and is counted in the report's reason.
 */
export async function applyLatest(
  tables: LayerTables,
  table: LayerTable,
  batch: BronzeBatch,
): Promise<LayerReport> {
  const helpers = new HelperTables(tables.edge.engine);
  try {
    const changes =
      batch.changes === undefined ? undefined : await helpers.createAs(lastChanges(batch, batch.changes));
    const delta = await tables.find(table);
    if (delta === undefined) return await create(tables, table, batch, changes);
    if (batch.fullRefresh) return await refresh(delta, batch, changes);
    const reason = await rewriteReason(delta, batch.schema);
    if (reason !== undefined) return await rewrite(delta, batch, changes, reason);
    return batch.fullLoad === undefined
      ? await mergeChanges(tables, delta, batch, changes)
      : await mergeState(delta, batch, stateQuery(batch, batch.fullLoad, changes));
  } finally {
    await helpers.drop();
  }
}

/** SQL: the last change of every key. */
function lastChanges({ key, isSeveralFiles }: BronzeBatch, changes: string): string {
  if (!isSeveralFiles) return `SELECT *, ${CHANGE.operation} AS ${FIRST} FROM (${changes})`;
  const ofKey = `PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY ${CHANGE.order}`;
  return `SELECT *, first_value(${CHANGE.operation}) OVER (${ofKey}) AS ${FIRST} FROM (${changes})
    QUALIFY row_number() OVER (${ofKey} DESC) = 1`;
}

/** SQL: what the table is after a full-load and changes. */
function stateQuery(batch: BronzeBatch, rows: string, changes: string | undefined): string {
  const columns = columnsOf(batch).map(quoteName).join(', ');
  if (changes === undefined) return `SELECT ${columns} FROM (${rows})`;
  return `SELECT ${columns} FROM (${rows}) AS r ANTI JOIN ${changes} AS c ON ${sameKey(batch.key, 'r', 'c')}
    UNION ALL SELECT ${columns} FROM ${changes} WHERE ${CHANGE.operation} <> 'D'`;
}

function columnsOf({ schema }: BronzeBatch): string[] {
  return [...schema.map(({ name }) => name), BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp];
}

function appOf({ run }: BronzeBatch): { appId: string; version: bigint } {
  return { appId: LEDGER_APP, version: BigInt(run) };
}

async function create(
  tables: LayerTables,
  table: LayerTable,
  batch: BronzeBatch,
  changes: string | undefined,
): Promise<LayerReport> {
  const empty = `SELECT ${columnsOf(batch).map(quoteName).join(', ')} FROM (${batch.changes ?? ''}) LIMIT 0`;
  const rows = stateQuery(batch, batch.fullLoad ?? empty, changes);
  const delta = await tables.create(table, { rows, name: `${table.layer}.${table.name}`, app: appOf(batch) });
  const { version, rows: inserted } = await delta.describe();
  return { operation: 'created', inserted: inserted ?? 0, updated: 0, deleted: 0, version };
}

/** The changes alone are merged; of the rest of the table nothing is read but where its keys are. */
async function mergeChanges(
  { edge: { engine } }: LayerTables,
  delta: DeltaTable,
  batch: BronzeBatch,
  changes: string | undefined,
): Promise<LayerReport> {
  const isDelete = `source.${CHANGE.operation} = 'D'`;
  const wasInsert = `source.${FIRST} = 'I'`;
  const result = await delta
    .merge(`SELECT * FROM ${changes ?? ''}`, {
      on: batch.key,
      app: appOf(batch),
      mergeSchema: columnsOf(batch),
    })
    .whenMatchedDelete({ where: isDelete })
    .whenMatchedUpdateAll({ where: wasInsert })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll({ where: `NOT (${isDelete}) AND ${wasInsert}` })
    .whenNotMatchedInsertAll({ where: `NOT (${isDelete})` })
    .execute();
  const [deleted = 0, insertsOfKnown = 0, , , updatesOfUnknown = 0] = result.clauseRows ?? [];
  const [counted] = await engine.rows(
    `SELECT count(*) FILTER (WHERE ${CHANGE.operation} = 'D' AND ${FIRST} <> 'I') AS n FROM ${changes ?? ''}`,
  );
  return reportOf(result, [
    told(insertsOfKnown, 'inserts of keys that were there'),
    told(updatesOfUnknown, 'updates of keys that were not'),
    told(Math.max(0, Number(counted?.['n'] ?? 0) - deleted), 'deletes of keys that were not'),
  ]);
}

/** The table becomes a new full-load; rows that are the same stay as they are, and are told as no change. */
async function mergeState(delta: DeltaTable, batch: BronzeBatch, state: string): Promise<LayerReport> {
  const known = new Set((await delta.snapshot()).schema.fields.map(({ name }) => name.toLowerCase()));
  const differs = batch.schema
    .filter(({ name }) => !batch.key.includes(name))
    .map(({ name }) => {
      const before = known.has(name.toLowerCase()) ? `target.${quoteName(name)}` : 'NULL';
      return `source.${quoteName(name)} IS DISTINCT FROM ${before}`;
    });
  const result = await delta
    .merge(state, { on: batch.key, app: appOf(batch), mergeSchema: columnsOf(batch) })
    .whenMatchedUpdateAll({ where: differs.length === 0 ? 'false' : differs.join(' OR ') })
    .whenNotMatchedInsertAll()
    .whenNotMatchedBySourceDelete()
    .execute();
  return reportOf(result, []);
}

/** SQL: the rows of the table, in the columns and types that it is to have. */
function castRows(rows: Rows, { schema }: BronzeBatch): string {
  const present = new Set(rows.columns.map(({ name }) => name.toLowerCase()));
  const columns = schema.map(({ name, type }) => {
    const value = present.has(name.toLowerCase()) ? quoteName(name) : 'NULL';
    return `CAST(${value} AS ${sqlType(type)}) AS ${quoteName(name)}`;
  });
  const added = [BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp].map(quoteName);
  return `SELECT ${[...columns, ...added].join(', ')} FROM (${rows.sql})`;
}

async function rewrite(
  delta: DeltaTable,
  batch: BronzeBatch,
  changes: string | undefined,
  reason: string,
): Promise<LayerReport> {
  await using rows = await delta.read();
  const state = stateQuery(batch, batch.fullLoad ?? castRows(rows, batch), changes);
  return await overwriteTable(delta, state, appOf(batch), reason);
}

async function refresh(
  delta: DeltaTable,
  batch: BronzeBatch,
  changes: string | undefined,
): Promise<LayerReport> {
  if (batch.fullLoad === undefined) throw new RangeError('A full refresh begins with a full-load.');
  const state = stateQuery(batch, batch.fullLoad, changes);
  return overwriteTable(delta, state, appOf(batch), 'a full refresh was asked for');
}

function reportOf({ metrics, version }: WriteResult, odd: readonly (string | undefined)[]): LayerReport {
  const reasons = odd.filter((text) => text !== undefined);
  const counts = mergedRows(metrics);
  const isChanged = Object.values(counts).some((count) => count > 0);
  return {
    operation: isChanged ? 'updated' : 'unchanged',
    ...counts,
    version,
    ...(reasons.length === 0 ? {} : { reason: `${reasons.join(', ')}: the last state counts` }),
  };
}

function told(count: number, what: string): string | undefined {
  return count === 0 ? undefined : `${count} ${what}`;
}

function sameKey(key: readonly string[], left: string, right: string): string {
  return key.map((name) => `${left}.${quoteName(name)} = ${right}.${quoteName(name)}`).join(' AND ');
}
