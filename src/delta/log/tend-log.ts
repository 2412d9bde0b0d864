import { messageOf } from '../protocol/corrupt.ts';
import { writeCheckpoint } from './checkpoint-write.ts';
import { cleanLog } from './cleanup.ts';
import { loadSnapshot } from './snapshot.ts';
import type { Writer } from '../files/disk.ts';

const INTERVAL = 'delta.checkpointInterval';
const DEFAULT_INTERVAL = 10;

/**
 * After a commit: writes a checkpoint where one is due, and removes what of the log is older than the table keeps it.
 * The commit stands, whatever fails here; the next one that is due makes up for it.
 */
export async function tendLog(
  writer: Writer,
  version: number,
  configuration: Readonly<Record<string, string>>,
): Promise<void> {
  const interval = Number(configuration[INTERVAL] ?? DEFAULT_INTERVAL);
  if (!Number.isSafeInteger(interval) || interval < 1 || version === 0 || version % interval !== 0) return;
  try {
    const snapshot = await loadSnapshot(writer, version);
    await writeCheckpoint(writer, snapshot);
    await cleanLog(writer.storage, snapshot, writer.now());
  } catch (error) {
    writer.log?.warn(
      { table: writer.storage.uri, version, reason: messageOf(error) },
      'No checkpoint was written; the commit stands.',
    );
  }
}
