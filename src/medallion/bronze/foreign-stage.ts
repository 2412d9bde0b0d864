import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { parquetOptions } from '../../changes/change-file.ts';
import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quoteText } from '../../engine/quote.ts';
import type { Storage } from '../../storage/port.ts';
import { CHANGE, lastChanges } from './columns.ts';
import { type ForeignBatch, numbered } from './foreign-batches.ts';
import { PLACE } from './foreign-load.ts';

/** A batch's quarantine as users see it. */
export function quarantineKey(table: string, batch: number): string {
  return `_igarape/quarantine/${table}/${numbered(batch)}.parquet`;
}

/**
 * Puts the last change of every key, by (order, file, row), no order value first, and the rows for quarantine into the lake.
 *
 * @param rows A table of the engine.
 * @param path A free name on this disk.
 */
export async function stageBatch(
  engine: Engine,
  storage: Storage,
  { rows, key, path, stagedKey }: StageRequest,
): Promise<Pick<ForeignBatch, 'staged' | 'quarantined'>> {
  const { order, reason } = CHANGE;
  const last = lastChanges(`${rows} WHERE ${reason} IS NULL`, key, [order, ...PLACE]);
  const refused = `SELECT *, NULL FROM ${rows} WHERE ${reason} IS NOT NULL`;
  await ensureFolder(dirname(path));
  await engine.run(`COPY (${last} UNION ALL ${refused}) TO ${quoteText(path)} (${parquetOptions('snappy')})`);
  const counts = await engine.rows(
    `SELECT ${reason} AS reason, count(*) AS n FROM ${rows} WHERE ${reason} IS NOT NULL GROUP BY ALL ORDER BY ALL`,
  );
  const { size } = await stat(path);
  await storage.upload(path, stagedKey);
  return {
    staged: { key: stagedKey, sizeBytes: size },
    quarantined: counts.map((each) => ({ reason: String(each['reason']), rows: Number(each['n']) })),
  };
}

export interface StageRequest {
  readonly rows: string;
  readonly key: readonly string[];
  readonly path: string;
  readonly stagedKey: string;
}

/** Publishes a batch's quarantine, from what is staged: the same bytes' worth of rows however often it is done. */
export async function publishQuarantine(
  engine: Engine,
  storage: Storage,
  table: string,
  { batch, quarantined }: ForeignBatch,
  { staged, path }: { readonly staged: string; readonly path: string },
): Promise<void> {
  if (quarantined.length === 0) return;
  const { order, first, reason } = CHANGE;
  await ensureFolder(dirname(path));
  await engine.run(
    `COPY (SELECT * EXCLUDE (${order}, ${first}) FROM ${parquetFile(staged)} WHERE ${reason} IS NOT NULL ORDER BY ${PLACE.join(', ')})
      TO ${quoteText(path)} (${parquetOptions('snappy')})`,
  );
  await storage.upload(path, quarantineKey(table, batch));
}
