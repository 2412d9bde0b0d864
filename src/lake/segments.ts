import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Storage } from '../storage/port.ts';
import { SNAPSHOTS } from './layout.ts';
import type { TableState } from './ledger-entry.ts';

/**
 * Local files with the bytes of a base's segments, in their order: the lake's own on local disk; elsewhere copies in
 * `folder`, fetched only where they are not there any more.
 */
export async function openSegments(
  storage: Storage,
  folder: string,
  state: Pick<TableState, 'base'>,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    state.base.segments.map(async (segment) => {
      const path = cachePath(folder, segment.key);
      return (await sizeOf(path)) === segment.sizeBytes ? path : storage.localFile(segment.key, path);
    }),
  );
}

/** Keeps a segment that was just stored for the next run, where the lake has not taken the file itself. */
export async function keepSegment(folder: string, key: string, path: string): Promise<void> {
  if ((await sizeOf(path)) === undefined) return;
  await mkdir(folder, { recursive: true });
  await rename(path, cachePath(folder, key));
}

/** Drops the kept segments that the lake does not compare with any more. */
export async function dropStaleSegments(
  folder: string,
  tables: readonly Pick<TableState, 'base'>[],
): Promise<void> {
  const live = new Set(tables.flatMap(({ base }) => base.segments.map(({ key }) => cachePath(folder, key))));
  const names = await readdir(folder).catch(() => []);
  const stale = names.map((name) => join(folder, name)).filter((path) => !live.has(path));
  await Promise.all(stale.map((path) => rm(path, { force: true })));
}

/** A key below `snapshots/` as one file name: table names hold no slash. */
function cachePath(folder: string, key: string): string {
  return join(folder, key.slice(SNAPSHOTS.length).replaceAll('/', '__'));
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.size,
    () => undefined,
  );
}
