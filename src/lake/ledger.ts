import type { Storage } from '../storage/port.ts';
import { IgarapeError } from '../core/errors.ts';
import { LEDGER, ledgerKey, ledgerRun } from './layout.ts';
import { decodeEntry, encodeEntry, type LedgerEntry } from './ledger-entry.ts';

/** The newest committed run, or undefined for a lake without any. */
export async function readNewestEntry(storage: Storage): Promise<LedgerEntry | undefined> {
  let newest: string | undefined;
  for await (const object of storage.list(LEDGER)) {
    if (ledgerRun(object.key) !== undefined) newest = object.key;
  }
  return newest === undefined ? undefined : readEntryAt(storage, newest);
}

/** Every committed run, oldest first. @throws IgarapeError LAKE_CORRUPT where one is missing in between. */
export async function readLedger(storage: Storage): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const object of storage.list(LEDGER)) {
    const run = ledgerRun(object.key);
    if (run === undefined) continue;
    if (run !== entries.length) throw missing(storage, ledgerKey(entries.length));
    entries.push(await readEntryAt(storage, object.key));
  }
  return entries;
}

/**
 * Committed runs, newest first, for whoever needs the last few; entries are fetched a few at a time.
 *
 * @throws IgarapeError LAKE_CORRUPT where one is missing in between.
 */
export async function* readLedgerBackwards(storage: Storage): AsyncGenerator<LedgerEntry> {
  const runs: number[] = [];
  for await (const object of storage.list(LEDGER)) {
    const run = ledgerRun(object.key);
    if (run === undefined) continue;
    if (run !== runs.length) throw missing(storage, ledgerKey(runs.length));
    runs.push(run);
  }
  for (let end = runs.length; end > 0; end -= FETCHED_AT_ONCE) {
    const batch = runs.slice(Math.max(0, end - FETCHED_AT_ONCE), end).toReversed();
    yield* await Promise.all(batch.map((run) => readEntryAt(storage, ledgerKey(run))));
  }
}

const FETCHED_AT_ONCE = 8;

/** Commits the entry. Resolves false, and nothing is changed, where another run has committed this number. */
export async function commitEntry(storage: Storage, entry: LedgerEntry): Promise<boolean> {
  return storage.putIfAbsent(ledgerKey(entry.run), encodeEntry(entry));
}

async function readEntryAt(storage: Storage, key: string): Promise<LedgerEntry> {
  const bytes = await storage.read(key);
  if (bytes === undefined) throw missing(storage, key);
  return decodeEntry(bytes, `${storage.uri}/${key}`);
}

function missing(storage: Storage, key: string): IgarapeError {
  return new IgarapeError('LAKE_CORRUPT', `The ledger entry ${storage.uri}/${key} is missing.`, {
    hint: 'Restore the object from a copy of the lake; nothing was changed.',
  });
}
