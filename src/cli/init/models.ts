import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { glob } from 'tinyglobby';
import { ROW_KEY } from '../../config/config.ts';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { systemErrorCode } from '../../core/errors.ts';
import { quoteName } from '../../engine/quote.ts';
import { demoTables } from '../demo/data.ts';
import { say } from '../language.ts';
import { packageFile } from '../package-file.ts';
import type { DraftTable } from './draft.ts';
import type { CubeGuess } from './guess-cube.ts';

/** What was done to the files of a folder, by their paths in it. */
export interface WrittenFiles {
  readonly written: readonly string[];
  /** Files that were there already, and were left alone. */
  readonly kept: readonly string[];
}

/** The models of the loyalty system that the package brings. */
const TEMPLATES = packageFile('examples/models');

/** Puts the models of the loyalty system into a folder. */
export async function copyModels(folder: string): Promise<WrittenFiles> {
  const paths = await glob('*/*.sql', { cwd: TEMPLATES });
  const files = await Promise.all(
    paths.toSorted().map(async (path) => [path, await readFile(join(TEMPLATES, path), 'utf8')] as const),
  );
  return writeFiles(folder, files);
}

/**
 * Puts models to begin with into a folder: of the loyalty system where the tables are its own, else one of silver a
 * table, and one of gold of the first table that has dates.
 */
export async function writeModels(folder: string, tables: readonly DraftTable[]): Promise<WrittenFiles> {
  if (isLoyaltySystem(tables)) return copyModels(folder);
  const gold = tables
    .flatMap(({ name, cube }) =>
      cube === undefined
        ? []
        : [[`gold/${name}.sql`, goldModel(name, { ...cube, measures: amounts(cube, tables) })] as const],
    )
    .slice(0, 1);
  return writeFiles(folder, [
    ...tables.map((table) => [`silver/${table.name}.sql`, plainModel(table)] as const),
    ...gold,
  ]);
}

/** The first columns of numbers that do not refer to a table, as `cliente` does to `clientes`. */
function amounts({ measures }: CubeGuess, tables: readonly DraftTable[]): readonly string[] {
  const named = new Set(tables.map(({ name }) => singular(name)));
  return measures.filter((each) => !named.has(singular(each))).slice(0, MOST_MEASURES);
}

const MOST_MEASURES = 3;

function singular(name: string): string {
  return name
    .toLowerCase()
    .replace(/ies$/, 'y')
    .replace(/(?:(?<=r|z)es|s)$/, '');
}

function isLoyaltySystem(tables: readonly DraftTable[]): boolean {
  return demoTables.every(({ name, key }) =>
    tables.some((table) => table.name === name && table.key.length === 1 && table.key[0] === key),
  );
}

/** A table of silver that is as its bronze table. */
function plainModel({ name, key }: DraftTable): string {
  const columns = (key.length === 0 ? [ROW_KEY] : key).map(nameInSql).join(', ');
  return [
    `-- description: ${say(`${name}, as its source has it`)}`,
    `-- key: ${columns}`,
    `-- check: not_null(${columns})`,
    `-- check: unique(${columns})`,
    'SELECT *',
    `FROM bronze.${nameInSql(name)}`,
    '',
  ].join('\n');
}

/** A table of gold with a row a day: how many rows a table has of it, and the sums of its amounts. */
function goldModel(name: string, { date, measures }: CubeGuess): string {
  const column = nameInSql(date);
  return [
    `-- description: ${say(`${name}, by day`)}`,
    '-- key: dt_ref',
    `-- dt_ref: ${nameInSql(name)}.${column}`,
    '-- check: unique(dt_ref)',
    'SELECT',
    '  $dt_ref AS dt_ref,',
    ['  count(*) AS n', ...measures.map(nameInSql).map((each) => `  sum(${each}) AS ${each}`)].join(',\n'),
    `FROM silver.${nameInSql(name)}`,
    `WHERE CAST(${column} AS DATE) = $dt_ref`,
    'HAVING count(*) > 0',
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
    await ensureFolder(dirname(join(folder, path)));
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
