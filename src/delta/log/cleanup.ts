import type { Storage } from '../../storage/port.ts';
import { LOG_FOLDER, parseLogPath } from './path.ts';
import { logRetentionMs } from './retention.ts';
import type { Snapshot } from './snapshot.ts';

const DAY_MS = 86_400_000;

/**
 * Removes the files of the log that are older than the table keeps them, but for those from the last checkpoint on that
 * lies before that time: so every version since then can be read. Resolves the keys that it removed.
 */
export async function cleanLog(
  storage: Storage,
  { configuration }: Snapshot,
  nowMs: number,
): Promise<string[]> {
  if (configuration['delta.enableExpiredLogCleanup']?.toLowerCase() === 'false') return [];
  const keptMs = logRetentionMs(configuration);
  if (!Number.isFinite(keptMs)) return [];
  const cutoffMs = Math.floor((nowMs - keptMs) / DAY_MS) * DAY_MS;
  const files: { key: string; version: number }[] = [];
  let expired = -1;
  let checkpoint = -1;
  let latestMs = 0;
  for await (const { key, modifiedMs } of storage.list(LOG_FOLDER)) {
    const file = parseLogPath(key);
    if (file === undefined) continue;
    files.push({ key, version: file.kind === 'compaction' ? file.to : file.version });
    if (file.kind !== 'commit') continue;
    latestMs = Math.max(latestMs, modifiedMs);
    if (latestMs < cutoffMs) expired = file.version;
  }
  for (const { key, version } of files) {
    const file = parseLogPath(key);
    // A checkpoint in parts may miss one of them.
    const isWhole = file?.kind === 'checkpoint' && file.form.type !== 'part';
    if (isWhole && version <= expired) checkpoint = Math.max(checkpoint, version);
  }
  const gone = files.filter(({ version }) => version < checkpoint).map(({ key }) => key);
  if (gone.length > 0) await storage.delete(gone);
  return gone;
}
