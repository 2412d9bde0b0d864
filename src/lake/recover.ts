import { IgarapeError } from '../core/errors.ts';
import type { Storage } from '../storage/port.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { attemptRun, REJECTS, SNAPSHOTS, STAGING } from './layout.ts';
import { commitEntry, readNewestEntry } from './ledger.ts';
import type { LedgerEntry, PublishedFile } from './ledger-entry.ts';
import { nextEntry } from './ledger-record.ts';
import { objectsOf } from './stored.ts';

/**
 * Does what a committed entry says is still to be done: makes its staged files visible, stores the checkpoint
 * that is due, then drops what no entry needs.
 * Safe to repeat, and to run in several processes at once.
 *
 * An attempt at a run that is not committed yet may belong to a process that lives, or one that is only paused and will
 * commit it yet. So its files stay until the ledger is past its number.
 *
 * @returns The times of the files that stay so, milliseconds since 1970.
 * @throws IgarapeError LAKE_CORRUPT a file is neither staged nor visible.
 */
export async function finishRun(storage: Storage, entry: LedgerEntry): Promise<number[]> {
  for (const [table, state] of Object.entries(entry.tables)) {
    if (state.file === null) continue;
    await publish(storage, table, state.file);
  }
  await writeCheckpoint(storage, entry);
  return dropLeftovers(storage, entry);
}

/**
 * Where attempts at the next run look dead, for their files are older than `abandonedBeforeMs`, commits that run as one
 * that records nothing: then none of them can be committed any more, and their files may go.
 *
 * @param entry The newest entry, of which everything is finished.
 * @param left The times of the files of such attempts.
 * @returns The newest entry after that.
 */
export async function passAbandoned(
  storage: Storage,
  entry: LedgerEntry,
  left: readonly number[],
  abandonedBeforeMs: number,
  own: Pick<LedgerEntry, 'attempt' | 'writer' | 'committedAt'>,
): Promise<LedgerEntry> {
  if (left.every((modifiedMs) => modifiedMs >= abandonedBeforeMs)) return entry;
  const { tables: _, report: __, ...head } = entry;
  const next = nextEntry(entry, { ...head, ...own, run: entry.run + 1 }, {}, {});
  const newest = (await commitEntry(storage, next, entry))
    ? next
    : ((await readNewestEntry(storage)) ?? entry);
  await finishRun(storage, newest);
  return newest;
}

async function publish(storage: Storage, table: string, file: PublishedFile): Promise<void> {
  const staged = objectsOf({ ...file, key: file.stagedKey });
  for (const [index, object] of objectsOf(file).entries())
    await publishObject(storage, table, { ...object, stagedKey: staged[index]?.key ?? '' });
}

async function publishObject(
  storage: Storage,
  table: string,
  file: { key: string; stagedKey: string; sizeBytes: number },
): Promise<void> {
  const visible = await storage.stat(file.key);
  if (visible !== undefined) {
    if (visible.sizeBytes === file.sizeBytes) return;
    throw new IgarapeError(
      'LAKE_CORRUPT',
      `${storage.uri}/${file.key} holds other bytes than the ledger says.`,
      {
        hint: 'Move the foreign file out of the lake and run again: the committed one is still staged.',
      },
    );
  }
  if ((await storage.stat(file.stagedKey)) !== undefined) {
    await storage.copy(file.stagedKey, file.key);
    return;
  }
  // Another process may have published it, and dropped the staged one, between the two looks.
  if ((await storage.stat(file.key)) !== undefined) return;
  throw new IgarapeError(
    'LAKE_CORRUPT',
    `${storage.uri}/${file.key}, a committed file of ${table}, is gone.`,
    {
      hint: 'Run "igarape verify" to see what is missing and restore it from a copy of the lake.',
    },
  );
}

async function dropLeftovers(storage: Storage, entry: LedgerEntry): Promise<number[]> {
  const needed = new Set(
    Object.values(entry.tables).flatMap(({ base, taken, rejects }) =>
      [...base.segments.flatMap(objectsOf), ...[taken, rejects].filter((one) => one !== undefined)].map(
        ({ key }) => key,
      ),
    ),
  );
  const leftovers: string[] = [];
  const left: number[] = [];
  for (const prefix of [STAGING, SNAPSHOTS, REJECTS]) {
    for await (const object of storage.list(prefix)) {
      const attempt = object.key.slice(prefix.length).split('/')[prefix === STAGING ? 0 : 1];
      const run = attempt === undefined ? undefined : attemptRun(attempt);
      if (run === undefined || needed.has(object.key)) continue;
      if (run <= entry.run) leftovers.push(object.key);
      else left.push(object.modifiedMs);
    }
  }
  await storage.delete(leftovers);
  return left;
}
