import { join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { openScenario } from '../support/scenario.ts';
import type { ExpectedTable } from './lakes.ts';

/** Snapshots that make a reader go wrong who takes changes out of order, forgets a delete, or trusts one file's types. */
const SNAPSHOTS = [
  ['idCliente;pontos;nome', '1;10;Ana', '2;20;Bia', '3;30;Caio', '4;40;Davi', '5;50;Eva'],
  // 1 twice in a row, 2 away and back again, 3 for good, 6 new; then 6, the newest, away as well.
  ['idCliente;pontos;nome', '1;11;Ana', '4;40;Davi', '5;50;Eva', '6;60;Fábio'],
  ['idCliente;pontos;nome', '1;9;Ana', '2;20;Bia', '4;40;', '5;50;Eva', '6;60;Fábio'],
  ['idCliente;pontos;nome', '1;9;Ana', '2;20;Bia', '4;40;', '5;50;Eva'],
];

/** What adds a column and widens another. */
const EVOLVED = [
  'idCliente;pontos;nome;cidade',
  '1;9;Ana;',
  '2;20.5;Bia;Recife',
  '4;40;;',
  '7;70;Gil;São Paulo',
];

const LATEST: ExpectedTable = {
  columns: { idCliente: 'bigint', pontos: 'bigint', nome: 'text' },
  rows: [
    ['1', '9', 'Ana'],
    ['2', '20', 'Bia'],
    ['4', '40', null],
    ['5', '50', 'Eva'],
  ],
};

const LATEST_EVOLVED: ExpectedTable = {
  columns: { idCliente: 'bigint', pontos: 'double', nome: 'text', cidade: 'text' },
  rows: [
    ['1', '9.0', 'Ana', null],
    ['2', '20.5', 'Bia', 'Recife'],
    ['4', '40.0', null, null],
    ['7', '70.0', 'Gil', 'São Paulo'],
  ],
};

export interface HistoryOptions {
  readonly layout: Config['layout'];
  /** In the end a column is added and another one widens. */
  readonly evolves: boolean;
  readonly compat?: Config['compat'];
  /** In the midst the table is reloaded. */
  readonly reloads?: boolean;
}

export interface History {
  readonly layout: Config['layout'];
  readonly lake: string;
  readonly latest: ExpectedTable;
}

/** A lake of one table, `clientes`, with a few change files. */
export async function writeHistory(
  folder: string,
  { layout, evolves, compat = null, reloads = false }: HistoryOptions,
): Promise<History> {
  let now = Date.UTC(2025, 9, 4);
  const tables = [{ name: 'clientes', sep: ';', pk: 'idCliente', max_delete_ratio: 1, max_update_ratio: 1 }];
  const scenario = openScenario(folder, { layout, compat, tables }, { edge: { clock: () => now } });
  for (const [index, lines] of (evolves ? [...SNAPSHOTS, EVOLVED] : SNAPSHOTS).entries()) {
    await scenario.write('clientes.csv', lines.join('\n'));
    const { exitCode, report } = await scenario.run(reloads && index === 2 ? { reload: ['clientes'] } : {});
    if (exitCode !== 0) throw new Error(JSON.stringify(report));
    now += 60 * 60 * 1000;
  }
  return { layout, lake: join(folder, 'lake'), latest: evolves ? LATEST_EVOLVED : LATEST };
}
