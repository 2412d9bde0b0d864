import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TableState } from '../lake/ledger-entry.ts';
import type { RunRequest } from './context.ts';

/**
 * A local file with the bytes of a table's base: the lake's own on local disk; elsewhere a copy in the working folder,
 * fetched only where it is not there any more.
 */
export async function openBase({ config, storage }: Pick<RunRequest, 'config' | 'storage'>, state: TableState): Promise<string> {
  const path = cachePath(config.workDir, state.base.key);
  const cached = await sizeOf(path);
  if (cached === state.base.sizeBytes) return path;
  await mkdir(join(config.workDir, 'bases'), { recursive: true });
  return storage.localFile(state.base.key, path);
}

/** Keeps a base that was just written for the next run, where the lake itself is not on this disk. */
export async function keepBase(workDir: string, key: string, path: string): Promise<void> {
  await mkdir(join(workDir, 'bases'), { recursive: true });
  await rename(path, cachePath(workDir, key));
}

/** Drops the kept bases that the lake does not compare with any more. */
export async function dropStaleBases(workDir: string, liveKeys: Iterable<string>): Promise<void> {
  const live = new Set([...liveKeys].map((key) => basename(cachePath(workDir, key))));
  const names = await readdir(join(workDir, 'bases')).catch(() => []);
  await Promise.all(names.filter((name) => !live.has(name)).map((name) => rm(join(workDir, 'bases', name), { force: true })));
}

function cachePath(workDir: string, key: string): string {
  return join(workDir, 'bases', basename(key));
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => found.size,
    () => undefined,
  );
}
