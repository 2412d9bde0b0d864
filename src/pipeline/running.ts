import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ensureFolder } from '../core/ensure-folder.ts';
import type { Progress, ProgressListener } from '../core/log.ts';
import { ownerOf, ownName } from '../storage/local/owner.ts';
import type { Edge } from './context.ts';

/** How far a cycle of another process is that works with the same working folder. */
export interface RunningCycle {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly progress: Progress;
}

/** So often what others see is brought up to date, and after so long without a sign a process elsewhere is no more. */
const SIGN_MS = 1000;
const SILENT_MS = 15_000;

export interface Announced {
  readonly follow: ProgressListener;
  end(): Promise<void>;
}

/** Says in the working folder that a cycle is under way, until its end. What cannot be said is left unsaid. */
export async function announceRunning(workDir: string, { clock }: Pick<Edge, 'clock'>): Promise<Announced> {
  const folder = folderOf(workDir);
  const path = join(folder, `${ownName()}.json`);
  const startedAt = new Date(clock()).toISOString();
  let progress: Progress = { step: 'look', done: 0 };
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    writing = writing.then(() => replace(path, JSON.stringify({ startedAt, progress })));
  };
  await ensureFolder(folder).catch(() => undefined);
  write();
  const signs = setInterval(write, SIGN_MS).unref();
  return {
    follow: (told) => {
      progress = told;
    },
    end: async () => {
      clearInterval(signs);
      await writing;
      await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

async function replace(path: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  } catch {
    // Nobody is told then.
  }
}

const announced: z.ZodType<RunningCycle> = z.object({
  startedAt: z.string(),
  progress: z.object({
    step: z.enum(['look', 'table', 'download', 'read', 'write', 'upload', 'commit', 'layer']),
    table: z.string().exactOptional(),
    done: z.number(),
    total: z.number().exactOptional(),
  }),
});

/** A cycle that another process has under way; undefined where there is none. `nowMs`: milliseconds since 1970. */
export async function runningElsewhere(workDir: string, nowMs: number): Promise<RunningCycle | undefined> {
  const folder = folderOf(workDir);
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const owner = ownerOf(name);
    if (owner === 'own') continue;
    try {
      const isSilent = nowMs - (await stat(path)).mtimeMs > SILENT_MS;
      if (owner === 'gone' || (owner === 'elsewhere' && isSilent)) await rm(path, { force: true });
      else if (name.endsWith('.json')) {
        const found = announced.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
        if (found !== undefined) return found;
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return undefined;
}

function folderOf(workDir: string): string {
  return join(workDir, 'running');
}
