import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Config } from '../config/config.ts';
import { ensureFolder } from '../core/ensure-folder.ts';
import type { Logger } from '../core/log.ts';
import type { ProjectStatusRequest } from '../explore/status.ts';
import { nextRunMs } from '../schedule/next-run.ts';

const notice = z.object({ nextAt: z.iso.datetime() });

/** A schedule says in the working folder when its next cycle begins. Where that fails, the log says so. */
export async function announceNext(workDir: string, next: Date, log: Logger): Promise<void> {
  const path = pathOf(workDir);
  try {
    await ensureFolder(workDir);
    const part = `${path}.${randomUUID()}.part`;
    await writeFile(part, `${JSON.stringify({ nextAt: next.toISOString() })}\n`);
    await rename(part, path);
  } catch (error) {
    log.warn({ path, error: String(error) }, 'the next run could not be announced');
  }
}

/** When the next cycle is due: as a schedule on this machine has announced it, else by the timer. */
export function nextRunOf({
  workDir,
  timer,
}: Pick<Config, 'workDir' | 'timer'>): NonNullable<ProjectStatusRequest['nextRun']> {
  return async (lastEndedMs) => {
    const nowMs = Date.now();
    const announcedMs = await announcedFor(workDir);
    if (announcedMs !== undefined && announcedMs > nowMs)
      return { at: new Date(announcedMs).toISOString(), isAnnounced: true };
    const dueMs = nextRunMs(timer, lastEndedMs, nowMs);
    return dueMs === undefined ? undefined : { at: new Date(dueMs).toISOString(), isAnnounced: false };
  };
}

async function announcedFor(workDir: string): Promise<number | undefined> {
  try {
    const { data } = notice.safeParse(JSON.parse(await readFile(pathOf(workDir), 'utf8')));
    return data && Date.parse(data.nextAt);
  } catch {
    return undefined;
  }
}

function pathOf(workDir: string): string {
  return join(workDir, 'next-run.json');
}
