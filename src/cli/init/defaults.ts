import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve as resolvePath, sep } from 'node:path';
import { didYouMean } from '../../config/closest.ts';
import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import { nearPath } from '../../source/near-path.ts';
import { demoTables } from '../demo/data.ts';
import { quotePath } from '../invocation.ts';
import { countTableFiles } from './discover.ts';
import type { Answers } from './draft.ts';
import type { LookInto } from './look-into.ts';
import {
  defaultPlaces,
  draftFound,
  FOLDER_DEPTH,
  openSourceFolder,
  type Proposal,
  type Skipped,
  type SourceFolder,
} from './proposal.ts';

const DEFAULT_TIMER = { unit: 'hours', value: 6 } as const;

/** A public data set that needs no credentials. */
export const EXAMPLE: Answers = {
  source: { type: 'kaggle', dataset: 'teocalvo/teomewhy-loyalty-system' },
  lake: './lake',
  timer: DEFAULT_TIMER,
  tables: [
    { name: 'clientes', separator: ';', key: ['idCliente'], dateField: 'DtAtualizacao' },
    { name: 'produtos', separator: ';', key: ['IdProduto'] },
  ],
};

/** The same with all the tables that the models of the loyalty system read. */
export const LAKEHOUSE_EXAMPLE: Answers = {
  ...EXAMPLE,
  tables: demoTables.map(({ name, key, dateField }) => ({
    name,
    separator: ';',
    key: [key],
    ...(dateField === undefined ? {} : { dateField }),
  })),
};

/** Where tables are looked for when nobody says where, in letters of either case; and then in the directory itself. */
const USUAL_FOLDERS = ['data', 'dados'];

/**
 * The tables of a folder or an archive; of the directory itself those of the first usual folder that has any.
 *
 * @throws IgarapeError USAGE that lists what was seen, where there are none
 */
export async function defaultAnswers(
  directory: string,
  source: string | undefined,
  lookInto: LookInto | undefined,
): Promise<Proposal> {
  const skipped: Skipped[] = [];
  const isHere = source === undefined || resolvePath(directory, source) === resolvePath(directory);
  const below = isHere ? await foldersOf(directory) : [];
  const usual = USUAL_FOLDERS.flatMap((name) => below.filter((each) => each.toLowerCase() === name));
  const folders = isHere ? [...usual.map((name) => `./${name}`), '.'] : [source];
  for (const path of folders) {
    const folder =
      lookInto === undefined || !isFile(resolvePath(directory, path))
        ? await openSourceFolder(directory, path)
        : await lookInto(directory, { type: 'files', path });
    const proposal = proposeAll(directory, folder);
    if (proposal.answers.tables.length > 0) return proposal;
    skipped.push(...proposal.skipped.map((each) => ({ ...each, file: join(path, each.file) })));
  }
  for (const name of below) {
    const count = usual.includes(name) ? 0 : await countTableFiles(join(directory, name), FOLDER_DEPTH);
    if (count > 0) skipped.push({ file: join(name, sep), reason: tablesBelow(name, count) });
  }
  throw nothingFound(directory, folders, skipped);
}

/** The folders that a person sees there. */
async function foldersOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !/^[._]|^node_modules$/.test(entry.name));
  return folders.map(({ name }) => name).toSorted();
}

function tablesBelow(name: string, count: number): Told {
  return count === 1
    ? `it holds a file that may be a table: igarape init ${quotePath(name)}`
    : `it holds ${count} files that may be tables: igarape init ${quotePath(name)}`;
}

/** Nothing is invented: whoever has no tables is told what was seen of them. */
export function nothingFound(
  directory: string,
  folders: readonly string[],
  skipped: readonly Skipped[],
): IgarapeError {
  const isMissing = !folders.some((path) => existsSync(resolvePath(directory, path)));
  const places = folders.map((path) => (path === '.' ? 'this folder' : path)).join(', ');
  const seen = skipped.slice(0, MOST_SEEN).map(({ file, reason }) => `  ${file}: ${reason}`);
  const more = skipped.length - seen.length;
  return new IgarapeError(
    'USAGE',
    {
      quoted: [
        isMissing
          ? (`There is no folder ${places}.` satisfies Told)
          : (`There is no table in ${places}.` satisfies Told),
        ...(seen.length === 0 ? [] : ['Seen, and not usable:' satisfies Told, ...seen]),
        ...(more > 0 ? [`  ${`and ${more} more` satisfies Told}`] : []),
      ].join('\n'),
    },
    {
      hint: didYouMean(
        isMissing ? nearHere(directory, folders[0] ?? '') : undefined,
        'Name the folder that has them: igarape init FOLDER. To begin with a public data set: igarape init --example',
      ),
    },
  );
}

const MOST_SEEN = 20;

/** What a path that is not there may mean, as it is to be written in the directory. */
export function nearHere(directory: string, path: string): string | undefined {
  const near = nearPath(resolvePath(directory, path));
  return near === undefined ? undefined : quotePath(relative(directory, near));
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function proposeAll(directory: string, folder: SourceFolder): Proposal {
  const tables = folder.tables.map((table) => draftFound(folder, table, table.keys[0] ?? []));
  const keyless = folder.tables.filter(({ keys }) => keys.length === 0);
  return {
    answers: {
      source: { type: 'files', path: folder.path },
      ...defaultPlaces(directory, folder.path),
      timer: DEFAULT_TIMER,
      tables,
    },
    notes: [
      ...folder.tables.flatMap(({ notes }) => notes),
      ...keyless.map(
        ({ file }) =>
          `${file}: no column tells its rows apart, so its key is the whole row ("pk": "row"); name columns in "pk" if you know better`,
      ),
    ],
    skipped: folder.skipped,
  };
}
