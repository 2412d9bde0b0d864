import type { ForeignTableConfig } from '../../config/config.ts';
import { IgarapeError } from '../../core/errors.ts';
import { sameName, sameNames } from '../../core/schema.ts';
import type { StorageEnvironment } from '../../storage/location.ts';
import type { ForeignBatch } from './foreign-batches.ts';
import type { ForeignForm } from './foreign-columns.ts';
import { type ForeignFiles, openForeignFiles } from './foreign-files.ts';

/** A bronze table that is fed by change files which igarapé has not written. */
export interface ForeignTable extends ForeignForm {
  readonly name: string;
  readonly files: ForeignFiles;
}

/** The table that a configuration names. */
export async function openForeignTable(
  { name, key, compat, orderBy, from, s3 }: ForeignTableConfig,
  env: StorageEnvironment | undefined,
): Promise<ForeignTable> {
  return { name, key, compat, orderBy, files: await openForeignFiles(from, s3, env) };
}

/**
 * A key or an order that is another than before would make what is recorded of every key wrong.
 *
 * @throws IgarapeError CONFIG_INVALID
 */
export function checkForm(table: ForeignTable, { key, orderBy }: ForeignBatch): void {
  const changed = [
    ...(sameNames(key, table.key) ? [] : [`pk was ${key.join(', ')}`]),
    ...(sameName(orderBy, table.orderBy) ? [] : [`bronze.order_by was ${orderBy}`]),
  ];
  if (changed.length === 0) return;
  throw new IgarapeError(
    'CONFIG_INVALID',
    `The bronze table ${table.name} was made otherwise: ${changed.join(', ')}.`,
    {
      hint: `Set it back, or read all files again: igarape run --only bronze --tables ${table.name} --full-refresh. Nothing was changed.`,
    },
  );
}
