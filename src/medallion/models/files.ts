import type { Told } from '../../core/language/sentence.ts';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { glob } from 'tinyglobby';
import { isTableName, TABLE_NAME_RULE } from '../../config/table-name.ts';
import { IgarapeError, systemReason } from '../../core/errors.ts';
import type { Model } from './model.ts';
import type { ModelProblem } from './problem.ts';

/** A model's file as it was read. */
export interface ModelFile {
  readonly layer: Model['layer'];
  readonly name: string;
  /** As messages name it: `models/silver/clientes.sql`. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
}

export interface ModelFiles {
  /** Silver first; by name. */
  readonly files: readonly ModelFile[];
  readonly problems: readonly ModelProblem[];
}

const MODEL_LAYERS = ['silver', 'gold'] as const;

/** Where the tests of models are. */
export const TESTS_FOLDER = 'tests';

/** Reads `silver/**.sql` and `gold/**.sql` of a folder. @throws IgarapeError CONFIG_INVALID where the folder or a file cannot be read */
export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const found = await listSql(folder);
  const files: ModelFile[] = [];
  const problems: ModelProblem[] = [];
  const report = (path: string, message: string): void =>
    void problems.push({ path, line: undefined, message });
  const taken = new Map<string, string>();
  for (const within of found) {
    const path = `${basename(folder)}/${within}`;
    const [layerName, ...folders] = within.split('/');
    if (layerName === TESTS_FOLDER) continue;
    const layer = MODEL_LAYERS.find((each) => each === layerName);
    const name = (folders.at(-1) ?? '').replace(/\.sql$/i, '');
    // Compared without case: two such tables are one folder on Windows and macOS.
    const folded = `${layerName}/${name}`.normalize('NFC').toLowerCase();
    const other = taken.get(folded);
    if (layer === undefined || folders.length === 0) {
      report(
        path,
        'stands where no model is looked for; allowed: silver/<name>.sql and gold/<name>.sql, in folders of these too',
      );
    } else if (!isTableName(name)) {
      report(path, `its name is no table's name; allowed: ${TABLE_NAME_RULE}`);
    } else if (other !== undefined) {
      report(path, `${other} has this name already; allowed: names that differ, in more than case`);
    } else {
      taken.set(folded, path);
      const text = readText(join(folder, within));
      if (text === undefined) report(path, 'it is not UTF-8 text; allowed: UTF-8');
      else files.push({ layer, name, path, text });
    }
  }
  return { files, problems };
}

async function listSql(folder: string): Promise<string[]> {
  await readdir(folder).catch((error: unknown) => {
    throw unreadable(
      folder,
      error,
      'Make it, or name another folder by "models"; igarape init --lakehouse brings models to begin with.',
    );
  });
  const layerOf = (path: string): number => (path.startsWith('silver/') ? 0 : 1);
  return (await filesIn(folder, '**/*.sql')).toSorted((a, b) => layerOf(a) - layerOf(b));
}

/** The files of the models' folder that a pattern matches, by their names from there. */
export async function filesIn(folder: string, pattern: string): Promise<string[]> {
  const options = { cwd: folder, caseSensitiveMatch: false, expandDirectories: false, onlyFiles: true };
  return (await glob(pattern, options)).toSorted();
}

/** Undefined where it is no UTF-8. Of hundreds of small files each would take five times as long by the thread pool. */
function readText(path: string): string | undefined {
  const bytes = readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error, 'Make it a file that can be read.');
  }
}

function unreadable(path: string, error: unknown, hint: Told): IgarapeError {
  return new IgarapeError('CONFIG_INVALID', `Cannot read models from ${path}: ${systemReason(error)}`, {
    hint,
    cause: error,
  });
}
