import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DEFAULT_FILES } from '../config/load.ts';
import { IgarapeError } from '../core/errors.ts';
import { LOG_FOLDER } from '../delta/log/path.ts';
import { LEDGER, OWN } from '../lake/layout.ts';
import { LAYERS } from '../medallion/layer.ts';

const OWN_FOLDERS: ReadonlySet<string> = new Set(['full-load', 'cdc', basename(OWN), ...LAYERS]);

/**
 * What lies in a lake, or in a Delta table, is read as theirs; of a lake that is the project's folder, too, that goes for
 * the lake's own folders.
 *
 * @throws IgarapeError USAGE where the file, an absolute path, is to be written there.
 */
export function refuseInLake(file: string): void {
  let below = file;
  for (let folder = dirname(file); folder !== below; folder = dirname(folder)) {
    if (existsSync(join(folder, LOG_FOLDER)))
      throw refused(`${file} is inside of the Delta table ${folder}.`);
    const isLake = existsSync(join(folder, LEDGER));
    const isProject = DEFAULT_FILES.some((name) => existsSync(join(folder, name)));
    if (isLake && (!isProject || OWN_FOLDERS.has(basename(below))))
      throw refused(`${file} is inside of the lake ${folder}.`);
    below = folder;
  }
}

function refused(
  message: `${string} is inside of the Delta table ${string}.` | `${string} is inside of the lake ${string}.`,
): IgarapeError {
  return new IgarapeError('USAGE', message, {
    hint: 'Readers would take it for a part of that: name a place outside of it.',
  });
}
