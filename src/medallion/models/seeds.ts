import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { SeedsConfig, TableConfig } from '../../config/config.ts';
import { isTableName, TABLE_NAME_RULE } from '../../config/table-name.ts';
import { fullName, type LayerTable, sameTable } from '../layer.ts';
import { filesIn } from './files.ts';
import { type ModelProblem, suggestion } from './problem.ts';

/** A CSV file beside the models that is a table, `seed.<name>`. */
export interface Seed extends LayerTable {
  readonly layer: 'seed';
  /** The file, as messages name it. */
  readonly path: string;
  /** The file's name in the file system. */
  readonly file: string;
  /** How it is read. */
  readonly table: TableConfig;
  /** SHA-256, in hex, of its bytes and of how it is read. */
  readonly hash: string;
}

export interface Seeds {
  /** By the files' names. */
  readonly seeds: readonly Seed[];
  readonly problems: readonly ModelProblem[];
}

/** Finds `seeds/*.csv` in the models' folder. */
export async function findSeeds(folder: string, { usual, named }: SeedsConfig): Promise<Seeds> {
  const seeds: Seed[] = [];
  const problems: ModelProblem[] = [];
  const report = (path: string, message: string): void =>
    void problems.push({ path, line: undefined, message });
  for (const within of await filesIn(folder, 'seeds/**/*.{csv,tsv}')) {
    const path = `${basename(folder)}/${within}`;
    const name = basename(within, extname(within));
    const other = seeds.find((seed) => sameTable(seed, { layer: 'seed', name }));
    if (!isTableName(name)) report(path, `its name is no table's name; allowed: ${TABLE_NAME_RULE}`);
    else if (other !== undefined)
      report(path, `${other.path} has this name already; allowed: names that differ, in more than case`);
    else seeds.push(await seedOf(path, join(folder, within), name, named[name] ?? usual));
  }
  const names = seeds.map(({ name }) => name);
  for (const name of Object.keys(named).filter((each) => !names.includes(each)))
    report(
      `${basename(folder)}/seeds`,
      `there is no ${name}.csv, which "seeds" of the configuration names${suggestion(name, names)}; there are: ${seeds.map(fullName).join(', ') || 'none'}`,
    );
  return { seeds, problems };
}

async function seedOf(path: string, file: string, name: string, table: TableConfig): Promise<Seed> {
  const { csv, isSeparatorGiven, types } = table;
  const hash = createHash('sha256')
    .update(JSON.stringify([extname(file), csv, isSeparatorGiven, types]))
    .update(await readFile(file))
    .digest('hex');
  return { layer: 'seed', name, path, file, table, hash };
}
