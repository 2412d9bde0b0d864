import { join } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteText } from '../../engine/quote.ts';
import { demoQueries, type DemoDay, type DemoSize } from './queries.ts';

export type { DemoDay, DemoSize };

export interface DemoTable {
  readonly name: string;
  readonly key: string;
  readonly dateField: string | undefined;
}

/** The tables of the invented loyalty system, in files that are separated by `;`. */
export const demoTables: readonly DemoTable[] = [
  { name: 'clientes', key: 'idCliente', dateField: 'DtAtualizacao' },
  { name: 'produtos', key: 'IdProduto', dateField: undefined },
  { name: 'transacoes', key: 'IdTransacao', dateField: 'DtCriacao' },
  { name: 'transacao_produto', key: 'idTransacaoProduto', dateField: undefined },
];

const defaultDemoSize: DemoSize = { clients: 4000, transactions: 50_000 };

/**
 * Writes the whole tables of one day to `<folder>/<table>.csv`, the same bytes each time. From day to day some percent
 * of the clients and transactions come, change and go; points always are the sum of what is in the other tables.
 */
export async function writeDemoDay(
  engine: Engine,
  day: DemoDay,
  folder: string,
  size: DemoSize = defaultDemoSize,
): Promise<void> {
  await ensureFolder(folder);
  const queries = demoQueries(day, size);
  for (const { name } of demoTables) {
    const path = quoteText(join(folder, `${name}.csv`));
    await engine.run(`COPY (${queries[name]}) TO ${path} (FORMAT csv, HEADER, DELIMITER ';', QUOTE '"')`);
  }
}
