import type { Snapshot } from '../../delta/log/snapshot.ts';

/** The `txn` application id under which a bronze table notes the last run of the ledger that it has applied. */
export const LEDGER_APP = 'igarape:ledger';

/** The `txn` application id under which a bronze table notes the last batch of files of others that it has applied. */
export const BATCH_APP = 'igarape:batch';

/** The table property that holds the application id of what a bronze table was last made anew from. */
export const FEED_PROPERTY = 'igarape.feed';

export const FULL_REFRESH = 'a full refresh was asked for';

/** Why a bronze table is made anew whose rows are of another feed than that of an application id; undefined where they are of it. */
export function otherFeed(
  table: Snapshot | undefined,
  appId: typeof LEDGER_APP | typeof BATCH_APP,
): string | undefined {
  const other = appId === LEDGER_APP ? BATCH_APP : LEDGER_APP;
  const feed = table?.configuration[FEED_PROPERTY];
  const isOther = feed === undefined ? table?.state.transactions.has(other) : feed !== appId;
  return isOther === true ? 'it has rows of what fed it before' : undefined;
}

/** The last run of the ledger that a bronze table has applied; undefined for a table that has none. */
export function appliedRun(table: Snapshot | undefined): number | undefined {
  const applied = table?.state.transactions.get(LEDGER_APP);
  return applied === undefined ? undefined : Number(applied.version);
}
