import { IgarapeError } from '../core/errors.ts';
import type { Storage, StoredObject } from '../storage/port.ts';

/** So many files tell enough. */
const MOST_LOOKED_AT = 10_000;

/**
 * Looks whether a place that no ledger is in yet holds files where a lake's readers look for its own: they would take
 * both for one history, and nobody would tell them.
 *
 * @throws IgarapeError LAKE_NOT_EMPTY there are some.
 */
export async function refuseForeignFiles(storage: Storage): Promise<void> {
  let found = 0;
  let newest: StoredObject | undefined;
  for (const prefix of ['full-load/', 'cdc/']) {
    for await (const object of storage.list(prefix)) {
      if (isHidden(object.key)) continue;
      if (found === MOST_LOOKED_AT) break;
      found += 1;
      if (newest === undefined || object.modifiedMs >= newest.modifiedMs) newest = object;
    }
  }
  if (newest === undefined) return;
  const files = found === 1 ? 'a file' : `${found === MOST_LOOKED_AT ? 'at least ' : ''}${found} files`;
  const time = new Date(newest.modifiedMs).toISOString();
  throw new IgarapeError(
    'LAKE_NOT_EMPTY',
    `${storage.uri} holds ${files} under full-load/ and cdc/ that igarape did not write (the newest: ${newest.key}, of ${time}); whoever reads there would mix them with the lake's.`,
    {
      hint: 'Give the lake another folder or prefix. Readers of the layout that another program wrote go on there with "layout": "nested" and "compat": "op". Where nobody reads these files any more: igarape run --adopt-prefix.',
    },
  );
}

/** As Spark, Hive and Athena pass over names, in any folder. */
function isHidden(key: string): boolean {
  return key.split('/').some((part) => part.startsWith('_') || part.startsWith('.'));
}
