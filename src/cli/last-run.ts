import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../core/log.ts';
import type { RunReport } from '../pipeline/report.ts';
import type { ErrorDocument } from './print-error.ts';

/** How the last cycle of this machine ended, as `status` shows it: also one that committed nothing. */
export interface LastRun {
  /** ISO 8601, UTC. */
  readonly endedAt: string;
  readonly exitCode: number;
  /** Null where the cycle ended with an error. */
  readonly report: RunReport | null;
  readonly error: ErrorDocument['error'] | null;
  /** With --schedule: when the next cycle begins, ISO 8601, UTC. */
  readonly nextAt: string | null;
}

const count = z.number();

const lastRun: z.ZodType<LastRun> = z.object({
  endedAt: z.string(),
  exitCode: count,
  report: z
    .object({
      run: count.nullable(),
      source: z.object({ id: z.string(), version: z.string(), time: z.string().exactOptional() }).nullable(),
      tables: z.record(
        z.string(),
        z.object({
          operation: z.enum(['full-load', 'cdc', 'unchanged', 'held', 'failed']),
          inserted: count,
          updated: count,
          deleted: count,
          unchanged: count,
          file: z.string().nullable(),
          bytes: count,
          reason: z.string().exactOptional(),
        }),
      ),
    })
    .nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
  nextAt: z.string().nullable(),
});

/** Remembers a cycle in the working folder. It is a convenience: where that fails, the log says so. */
export async function writeLastRun(workDir: string, last: LastRun, log: Logger): Promise<void> {
  const path = pathOf(workDir);
  try {
    await mkdir(workDir, { recursive: true });
    const part = `${path}.${randomUUID()}.part`;
    await writeFile(part, `${JSON.stringify(last, null, 2)}\n`);
    await rename(part, path);
  } catch (error) {
    log.warn({ path, error: String(error) }, 'the last run could not be remembered');
  }
}

/** The last cycle, or undefined where none is remembered. */
export async function readLastRun(workDir: string): Promise<LastRun | undefined> {
  try {
    return lastRun.safeParse(JSON.parse(await readFile(pathOf(workDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function pathOf(workDir: string): string {
  return join(workDir, 'last-run.json');
}
