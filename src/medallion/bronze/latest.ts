import { sameName, type Schema, sqlType } from '../../core/schema.ts';
import type { AppVersion } from '../../delta/protocol/app-version.ts';
import { findField } from '../../delta/schema/schema.ts';
import type { Rows } from '../../delta/read/rows.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { quoteName } from '../../engine/quote.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { createdReport, type LayerReport, mergedReport } from '../report.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { CHANGE } from './changes.ts';
import { overwriteTable, rewriteReason } from './whole-table.ts';

/** What a bronze table applies in one commit. */
export interface BronzeBatch {
  /** The table's own columns afterwards. */
  readonly schema: Schema;
  readonly key: readonly string[];
  /** What the table notes, so that the batch is applied once. */
  readonly app: AppVersion;
  /** Why the table is made anew, whatever it holds; undefined where it goes on from what it is. */
  readonly anew: string | undefined;
}

/** Changes of a table that holds the last state of every row. */
export interface LatestBatch extends BronzeBatch {
  /** SQL: the rows of a full-load that the table is to become before its changes; undefined where there is none. */
  readonly fullLoad: string | undefined;
  /**
   * A table of the engine: the last change of every key, in the table's own columns, those of bronze, and `operation` and
   * `first` of {@link CHANGE}; undefined where there are none.
   */
  readonly changes: string | undefined;
  /** Whether a row whose own columns stay as they are is left alone; else each change counts as one. */
  readonly isCompared: boolean;
}

/**
 * Applies a batch to a bronze table that holds the last state of every row, in one commit.
 *
 * What does not go with the table as it is (the insert of a key that is there, the update or delete of one that is not)
 * ends in the row's last state all the same, and is counted in the report's reason.
 */
export async function applyLatest(
  tables: LayerTables,
  table: LayerTable,
  batch: LatestBatch,
): Promise<LayerReport> {
  const { schema, app, anew, fullLoad } = batch;
  const delta = await tables.find(table);
  if (delta === undefined) {
    const rows = stateQuery(batch, fullLoad);
    return createdReport(await tables.create(table, { rows, name: fullName(table), app }));
  }
  if (anew !== undefined) return overwriteTable(delta, stateQuery(batch, fullLoad), app, anew);
  const reason = await rewriteReason(delta, schema);
  if (reason !== undefined) {
    await using rows = await delta.read();
    return await overwriteTable(delta, stateQuery(batch, fullLoad ?? castRows(rows, batch)), app, reason);
  }
  return fullLoad === undefined
    ? mergeChanges(tables, delta, batch)
    : mergeState(delta, batch, stateQuery(batch, fullLoad));
}

/** SQL: what rows, none where they are undefined, become by the changes. */
function stateQuery(batch: LatestBatch, rows: string | undefined): string {
  const { key, changes } = batch;
  const columns = columnsOf(batch).map(quoteName).join(', ');
  const isSame = key.map((name) => `r.${quoteName(name)} = c.${quoteName(name)}`).join(' AND ');
  const kept = changes === undefined ? '' : `ANTI JOIN ${changes} AS c ON ${isSame}`;
  return [
    ...(rows === undefined ? [] : [`SELECT ${columns} FROM (${rows}) AS r ${kept}`]),
    ...(changes === undefined ? [] : [`SELECT ${columns} FROM ${changes} WHERE ${CHANGE.operation} <> 'D'`]),
  ].join(' UNION ALL ');
}

function columnsOf({ schema }: LatestBatch): string[] {
  return [...schema.map(({ name }) => name), BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp];
}

/** The changes alone are merged; of the rest of the table nothing is read but where its keys are. */
async function mergeChanges(
  { edge: { engine } }: LayerTables,
  delta: DeltaTable,
  batch: LatestBatch,
): Promise<LayerReport> {
  const { key, app, changes = '' } = batch;
  const isDelete = `source.${CHANGE.operation} = 'D'`;
  const wasInsert = `source.${CHANGE.first} = 'I'`;
  const isOther = batch.isCompared ? await differs(delta, batch) : 'true';
  const result = await delta
    .merge(`SELECT * FROM ${changes}`, { on: key, app, mergeSchema: columnsOf(batch) })
    .whenMatchedDelete({ where: isDelete })
    .whenMatchedUpdateAll({ where: `(${isOther}) AND ${wasInsert}` })
    .whenMatchedUpdateAll({ where: isOther })
    .whenNotMatchedInsertAll({ where: `NOT (${isDelete}) AND ${wasInsert}` })
    .whenNotMatchedInsertAll({ where: `NOT (${isDelete})` })
    .execute();
  const [deleted = 0, insertsOfKnown = 0, , , updatesOfUnknown = 0] = result.clauseRows ?? [];
  const [counted] = await engine.rows(
    `SELECT count(*) FILTER (${CHANGE.operation} = 'D' AND ${CHANGE.first} <> 'I') AS n FROM ${changes}`,
  );
  return mergedReport(
    'updated',
    result,
    told(insertsOfKnown, 'inserts of keys that were there'),
    told(updatesOfUnknown, 'updates of keys that were not'),
    told(Number(counted?.['n'] ?? 0) - deleted, 'deletes of keys that were not'),
  );
}

/** The table becomes a new full-load; rows that are the same stay as they are, and are told as no change. */
async function mergeState(delta: DeltaTable, batch: LatestBatch, state: string): Promise<LayerReport> {
  const result = await delta
    .merge(state, { on: batch.key, app: batch.app, mergeSchema: columnsOf(batch) })
    .whenMatchedUpdateAll({ where: await differs(delta, batch) })
    .whenNotMatchedInsertAll()
    .whenNotMatchedBySourceDelete()
    .execute();
  return mergedReport('updated', result);
}

/** SQL: whether a row of a merge's source has other values than the table's, in the table's own columns. */
async function differs(delta: DeltaTable, { schema, key }: LatestBatch): Promise<string> {
  const known = (await delta.snapshot()).schema;
  const columns = schema.filter(({ name }) => !key.some((each) => sameName(each, name)));
  const differing = columns.map(({ name }) => {
    const before = findField(known, name) === undefined ? 'NULL' : `target.${quoteName(name)}`;
    return `source.${quoteName(name)} IS DISTINCT FROM ${before}`;
  });
  return differing.length === 0 ? 'false' : differing.join(' OR ');
}

/** SQL: the rows of the table, in the columns and types that it is to have. */
function castRows(rows: Rows, { schema }: LatestBatch): string {
  const present = new Set(rows.columns.map(({ name }) => name.toLowerCase()));
  const columns = schema.map(({ name, type }) => {
    const value = present.has(name.toLowerCase()) ? quoteName(name) : 'NULL';
    return `CAST(${value} AS ${sqlType(type)}) AS ${quoteName(name)}`;
  });
  const added = [BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp].map(quoteName);
  return `SELECT ${[...columns, ...added].join(', ')} FROM (${rows.sql})`;
}

function told(count: number, what: string): string | undefined {
  return count > 0 ? `${count} ${what}` : undefined;
}
