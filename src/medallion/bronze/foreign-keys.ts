import { join } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import { sqlType } from '../../core/schema.ts';
import type { AppVersion } from '../../delta/protocol/app-version.ts';
import { findField } from '../../delta/schema/schema.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';
import type { OpenOptions } from '../../delta/open-table.ts';
import { DeltaTable } from '../../delta/table.ts';
import { alikeIn, equalIn, parquetFile, quoteName } from '../../engine/quote.ts';
import { storageWithin } from '../../storage/within.ts';
import { COMPRESSED, type LayerTables, openIfThere } from '../layer-tables.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { BATCH_APP } from './applied-run.ts';
import { CHANGE } from './columns.ts';
import { type ForeignBatch, foreignFolder } from './foreign-batches.ts';
import { PLACE } from './foreign-load.ts';

/** What tables note of a batch that they have applied. */
export function batchApp({ batch }: ForeignBatch): AppVersion {
  return { appId: BATCH_APP, version: BigInt(batch) };
}

const DELETED = '_igarape_deleted';

/** SQL: which of two changes of a key, `target`'s and `source`'s, is not the earlier one; no order value is the least. */
const NOT_OLDER = ((): string => {
  const { order } = CHANGE;
  const place = (side: string): string => `(${PLACE.map((name) => `${side}.${name}`).join(', ')})`;
  return `CASE WHEN source.${order} IS NOT DISTINCT FROM target.${order} THEN ${place('source')} >= ${place('target')}
    ELSE target.${order} IS NULL OR source.${order} > target.${order} END`;
})();

/**
 * Takes a batch's changes into the last change of every key that a bronze table has ever seen, deletes among them: a Delta
 * table beside it, so that a change that comes late neither overwrites what is newer nor brings back what was deleted. Of
 * every key it has the maximum of what is known and what comes. Done once a batch.
 *
 * @param staged The batch's rows on this disk.
 */
export async function mergeForeignKeys(
  tables: LayerTables,
  table: string,
  batch: ForeignBatch,
  staged: string,
): Promise<DeltaTable> {
  const app = batchApp(batch);
  const { operation, order, reason } = CHANGE;
  const changes = `SELECT ${[...batch.key.map(quoteName), order, ...PLACE].join(', ')}, ${operation} = 'D' AS ${DELETED}
    FROM ${parquetFile(staged)} WHERE ${reason} IS NULL`;
  const [storage, options] = [storageOf(tables, table), optionsOf(tables, table)];
  const found = await openIfThere(storage, options);
  if (found === undefined) {
    if (batch.batch > 0 && batch.fresh !== true) throw lost(tables, table);
    return DeltaTable.create(storage, {
      rows: changes,
      configuration: { ...COMPRESSED, 'delta.enableChangeDataFeed': 'false' },
      app,
      ...options,
    });
  }
  if (batch.fresh === true) {
    await found.overwrite(changes, { overwriteSchema: true, app });
    return found;
  }
  await widenOrder(found, batch);
  await found
    .merge(changes, { on: batch.key, app })
    .whenMatchedUpdateAll({ where: NOT_OLDER })
    .whenNotMatchedInsertAll()
    .execute();
  return found;
}

/**
 * SQL: the rows of a batch that are their keys' last changes, as bronze applies them.
 *
 * @param staged The batch's rows on this disk.
 * @param keys SQL of the rows of the keys' table.
 */
export function lastChangesQuery({ batch, key, schema }: ForeignBatch, staged: string, keys: string): string {
  const { operation, order, first, reason } = CHANGE;
  const { run, timestamp } = BRONZE_COLUMNS;
  const own = schema.map(({ name }) => `c.${quoteName(name)}`).join(', ');
  const isSame = [equalIn([...key, ...PLACE], 'k', 'c'), alikeIn([order], 'k', 'c')];
  return `SELECT ${own}, CAST(${batch} AS BIGINT) AS ${run}, c.${timestamp}, c.${operation}, c.${first}
    FROM (${keys}) AS k JOIN ${parquetFile(staged)} AS c ON ${isSame.join(' AND ')} WHERE c.${reason} IS NULL`;
}

function lost(tables: LayerTables, table: string): IgarapeError {
  return new IgarapeError(
    'LAKE_CORRUPT',
    `${storageOf(tables, table).uri} is gone: it told which changes of ${table} are the newest.`,
    {
      hint: `Restore it from a copy of the lake, or read all files again: igarape run --only bronze --tables ${table} --full-refresh.`,
    },
  );
}

/** Every recorded order value gets a type that has become wider. */
async function widenOrder(keys: DeltaTable, { key, orderType }: ForeignBatch): Promise<void> {
  const { order } = CHANGE;
  const field = findField((await keys.snapshot()).schema, order);
  const wanted = sqlType(orderType);
  if (field === undefined || sqlTypeOf(field.type).replace(' ', '') === wanted) return;
  await using rows = await keys.read();
  const columns = [...key.map(quoteName), `CAST(${order} AS ${wanted}) AS ${order}`, ...PLACE, DELETED];
  await keys.overwrite(`SELECT ${columns.join(', ')} FROM (${rows.sql})`, { overwriteSchema: true });
}

function storageOf({ edge }: LayerTables, table: string): ReturnType<typeof storageWithin> {
  return storageWithin(edge.storage, `${foreignFolder(table)}keys/`);
}

function optionsOf({ edge }: LayerTables, table: string): OpenOptions {
  const { engine, workDir, clock, log } = edge;
  return { engine, workDir: join(workDir, 'foreign', table, 'keys'), now: clock, log };
}
