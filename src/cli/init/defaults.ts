import { demoTables } from '../demo/data.ts';
import type { Answers } from './draft.ts';
import { defaultPlaces, draftFound, openSourceFolder, type Proposal, type SourceFolder } from './proposal.ts';

const DEFAULT_TIMER = { unit: 'hours', value: 6 } as const;

/** A public data set that needs no credentials: what `init --yes` proposes where there are no files. */
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

/** The tables of `./data`, else of the directory itself, else the example. */
export async function defaultAnswers(directory: string, example: Answers): Promise<Proposal> {
  const skipped: Proposal['skipped'][] = [];
  for (const path of ['./data', '.']) {
    const folder = await openSourceFolder(directory, path);
    const proposal = proposeAll(directory, folder);
    if (proposal.answers.tables.length > 0) return proposal;
    skipped.push(proposal.skipped);
  }
  return { answers: example, skipped: skipped.flat() };
}

function proposeAll(directory: string, folder: SourceFolder): Proposal {
  const keyless = folder.tables.filter(({ keys }) => keys.length === 0);
  const tables = folder.tables.flatMap((table) => {
    const [key] = table.keys;
    return key === undefined ? [] : [draftFound(folder, table, key)];
  });
  return {
    answers: {
      source: { type: 'files', path: folder.path },
      ...defaultPlaces(directory, folder.path),
      timer: DEFAULT_TIMER,
      tables,
    },
    notes: folder.tables.flatMap(({ notes }) => notes),
    skipped: [
      ...folder.skipped,
      ...keyless.map(({ file }) => ({
        file,
        reason: 'no column tells its rows apart: give it a pk yourself',
      })),
    ],
  };
}
