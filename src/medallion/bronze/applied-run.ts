import type { Snapshot } from '../../delta/log/snapshot.ts';

/** The `txn` application id under which a bronze table notes the last run of the ledger that it has applied. */
export const LEDGER_APP = 'igarape:ledger';

/** The last run of the ledger that a bronze table has applied; undefined for a table that has none. */
export function appliedRun(table: Snapshot | undefined): number | undefined {
  const applied = table?.state.transactions.get(LEDGER_APP);
  return applied === undefined ? undefined : Number(applied.version);
}
