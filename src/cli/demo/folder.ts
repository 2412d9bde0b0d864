import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { IgarapeError, systemErrorCode, systemReason } from '../../core/errors.ts';

/** The file by which a demonstration knows a folder for one that it made. */
const MARKER = '.igarape-demo';

/**
 * Leaves an empty folder with the marker in it. What is there already is removed only where the marker shows that a
 * demonstration made it.
 *
 * @throws IgarapeError USAGE the folder holds something else, or cannot be written to.
 */
export async function makeDemoFolder(folder: string): Promise<void> {
  try {
    const names = await namesIn(folder);
    if (names.length > 0 && !names.includes(MARKER))
      throw foreign(folder, `holds ${names.length} other files`);
    await Promise.all(
      names
        .filter((name) => name !== MARKER)
        .map((name) => rm(join(folder, name), { recursive: true, force: true })),
    );
    await ensureFolder(folder);
    await writeFile(
      join(folder, MARKER),
      'Made by igarape demo, which replaces this folder when it runs again.\n',
    );
  } catch (error) {
    if (systemErrorCode(error) === undefined || error instanceof IgarapeError) throw error;
    throw foreign(folder, `cannot be used: ${systemReason(error)}`, error);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function foreign(folder: string, what: string, cause?: unknown): IgarapeError {
  return new IgarapeError('USAGE', `${folder} ${what}, and was left as it is.`, {
    hint: 'The demo replaces only a folder that it made: name another one with --lake, or move this one away.',
    cause,
  });
}
