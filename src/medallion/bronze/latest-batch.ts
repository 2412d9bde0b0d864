import { quoteName } from '../../engine/quote.ts';
import { CHANGE, changesQuery, type OpenFile } from './changes.ts';
import type { BronzeBatch, LatestBatch } from './latest-rows.ts';
import type { PendingFile } from './pending.ts';

/**
 * Published files that are applied by one key, as a batch of an engine's.
 *
 * @param keep What stands after FROM for the rows of a SELECT, which are read more than once.
 */
export async function latestBatch(
  files: readonly PendingFile[],
  batch: BronzeBatch,
  open: OpenFile,
  keep: (select: string) => Promise<string>,
): Promise<LatestBatch> {
  const rowsOf = async (kind: PendingFile['file']['kind']): Promise<string | undefined> => {
    const ofKind = files.filter(({ file }) => file.kind === kind);
    return ofKind.length === 0 ? undefined : changesQuery(ofKind, batch.schema, open);
  };
  const [fullLoad, cdc] = [await rowsOf('full-load'), await rowsOf('cdc')];
  const isOneFile = files.length === (fullLoad === undefined ? 1 : 2);
  const changes = cdc === undefined ? undefined : await keep(lastChanges(cdc, batch.key, isOneFile));
  return { ...batch, fullLoad, changes, isCompared: false };
}

/** SQL: the last change of every key. @param isOneFile True where no key is changed more than once. */
function lastChanges(changes: string, key: readonly string[], isOneFile: boolean): string {
  const { operation, order, first } = CHANGE;
  if (isOneFile) return `SELECT *, ${operation} AS ${first} FROM (${changes})`;
  const ofKey = `PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY ${order}`;
  return `SELECT *, first_value(${operation}) OVER (${ofKey}) AS ${first} FROM (${changes})
    QUALIFY row_number() OVER (${ofKey} DESC) = 1`;
}
