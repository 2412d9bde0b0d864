import type { Storage } from '../storage/port.ts';
import { IgarapeError } from '../core/errors.ts';
import { CHECKPOINTS, checkpointKey, checkpointRun } from './layout.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { decodeWhole, encodeWhole } from './ledger-codec.ts';

/** A checkpoint spares its readers the entries before it: it follows from them, and may be absent, damaged or lost. */
const EVERY = 16;
const KEPT = 2;

/** Stores the checkpoint that is due after a run, where it is not there yet, and drops those that nobody needs by then. */
export async function writeCheckpoint(storage: Storage, entry: LedgerEntry): Promise<void> {
  if (entry.run === 0 || entry.run % EVERY !== 0) return;
  const key = checkpointKey(entry.run);
  if ((await storage.stat(key)) !== undefined) return;
  await storage.putIfAbsent(key, encodeWhole(entry));
  const keys = await checkpointKeys(storage);
  await storage.delete(keys.filter((each) => each <= key).slice(0, -KEPT));
}

/** The newest checkpoint that can be read. @throws IgarapeError LAKE_NEWER */
export async function readCheckpoint(storage: Storage): Promise<LedgerEntry | undefined> {
  for (const key of (await checkpointKeys(storage)).toReversed()) {
    const bytes = await storage.read(key);
    if (bytes === undefined) continue;
    try {
      return decodeWhole(bytes, `${storage.uri}/${key}`);
    } catch (error) {
      if (!(error instanceof IgarapeError) || error.code !== 'LAKE_CORRUPT') throw error;
    }
  }
  return undefined;
}

async function checkpointKeys(storage: Storage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(CHECKPOINTS)) {
    if (checkpointRun(key) !== undefined) keys.push(key);
  }
  return keys;
}
