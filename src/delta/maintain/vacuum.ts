import { IgarapeError } from '../../core/errors.ts';
import { isKey } from '../../storage/key.ts';
import type { AppVersions } from '../protocol/app-version.ts';
import { readCommit } from '../log/commit-read.ts';
import { READ_NOTHING } from '../log/conflict.ts';
import { messageOf } from '../protocol/corrupt.ts';
import { vectorPath } from '../vectors/deletion-vector.ts';
import type { AddFile, RemoveFile } from '../protocol/actions.ts';
import { listLog } from '../log/segment.ts';
import { publish } from '../write/publish.ts';
import { indexFolder, indexFolderOf } from '../keys/key-index.ts';
import { fileRetentionMs } from '../log/retention.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { checkTarget, isolationOf, isWritten, transactionActions, unwritten } from '../write/target.ts';
import { decodeUriPath, filePathKey } from '../protocol/uri-path.ts';
import type { Writer } from '../files/disk.ts';

export interface VacuumOptions {
  /** Tells what would be removed, and removes nothing. */
  readonly dryRun?: boolean;
  /** How long files stay after they were removed from the table; without it, what the table says, or a week. */
  readonly retentionMs?: number;
  /** Allows a retention shorter than the table's, which takes files from under readers and writers that still run. */
  readonly allowShortRetention?: boolean;
  /**
   * Tells the table's log of it: a commit that changes nothing but the applications' versions. There is none for a dry
   * run, nor where the table has these versions, or later ones; files are removed all the same.
   */
  readonly app?: AppVersions;
}

export interface VacuumResult {
  /** The keys of the files that were removed, or would be. */
  readonly files: readonly string[];
  readonly sizeBytes: number;
}

/**
 * Removes files that neither the table nor its versions within the retention need: data, deletion vectors and change
 * data that a commit has left behind or that no commit ever named; and indexes of keys with their files. Other hidden files and files outside the table stay.
 *
 * @throws IgarapeError DELTA_QUERY for a retention that is too short; DELTA_UNSUPPORTED; DELTA_CONFLICT where files were
 *   removed, and `app` could not be committed
 */
export async function vacuumTable(
  writer: Writer,
  snapshot: Snapshot,
  { dryRun = false, retentionMs, allowShortRetention = false, app }: VacuumOptions = {},
): Promise<VacuumResult> {
  checkTarget(snapshot);
  const own = fileRetentionMs(snapshot.configuration);
  const kept = retentionMs ?? own;
  if (kept < own && !allowShortRetention) throw tooShort(snapshot, own);
  const oldestMs = writer.now() - kept;
  const needed = await neededKeys(snapshot, oldestMs);
  // Checkpoints forget removed files after the table's own time.
  if (kept > own) await addLogged(needed, writer, snapshot.table, oldestMs);
  const partitions = snapshot.metadata.partitionColumns;
  const indexes = new Set((await snapshot.files()).map(indexFolder));
  const files: string[] = [];
  let sizeBytes = 0;
  for await (const object of writer.storage.list('')) {
    const index = indexFolderOf(object.key);
    const isKept = index === undefined ? isHidden(object.key, partitions) : indexes.has(index);
    // What no path of a log is read as, may be another's file.
    if (isKept || !isKey(object.key) || object.modifiedMs >= oldestMs || needed.has(object.key)) continue;
    files.push(object.key);
    sizeBytes += object.sizeBytes;
  }
  if (!dryRun) {
    await writer.storage.delete(files);
    if (app !== undefined && !isWritten(snapshot, app)) await record(writer, snapshot, app, files.length);
  }
  return { files, sizeBytes };
}

async function record(writer: Writer, snapshot: Snapshot, app: AppVersions, removed: number): Promise<void> {
  await publish(
    writer,
    {
      base: snapshot,
      actions: transactionActions(unwritten(snapshot, app), writer.now()),
      operation: 'VACUUM END',
      parameters: { status: 'COMPLETED' },
      metrics: { numDeletedFiles: removed },
      reads: READ_NOTHING,
      isolation: isolationOf(snapshot),
      isBlindAppend: true,
    },
    [],
    snapshot.configuration,
  );
}

/** Keys of every file of the version, and of those that were removed after a time. */
async function neededKeys(snapshot: Snapshot, oldestMs: number): Promise<Set<string>> {
  const { state, table } = snapshot;
  const keys = new Set<string>();
  for (const { action } of await snapshot.loggedFiles()) addKeys(keys, action, table);
  for (const { action } of state.tombstones.values()) {
    // Of a file that does not say when it was removed, nothing is known: it stays.
    if ((action.deletedMs ?? Infinity) >= oldestMs) addKeys(keys, action, table);
  }
  return keys;
}

async function addLogged(keys: Set<string>, writer: Writer, table: string, oldestMs: number): Promise<void> {
  const { commits } = await listLog(writer.storage);
  for (const { version, modifiedMs } of commits) {
    if (modifiedMs < oldestMs) continue;
    for (const action of (await readCommit(writer.storage, version)) ?? []) {
      if ('remove' in action) addKeys(keys, action.remove, table);
    }
  }
}

function addKeys(keys: Set<string>, { path, deletionVector }: AddFile | RemoveFile, table: string): void {
  addKey(keys, path, table);
  if (deletionVector !== undefined && deletionVector.storageType !== 'i')
    addKey(keys, vectorPath(deletionVector, table), table);
}

/** A file named by an absolute path may lie in the table, too. */
function addKey(keys: Set<string>, path: string, table: string): void {
  const key = filePathKey(path);
  keys.add(key);
  for (const root of [`${table}/`, `${table.replace(/^s3:/, 's3a:')}/`, `/${table.replace(/^\/+/, '')}/`]) {
    if (key.startsWith(root)) keys.add(key.slice(root.length));
  }
  try {
    decodeUriPath(path);
  } catch (cause) {
    throw new IgarapeError(
      'DELTA_CORRUPT',
      `${table}: the path ${JSON.stringify(path)} cannot be read (${messageOf(cause)})`,
      {
        hint: 'Nothing was removed: a file might be needed that this path names.',
        cause,
      },
    );
  }
}

/** By the protocol's convention, what starts with a dot or an underscore is none of vacuum's business. */
function isHidden(key: string, partitions: readonly string[]): boolean {
  return key.split('/').some((part, index) => {
    if (part.startsWith('.')) return true;
    if (!part.startsWith('_')) return false;
    if (index === 0 && (part === '_change_data' || part === '_delta_index')) return false;
    return !partitions.some((name) => part.startsWith(`${name}=`));
  });
}

function tooShort({ table }: Snapshot, ownMs: number): IgarapeError {
  return new IgarapeError(
    'DELTA_QUERY',
    `${table}: a vacuum may not remove what was in the table less than ${ownMs / 3_600_000} hours ago`,
    {
      hint: 'Nothing was removed. Take a longer retention, or allow a short one where nobody else reads or writes the table.',
    },
  );
}
