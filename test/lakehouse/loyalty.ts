import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DemoDay, demoTables, writeDemoDay } from '../../src/cli/demo/data.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';

const SIZE = { clients: 200, transactions: 3000 };
/** The days of sales that are kept, so that the gold tables have a few partitions and not a year of them. */
const FIRST_SALE = '2025-03-04';

/** The tables as a configuration of the demonstration names them. */
export const loyaltyTables: readonly object[] = demoTables.map(({ name, key }) => ({
  name,
  sep: ';',
  pk: key,
  max_delete_ratio: 1,
  max_update_ratio: 1,
}));

/** Writes a day of the demonstration's tables, small; on the third day clients have a column more. */
export async function writeLoyaltyDay(engine: Engine, day: DemoDay, folder: string): Promise<void> {
  const whole = join(folder, '..', `whole-${day}`);
  await mkdir(folder, { recursive: true });
  await writeDemoDay(engine, day, whole, SIZE);
  const csv = (name: string): string =>
    `read_csv(${quoteText(join(whole, `${name}.csv`))}, delim = ';', all_varchar = true, header = true)`;
  const sales = `SELECT * FROM ${csv('transacoes')} WHERE DtCriacao >= '${FIRST_SALE}'`;
  const city = day === 3 ? `, CASE WHEN flEmail = '1' THEN 'São Paulo' END AS DescCidade` : '';
  const queries: Readonly<Record<string, string>> = {
    clientes: `SELECT *${city} FROM ${csv('clientes')}`,
    produtos: `FROM ${csv('produtos')}`,
    transacoes: sales,
    transacao_produto: `FROM ${csv('transacao_produto')} SEMI JOIN (${sales}) USING (IdTransacao)`,
  };
  for (const [name, query] of Object.entries(queries)) {
    const path = quoteText(join(folder, `${name}.csv`));
    await engine.run(`COPY (${query} ORDER BY ALL) TO ${path} (FORMAT csv, HEADER, DELIMITER ';')`);
  }
}

/** Models beside the demonstration's, which go other ways: every column of a source, and a join with an aggregate. */
export async function writeMoreModels(folder: string): Promise<void> {
  await writeFile(
    join(folder, 'silver', 'pessoas.sql'),
    '-- key: idCliente\nSELECT * FROM bronze.clientes\n',
  );
  await writeFile(
    join(folder, 'silver', 'saldos.sql'),
    `-- key: idCliente
SELECT c.idCliente, c.qtdePontos, count(t.IdTransacao) AS nrCompras, sum(t.QtdePontos) AS nrPontos
FROM bronze.clientes AS c LEFT JOIN bronze.transacoes AS t ON t.IdCliente = c.idCliente
GROUP BY ALL
`,
  );
}
