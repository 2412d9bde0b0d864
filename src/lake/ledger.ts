import { IgarapeError } from '../core/errors.ts';
import type { Storage } from '../storage/port.ts';
import { readCheckpoint } from './checkpoint.ts';
import { LEDGER, ledgerKey, ledgerRun } from './layout.ts';
import type { LedgerEntry, PastEntry } from './ledger-entry.ts';
import { corruptEntry, decodeRecord, encodeRecord } from './ledger-codec.ts';
import { applyRecord, Backwards, type LedgerRecord, runOf } from './ledger-record.ts';

/** What is asked of a lake that only a lake with runs has. */
export function noRuns({ uri }: Pick<Storage, 'uri'>): IgarapeError {
  return new IgarapeError('LAKE_NOT_FOUND', `The lake ${uri} has no runs yet.`, {
    hint: 'Check "lake" in the configuration, or begin with: igarape run',
  });
}

/**
 * The newest committed run, or undefined for a lake without any.
 *
 * @param known An entry that was the newest one earlier: it spares the ones before it, as a checkpoint does.
 * @throws IgarapeError LAKE_CORRUPT an entry that it rests on is missing.
 */
export async function readNewestEntry(
  storage: Storage,
  known?: LedgerEntry,
): Promise<LedgerEntry | undefined> {
  const fromKnown = known && (await readAfter(storage, known));
  if (fromKnown !== undefined) return fromKnown;
  const checkpoint = await readCheckpoint(storage);
  const fromCheckpoint = checkpoint && (await readAfter(storage, checkpoint));
  return fromCheckpoint ?? readFromWhole(storage, await listRuns(storage));
}

/** From a state on; undefined where it is not of this ledger, which may have been put back to an older state. */
async function readAfter(storage: Storage, state: LedgerEntry): Promise<LedgerEntry | undefined> {
  const runs = await listRuns(storage, state.run);
  if (runs.length === 0) return undefined;
  let entry = state;
  for await (const record of readRecords(storage, runs)) {
    if (runOf(record) > state.run) entry = follow(storage, entry, record);
    else if (attemptOf(record) !== state.attempt) return undefined;
  }
  return entry;
}

/** From the newest entry that holds everything, as older versions wrote them, or from the beginning. */
async function readFromWhole(storage: Storage, runs: readonly number[]): Promise<LedgerEntry | undefined> {
  const records: LedgerRecord[] = [];
  for await (const record of readRecords(storage, runs.toReversed())) {
    records.unshift(record);
    if (record.kind === 'whole') break;
  }
  let entry: LedgerEntry | undefined;
  for (const record of records) entry = follow(storage, entry, record);
  return entry;
}

/**
 * Every committed run, oldest first, until one; only the last one that was given is to be kept, for each holds all tables.
 *
 * @throws IgarapeError LAKE_CORRUPT where one is missing in between.
 */
export async function* readLedger(storage: Storage, until: number = Infinity): AsyncGenerator<LedgerEntry> {
  const runs = (await listRuns(storage)).filter((run) => run <= until);
  let entry: LedgerEntry | undefined;
  for await (const record of readRecords(storage, runs)) {
    entry = follow(storage, entry, record);
    yield entry;
  }
}

/**
 * Committed runs from the newest one backwards, for whoever needs the last few.
 *
 * @throws IgarapeError LAKE_CORRUPT where one is missing in between.
 */
export async function* readLedgerBackwards(
  storage: Storage,
  newest: LedgerEntry | undefined,
): AsyncGenerator<PastEntry> {
  if (newest === undefined) return;
  const backwards = new Backwards(newest);
  const runs = (await listRuns(storage)).filter((run) => run <= newest.run);
  for await (const record of readRecords(storage, runs.toReversed())) yield backwards.next(record);
}

/**
 * Commits the entry that follows `previous`. Resolves false, and nothing is changed, where another run has committed this
 * number.
 */
export async function commitEntry(
  storage: Storage,
  entry: LedgerEntry,
  previous: LedgerEntry | undefined,
): Promise<boolean> {
  return storage.putIfAbsent(ledgerKey(entry.run), encodeRecord(entry, previous));
}

/** The numbers of the committed runs, in order, from one on. */
async function listRuns(storage: Storage, from = 0): Promise<number[]> {
  const runs: number[] = [];
  const startAfter = from === 0 ? undefined : ledgerKey(from - 1);
  for await (const { key } of storage.list(LEDGER, startAfter)) {
    const run = ledgerRun(key);
    if (run === undefined) continue;
    if (run !== from + runs.length) throw missing(storage, ledgerKey(from + runs.length));
    runs.push(run);
  }
  return runs;
}

const FETCHED_AT_ONCE = 8;

async function* readRecords(storage: Storage, runs: readonly number[]): AsyncGenerator<LedgerRecord> {
  for (let start = 0; start < runs.length; start += FETCHED_AT_ONCE) {
    const batch = runs.slice(start, start + FETCHED_AT_ONCE);
    yield* await Promise.all(batch.map((run) => readRecord(storage, run)));
  }
}

async function readRecord(storage: Storage, run: number): Promise<LedgerRecord> {
  const key = ledgerKey(run);
  const bytes = await storage.read(key);
  if (bytes === undefined) throw missing(storage, key);
  return decodeRecord(bytes, `${storage.uri}/${key}`);
}

function attemptOf(record: LedgerRecord): string {
  return record.kind === 'whole' ? record.entry.attempt : record.changes.attempt;
}

/** @throws IgarapeError LAKE_CORRUPT the entry goes on from what the ledger does not have. */
function follow(storage: Storage, entry: LedgerEntry | undefined, record: LedgerRecord): LedgerEntry {
  const next = applyRecord(entry, record);
  if (next !== undefined) return next;
  const where = `${storage.uri}/${ledgerKey(runOf(record))}`;
  throw corruptEntry(where, 'it goes on from a state that the ledger does not have');
}

function missing(storage: Storage, key: string): IgarapeError {
  return new IgarapeError('LAKE_CORRUPT', `The ledger entry ${storage.uri}/${key} is missing.`, {
    hint: 'Restore the object from a copy of the lake; nothing was changed.',
  });
}
