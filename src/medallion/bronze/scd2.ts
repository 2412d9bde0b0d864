import { byName, describedType, sameName, type Schema } from '../../core/schema.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { countRows } from '../../engine/count-rows.ts';
import type { Engine } from '../../engine/engine.ts';
import { equalIn, quoteName } from '../../engine/quote.ts';
import { exactCast } from '../../engine/sql-column.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { createdReport, type LayerReport, mergedReport } from '../report.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { typedColumns } from './columns.ts';
import type { BronzeBatch, RowsBefore } from './latest-rows.ts';
import { overwriteTable, rewriteReason } from './whole-table.ts';
import { CLOSES, type Scd2Changes, VERSION_COLUMNS, versionsOf } from './scd2-versions.ts';

/** Changes that a table with a history applies in one commit. */
export interface Scd2Batch extends BronzeBatch, Scd2Changes {
  /**
   * Why no row goes on: the first step is a full-load under another key than the table has. Its open versions close then, and
   * each row opens one. Undefined where versions go on by their key.
   */
  readonly rekeyed: string | undefined;
}

/**
 * Applies changes to a bronze table that holds one row a version of every row: the table's columns, `valid_from`,
 * `valid_to` (null while it is open), `is_current`; in one commit.
 *
 * A change that leaves a row's columns as they are, as most of a reload does, opens no version. Versions of a key never
 * overlap: each ends when the next begins, or when the row is deleted. Two changes with one time leave a version that
 * ends when it begins, so that nothing is lost; a time before the version's that it follows counts as that one's.
 *
 * The report's `inserted` are new versions, `updated` those that were closed.
 *
 * @throws IgarapeError DELTA_CONFLICT
 */
export async function applyScd2(
  tables: LayerTables,
  table: LayerTable,
  batch: Scd2Batch,
): Promise<LayerReport> {
  const { engine } = tables.edge;
  await using helpers = new HelperTables(engine);
  const delta = await tables.find(table);
  const { schema, app, anew, rekeyed } = batch;
  const before = (anew ?? rekeyed) === undefined ? delta : undefined;
  const versions = await versionsOf(engine, helpers, batch, before);
  const rows = newRows(batch, versions);
  if (delta === undefined)
    return await createdReport(await tables.create(table, { rows, name: fullName(table), app }));
  if (anew !== undefined) return await overwriteTable(delta, rows, app, anew);
  if (rekeyed !== undefined) return await closeAll(delta, batch, rows, rekeyed);
  const reason = rewriteReason((await delta.snapshot()).schema, schema, columnsOf(batch));
  if (reason !== undefined) return await rewrite(engine, delta, batch, versions, reason);
  return await merge(delta, batch, versions);
}

function columnsOf({ schema }: Scd2Batch): string[] {
  const { run, timestamp } = BRONZE_COLUMNS;
  return [...schema.map(({ name }) => name), ...Object.values(VERSION_COLUMNS), run, timestamp];
}

/** SQL: the versions that the batch opens. */
function newRows(batch: Scd2Batch, versions: string): string {
  return `SELECT ${columnsOf(batch).map(quoteName).join(', ')} FROM ${versions} WHERE NOT ${CLOSES}`;
}

async function merge(delta: DeltaTable, batch: Scd2Batch, versions: string): Promise<LayerReport> {
  const { to, current } = VERSION_COLUMNS;
  const result = await delta
    .merge(`SELECT ${[...columnsOf(batch).map(quoteName), CLOSES].join(', ')} FROM ${versions}`, {
      on: [equalIn(batch.key, 'target', 'source'), `target.${current}`, `source.${CLOSES}`].join(' AND '),
      app: batch.app,
      mergeSchema: columnsOf(batch),
    })
    .whenMatchedUpdate({ [to]: `source.${to}`, [current]: 'false' })
    .whenNotMatchedInsertAll({ where: `NOT source.${CLOSES}` })
    .execute();
  return mergedReport('updated', result);
}

/** Closes and opens versions as {@link merge} does, with every row in the columns' new types. */
async function rewrite(
  engine: Engine,
  delta: DeltaTable,
  batch: Scd2Batch,
  versions: string,
  reason: string,
): Promise<LayerReport> {
  await using rows = await delta.read();
  const { from, to, current } = VERSION_COLUMNS;
  const own = typedColumns(batch.schema, rows.columns, 'r.');
  const before = byName(rows.columns);
  const isKey = batch.key.map((name) => {
    const value = exactCast(`r.${quoteName(name)}`, before(name)?.type, sqlOf(batch.schema, name));
    return `${value} = c.${quoteName(name)}`;
  });
  const bronze = [BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp].map((name) => `r.${name}`);
  const lost = await versionsWithLoss(engine, rows, batch);
  return await overwriteTable(
    delta,
    `SELECT ${own.join(', ')}, r.${from}, coalesce(c.${to}, r.${to}) AS ${to}, r.${current} AND c.${CLOSES} IS NULL AS ${current}, ${bronze.join(', ')}
      FROM (${rows.sql}) AS r LEFT JOIN (SELECT * FROM ${versions} WHERE ${CLOSES}) AS c ON r.${current} AND ${isKey.join(' AND ')}
      UNION ALL ${newRows(batch, versions)}`,
    batch.app,
    reason,
    lost > 0 ? `${lost} versions have a value with no form in the new type, which is null now` : undefined,
  );
}

/** Closes every version, and adds rows. */
async function closeAll(
  delta: DeltaTable,
  { schema, steps, app }: Scd2Batch,
  rows: string,
  reason: string,
): Promise<LayerReport> {
  await using before = await delta.read();
  const { from, to, current } = VERSION_COLUMNS;
  const own = typedColumns(schema, before.columns);
  const closed = `coalesce(${to}, greatest(${from}, make_timestamptz(${steps[0]?.atMicros ?? 0n}))) AS ${to}`;
  const added = [BRONZE_COLUMNS.run, BRONZE_COLUMNS.timestamp];
  return await overwriteTable(
    delta,
    `SELECT ${[...own, from, closed, `false AS ${current}`, ...added].join(', ')} FROM (${before.sql}) UNION ALL ${rows}`,
    app,
    reason,
  );
}

/** How many versions have a value that is none of its column's new type. */
async function versionsWithLoss(
  engine: Engine,
  { sql, columns }: RowsBefore,
  { schema }: Scd2Batch,
): Promise<number> {
  const isKnown = byName(columns);
  const isLost = schema
    .filter(({ name }) => isKnown(name) !== undefined)
    .map(({ name, type }) => {
      const value = quoteName(name);
      return `${value} IS NOT NULL AND ${exactCast(value, isKnown(name)?.type, describedType(type))} IS NULL`;
    });
  return countRows(engine, `(${sql}) WHERE ${isLost.join(' OR ')}`);
}

function sqlOf(schema: Schema, name: string): string {
  return describedType(schema.find((column) => sameName(column.name, name))?.type ?? 'text');
}
