import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { systemErrorCode } from '../../core/errors.ts';
import { quoteName } from '../../engine/quote.ts';
import { demoTables } from '../demo/data.ts';
import type { DraftTable } from './draft.ts';

/** What was done to the files of a folder, by their paths in it. */
export interface WrittenFiles {
  readonly written: readonly string[];
  /** Files that were there already, and were left alone. */
  readonly kept: readonly string[];
}

/** The models of the loyalty system that the package brings. */
const TEMPLATES = fileURLToPath(new URL('../../../examples/models/', import.meta.url));

/** Puts the models of the loyalty system into a folder. */
export async function copyModels(folder: string): Promise<WrittenFiles> {
  const paths = await glob('*/*.sql', { cwd: TEMPLATES });
  const files = await Promise.all(
    paths.toSorted().map(async (path) => [path, await readFile(join(TEMPLATES, path), 'utf8')] as const),
  );
  return writeFiles(folder, files);
}

/** Puts models to begin with into a folder: of the loyalty system where the tables are its own, else one of silver a table. */
export async function writeModels(folder: string, tables: readonly DraftTable[]): Promise<WrittenFiles> {
  if (isLoyaltySystem(tables)) return copyModels(folder);
  return writeFiles(
    folder,
    tables.map((table) => [`silver/${table.name}.sql`, plainModel(table)] as const),
  );
}

function isLoyaltySystem(tables: readonly DraftTable[]): boolean {
  return demoTables.every(({ name, key }) =>
    tables.some((table) => table.name === name && table.key.length === 1 && table.key[0] === key),
  );
}

/** A table of silver that is as its bronze table. */
function plainModel({ name, key }: DraftTable): string {
  const columns = key.map(nameInSql).join(', ');
  return [
    `-- description: ${name}, as its source has it`,
    `-- key: ${columns}`,
    `-- check: not_null(${columns})`,
    `-- check: unique(${columns})`,
    'SELECT *',
    `FROM bronze.${nameInSql(name)}`,
    '',
  ].join('\n');
}

function nameInSql(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoteName(name);
}

async function writeFiles(
  folder: string,
  files: readonly (readonly [path: string, text: string])[],
): Promise<WrittenFiles> {
  const written: string[] = [];
  const kept: string[] = [];
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    try {
      await writeFile(join(folder, path), text, { flag: 'wx' });
      written.push(path);
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
      kept.push(path);
    }
  }
  return { written, kept };
}
