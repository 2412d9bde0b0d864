import { IgarapeError } from '../core/errors.ts';
import type { Storage } from '../storage/port.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { attemptRun, REJECTS, SNAPSHOTS, STAGING } from './layout.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/**
 * Does what a committed entry says is still to be done: makes its staged files visible, stores the checkpoint
 * that is due, then drops what no entry needs.
 * Safe to repeat, and to run in several processes at once.
 *
 * An attempt at a run that is not committed yet may belong to a living process, so it is left alone until the ledger
 * is past it; or until `abandonedBeforeMs`, when its files are so old that no process can still want them.
 *
 * @throws IgarapeError LAKE_CORRUPT a file is neither staged nor visible.
 */
export async function finishRun(
  storage: Storage,
  entry: LedgerEntry,
  abandonedBeforeMs: number,
): Promise<void> {
  for (const [table, state] of Object.entries(entry.tables)) {
    if (state.file === null) continue;
    await publish(storage, table, state.file);
  }
  await writeCheckpoint(storage, entry);
  await dropLeftovers(storage, entry, abandonedBeforeMs);
}

async function publish(
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

async function dropLeftovers(storage: Storage, entry: LedgerEntry, abandonedBeforeMs: number): Promise<void> {
  const needed = new Set(
    Object.values(entry.tables).flatMap(({ base, taken, rejects }) =>
      [...base.segments, ...[taken, rejects].filter((one) => one !== undefined)].map(({ key }) => key),
    ),
  );
  const leftovers: string[] = [];
  for (const prefix of [STAGING, SNAPSHOTS, REJECTS]) {
    for await (const object of storage.list(prefix)) {
      const attempt = object.key.slice(prefix.length).split('/')[prefix === STAGING ? 0 : 1];
      const run = attempt === undefined ? undefined : attemptRun(attempt);
      if (run === undefined || needed.has(object.key)) continue;
      if (run <= entry.run || object.modifiedMs < abandonedBeforeMs) leftovers.push(object.key);
    }
  }
  await storage.delete(leftovers);
}
