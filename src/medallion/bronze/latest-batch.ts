import { changesQuery, type OpenFile } from './changes.ts';
import { CHANGE, lastChanges } from './columns.ts';
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
  const changes =
    cdc === undefined
      ? undefined
      : await keep(isOneFile ? onlyChanges(cdc) : lastChanges(`(${cdc})`, batch.key, [CHANGE.order]));
  return { ...batch, fullLoad, changes, isCompared: false };
}

/** SQL: changes none of which is of a key that has another one. */
function onlyChanges(changes: string): string {
  return `SELECT *, ${CHANGE.operation} AS ${CHANGE.first} FROM (${changes})`;
}
