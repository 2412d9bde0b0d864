import { relative } from 'node:path';
import { quotePath } from '../invocation.ts';

/** Questions that a demonstration's lake answers, each in the form of a query. */
const QUERIES = [
  'SELECT _cdc_operation, count(*) AS changes FROM cdc.clientes GROUP BY ALL ORDER BY ALL',
  'SELECT idCliente, a.qtdePontos AS first_day, b.qtdePontos AS now FROM run_0.clientes a JOIN clientes b USING (idCliente) WHERE first_day <> now ORDER BY now - first_day DESC LIMIT 5',
  'SELECT descCategoriaProduto, sum(nrQuantidadeProduto * nrPontosProduto) AS pontos FROM silver.transacao_produto JOIN silver.produtos USING (idProduto) GROUP BY ALL ORDER BY pontos DESC',
  'SELECT dt_ref, nrTransacoes, nrClientes, nrPontos FROM gold.daily WHERE nivel = 1 ORDER BY dt_ref DESC LIMIT 7',
  'SELECT count(*) AS clientes_now, (SELECT count(*) FROM silver.clientes AT (VERSION => 0)) AS first_day FROM silver.clientes',
];

/** What to try on a demonstration in `folder`: lines for a shell in `cwd`, of which the first goes to the folder where it is another. */
export function nextCommands(folder: string, cwd: string, call: string): string[] {
  const way = relative(cwd, folder);
  return [
    ...(way === '' ? [] : [`cd ${quotePath(way)}`]),
    `${call} status`,
    ...QUERIES.map((sql) => `${call} query "${sql}"`),
    `${call} graph`,
    `${call} history --table clientes`,
    `${call} verify`,
  ];
}
