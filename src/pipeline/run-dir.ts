import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder } from '../core/ensure-folder.ts';
import { ownerOf, ownName } from '../storage/local/owner.ts';
import type { Edge } from './context.ts';

/** A folder of another machine, or container, is taken for abandoned when it has given no sign for this long. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/** How often a run's folder gives a sign. */
const SIGN_MS = 10 * 60 * 1000;

/**
 * Gives `work` an empty folder of its own in `<workDir>/runs`, and takes it back whatever happens. What processes that
 * died have left there is dropped first.
 */
export async function withRunDir<T>(
  workDir: string,
  { newId, clock }: Pick<Edge, 'newId' | 'clock'>,
  work: (runDir: string) => Promise<T>,
): Promise<T> {
  const runs = join(workDir, 'runs');
  const runDir = join(runs, `${ownName()}.${newId()}`);
  await ensureFolder(runDir);
  const giveSign = (): void => {
    const now = clock() / 1000;
    // A folder that cannot be touched is one that its run will not find either.
    utimes(runDir, now, now).catch(() => undefined);
  };
  const signs = setInterval(giveSign, SIGN_MS).unref();
  try {
    await dropAbandoned(runs, clock());
    return await work(runDir);
  } finally {
    clearInterval(signs);
    await rm(runDir, { recursive: true, force: true });
  }
}

async function dropAbandoned(runs: string, nowMs: number): Promise<void> {
  for (const name of await readdir(runs)) {
    const path = join(runs, name);
    if (await isAbandoned(path, name, nowMs)) await rm(path, { recursive: true, force: true });
  }
}

async function isAbandoned(path: string, name: string, nowMs: number): Promise<boolean> {
  const owner = ownerOf(name);
  if (owner !== 'elsewhere') return owner === 'gone';
  const modifiedMs = await stat(path).then(
    (found) => found.mtimeMs,
    () => nowMs,
  );
  return nowMs - modifiedMs > ABANDONED_MS;
}
