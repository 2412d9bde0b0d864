import { existsSync, statSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import { demoTables } from '../demo/data.ts';
import type { Answers } from './draft.ts';
import type { LookInto } from './look-into.ts';
import { defaultPlaces, draftFound, openSourceFolder, type Proposal, type SourceFolder } from './proposal.ts';

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

/** Where tables are looked for when nobody says where. */
const USUAL_FOLDERS = ['./data', './dados', '.'];

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
  const skipped: Proposal['skipped'][] = [];
  const isHere = source === undefined || resolvePath(directory, source) === resolvePath(directory);
  const folders = isHere ? USUAL_FOLDERS : [source];
  for (const path of folders) {
    const folder =
      lookInto === undefined || !isFile(resolvePath(directory, path))
        ? await openSourceFolder(directory, path)
        : await lookInto(directory, { type: 'files', path });
    const proposal = proposeAll(directory, folder);
    if (proposal.answers.tables.length > 0) return proposal;
    skipped.push(proposal.skipped);
  }
  throw nothingFound(directory, folders, skipped.flat());
}

/** Nothing is invented: whoever has no tables is told what was seen of them. */
export function nothingFound(
  directory: string,
  folders: readonly string[],
  skipped: Proposal['skipped'],
): IgarapeError {
  const places = folders.map((path) => (path === '.' ? 'this folder' : path)).join(', ');
  const seen = skipped.slice(0, MOST_SEEN).map(({ file, reason }) => `  ${file}: ${reason}`);
  const more = skipped.length - seen.length;
  return new IgarapeError(
    'USAGE',
    {
      quoted: [
        folders.some((path) => existsSync(resolvePath(directory, path)))
          ? (`There is no table in ${places}.` satisfies Told)
          : (`There is no folder ${places}.` satisfies Told),
        ...(seen.length === 0 ? [] : ['Seen, and not usable:' satisfies Told, ...seen]),
        ...(more > 0 ? [`  ${`and ${more} more` satisfies Told}`] : []),
      ].join('\n'),
    },
    {
      hint: 'Name the folder that has them: igarape init FOLDER. To begin with a public data set: igarape init --example',
    },
  );
}

const MOST_SEEN = 20;

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
