import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { IgarapeError } from '../../core/errors.ts';
import { safeFileName } from '../archive-names.ts';
import type { SourceContext } from '../port.ts';
import { type Marks, marksSchema } from './marks.ts';

/** A finished download in the work folder, and what is known of it. */
export interface LocalCopy {
  /** Names what was downloaded, version included, without an address. */
  readonly key: string;
  /** Its file, by name, in the work folder. */
  readonly file: string;
  /** What it is called where it comes from. */
  readonly name: string;
  readonly version: string;
  readonly timeMicros: bigint | undefined;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly marks: Marks;
}

const copySchema = z.object({
  key: z.string(),
  file: z.string().regex(/^[\w.-]+$/),
  name: z.string(),
  version: z.string(),
  timeMicros: z
    .string()
    .regex(/^-?\d+$/)
    .optional(),
  sizeBytes: z.number(),
  sha256: z.string(),
  marks: marksSchema,
});

const RECORD = 'download.json';

/** The newest finished download, where its file is still as long as it was; undefined where there is none. */
export async function findLocalCopy(workDir: string): Promise<LocalCopy | undefined> {
  try {
    const { timeMicros, ...copy } = copySchema.parse(
      JSON.parse(await readFile(join(workDir, RECORD), 'utf8')),
    );
    const { size } = await stat(join(workDir, copy.file));
    if (size !== copy.sizeBytes) return undefined;
    return { ...copy, timeMicros: timeMicros === undefined ? undefined : BigInt(timeMicros) };
  } catch {
    // The work folder may vanish, in whole or in part, at any time: what is not there whole is downloaded again.
    return undefined;
  }
}

/** The copy that `--skip-download` is to use. Throws `SOURCE_NOT_FOUND` where there is none. */
export function requireCopy(copy: LocalCopy | undefined, id: string): LocalCopy {
  if (copy) return copy;
  throw new IgarapeError('SOURCE_NOT_FOUND', `Nothing of ${id} is in the work folder`, {
    hint: 'Run once without --skip-download.',
  });
}

/**
 * Takes a finished download into the work folder under a name that tells its bytes, records it, and then removes the
 * one before it: whatever is interrupted here, the record is right about the file that it names.
 */
export async function keepLocalCopy(
  workDir: string,
  downloadedPath: string,
  copy: Omit<LocalCopy, 'file'>,
): Promise<LocalCopy> {
  await ensureFolder(workDir);
  const before = await findLocalCopy(workDir);
  const kept: LocalCopy = { ...copy, file: safeFileName(`${copy.key}/${copy.sha256}/${copy.name}`) };
  await rename(downloadedPath, join(workDir, kept.file));
  const { timeMicros, ...plain } = kept;
  const record = { ...plain, ...(timeMicros === undefined ? {} : { timeMicros: String(timeMicros) }) };
  const part = join(workDir, `${RECORD}.${randomUUID()}.part`);
  await writeFile(part, JSON.stringify(record, null, 2));
  await rename(part, join(workDir, RECORD));
  if (before && before.file !== kept.file) await rm(join(workDir, before.file), { force: true });
  return kept;
}

/** Where a download goes until it is kept: shared while it is partial, a run's own once it is whole. */
export function incomingPaths({ workDir, runDir }: Folders): {
  readonly path: string;
  readonly partialPath: string;
} {
  return { path: join(runDir, 'incoming'), partialPath: join(workDir, 'incoming') };
}

type Folders = Pick<SourceContext, 'workDir' | 'runDir'>;
