import { readlinkSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode } from '../core/errors.ts';
import type { Edge } from './context.ts';

/** A folder of another machine, or container, is taken for abandoned when nothing has changed in it for this long. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

const PLACE = placeOf();

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
  const runDir = join(runs, `${PLACE}.${process.pid}.${newId()}`);
  await mkdir(runDir, { recursive: true });
  try {
    await dropAbandoned(runs, clock());
    return await work(runDir);
  } finally {
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
  const [, place, pid] = /^([\w-]+)\.(\d+)\./.exec(name) ?? [];
  if (place === PLACE && !isAlive(Number(pid))) return true;
  const modifiedMs = await stat(path).then(
    (found) => found.mtimeMs,
    () => nowMs,
  );
  return (place !== PLACE || Number(pid) === process.pid) && nowMs - modifiedMs > ABANDONED_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** Where process numbers mean the same: the machine, or the container. */
function placeOf(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    // Only Linux has such names.
  }
  return `${hostname().replace(/[^\w-]/g, '-')}-${namespace}`;
}
