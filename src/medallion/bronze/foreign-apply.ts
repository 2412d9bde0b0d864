import { sameName, sqlType } from '../../core/schema.ts';
import type { MergeResult } from '../../delta/merge/request.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import { findField } from '../../delta/schema/schema.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { quoteName } from '../../engine/quote.ts';
import type { LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { type LayerReport, mergedRows } from '../report.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import type { ForeignBatch } from './foreign-batches.ts';
import { BATCH_APP, lastChangesQuery } from './foreign-keys.ts';
import { CHANGE_COLUMNS } from './foreign-load.ts';
import { FIRST } from './foreign-stage.ts';
import { overwriteTable, rewriteReason } from './whole-table.ts';

/** What a batch did to a bronze table; `odd` holds what did not go with the table as it was, for people. */
export interface AppliedBatch {
  readonly report: LayerReport;
  readonly odd: readonly string[];
}

/**
 * Applies a batch, whose keys are merged already, to its bronze table, in one commit: of its rows those that are their
 * keys' last changes. A row whose own columns stay as they are is left alone. Done once a batch.
 *
 * @param staged The batch's rows on this disk.
 */
export async function applyForeignBatch(
  tables: LayerTables,
  helpers: HelperTables,
  table: LayerTable,
  { batch, staged, keys }: { batch: ForeignBatch; staged: string; keys: DeltaTable },
): Promise<AppliedBatch> {
  const { engine } = tables.edge;
  await using known = await keys.read();
  const last = await helpers.createAs(lastChangesQuery(batch, staged, known.sql));
  const changes = changesQuery(batch, last);
  const bronze = await tables.find(table);
  if (bronze === undefined) {
    const rows = `SELECT ${ownColumns(batch)} FROM (${changes}) WHERE NOT ${IS_DELETE}`;
    const created = await tables.create(table, { rows, name: `bronze.${table.name}`, app: appOf(batch) });
    const { version, rows: inserted } = await created.describe();
    return {
      report: { operation: 'created', inserted: inserted ?? 0, updated: 0, deleted: 0, version },
      odd: [],
    };
  }
  if (batch.fresh === true) {
    const rows = `SELECT ${ownColumns(batch)} FROM (${changes}) WHERE NOT ${IS_DELETE}`;
    return { report: await overwriteTable(bronze, rows, appOf(batch), 'all files were read again'), odd: [] };
  }
  const reason = await rewriteReason(bronze, batch.schema);
  if (reason !== undefined) return { report: await rewrite(bronze, batch, changes, reason), odd: [] };
  const { version, metrics, clauseRows } = await merge(bronze, batch, changes);
  const [counted] = await engine.rows(
    `SELECT count(*) FILTER (WHERE ${IS_DELETE} AND ${FIRST} <> 'I') AS n FROM ${last}`,
  );
  const [deleted = 0, insertsOfKnown = 0, , , updatesOfUnknown = 0] = clauseRows;
  const counts = mergedRows(metrics);
  const isChanged = Object.values(counts).some((count) => count > 0);
  return {
    report: { operation: isChanged ? 'updated' : 'unchanged', ...counts, version },
    odd: [
      ...told(insertsOfKnown, 'inserts of keys that were there'),
      ...told(updatesOfUnknown, 'updates of keys that were not'),
      ...told(Number(counted?.['n'] ?? 0) - deleted, 'deletes of keys that were not'),
    ],
  };
}

const IS_DELETE = `${CHANGE_COLUMNS.operation} = 'D'`;

function appOf({ batch }: ForeignBatch): { appId: string; version: bigint } {
  return { appId: BATCH_APP, version: BigInt(batch) };
}

function changesQuery({ schema, batch }: ForeignBatch, last: string): string {
  const own = schema.map(({ name }) => quoteName(name)).join(', ');
  return `SELECT ${own}, CAST(${batch} AS BIGINT) AS ${BRONZE_COLUMNS.run}, ${BRONZE_COLUMNS.timestamp}, ${CHANGE_COLUMNS.operation}, ${FIRST} FROM ${last}`;
}

function columnNames({ schema }: ForeignBatch): string[] {
  return [...schema.map(({ name }) => name), BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp];
}

function ownColumns(batch: ForeignBatch): string {
  return columnNames(batch).map(quoteName).join(', ');
}

async function merge(bronze: DeltaTable, batch: ForeignBatch, changes: string): Promise<MergeResult> {
  const known = (await bronze.snapshot()).schema;
  const differs = batch.schema
    .filter(({ name }) => !batch.key.some((key) => sameName(key, name)))
    .map(({ name }) => {
      const before = findField(known, name) === undefined ? 'NULL' : `target.${quoteName(name)}`;
      return `source.${quoteName(name)} IS DISTINCT FROM ${before}`;
    });
  const isChanged = differs.length === 0 ? 'false' : `(${differs.join(' OR ')})`;
  const isDelete = `source.${IS_DELETE}`;
  const wasInsert = `source.${FIRST} = 'I'`;
  return bronze
    .merge(changes, { on: batch.key, app: appOf(batch), mergeSchema: columnNames(batch) })
    .whenMatchedDelete({ where: isDelete })
    .whenMatchedUpdateAll({ where: `${isChanged} AND ${wasInsert}` })
    .whenMatchedUpdateAll({ where: isChanged })
    .whenNotMatchedInsertAll({ where: `NOT ${isDelete} AND ${wasInsert}` })
    .whenNotMatchedInsertAll({ where: `NOT ${isDelete}` })
    .execute();
}

/** Applies the changes as {@link merge} does, with every row in the columns' new types. */
async function rewrite(
  bronze: DeltaTable,
  batch: ForeignBatch,
  changes: string,
  reason: string,
): Promise<LayerReport> {
  await using rows = await bronze.read();
  const present = new Set(rows.columns.map(({ name }) => name.toLowerCase()));
  const before = batch.schema.map(({ name, type }) => {
    const value = present.has(name.toLowerCase()) ? `r.${quoteName(name)}` : 'NULL';
    return `CAST(${value} AS ${sqlType(type)}) AS ${quoteName(name)}`;
  });
  const added = [BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp].map((name) => `r.${name}`);
  const isSame = batch.key.map((name) => `c.${quoteName(name)} = r.${quoteName(name)}`).join(' AND ');
  return await overwriteTable(
    bronze,
    `SELECT ${[...before, ...added].join(', ')} FROM (${rows.sql}) AS r ANTI JOIN (${changes}) AS c ON ${isSame}
      UNION ALL SELECT ${ownColumns(batch)} FROM (${changes}) WHERE NOT ${IS_DELETE}`,
    appOf(batch),
    reason,
  );
}

function told(count: number, what: string): string[] {
  return count > 0 ? [`${count} ${what}`] : [];
}
