import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pick } from '../properties/write-source.ts';

/** A model as a test knows it, by its text alone. */
export interface DrawnModel {
  /** `silver.clientes` */
  readonly name: string;
  readonly text: string;
  /** The tables that it reads, by full name. */
  readonly reads: readonly string[];
  /** Those that its checks read. */
  readonly checks: readonly string[];
  readonly key: readonly string[];
  /** Columns that a check wants to be without nulls. */
  readonly notNull: readonly string[];
  /** Of gold: the column of silver.transacoes, or of another table, that dates come from. */
  readonly dates?: { readonly table: string; readonly column: string; readonly windowDays: number };
}

const TEMPLATES = join(import.meta.dirname, '../../examples/models');

/** The models that the package brings. */
export function templateModels(): DrawnModel[] {
  return ['silver', 'gold'].flatMap((layer) =>
    readdirSync(join(TEMPLATES, layer)).map((file) =>
      modelOf(`${layer}.${file.replace('.sql', '')}`, readFileSync(join(TEMPLATES, layer, file), 'utf8')),
    ),
  );
}

function modelOf(name: string, text: string): DrawnModel {
  const list = (pattern: RegExp): string[] =>
    (pattern.exec(text)?.[1] ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  const body = text.replaceAll(/^--.*$/gm, '');
  const reads = [...body.matchAll(/\b(?:bronze|silver)\.\w+/g)].map(([found]) => found);
  const [, table, column] = /^-- dt_ref: (\w+)\.(\w+)$/m.exec(text) ?? [];
  const windowDays = Number(/^-- window: (\d+)/m.exec(text)?.[1] ?? 1);
  return {
    name,
    text,
    reads: [...new Set(reads)],
    checks: [...text.matchAll(/relationship\(\w+, (silver\.\w+)\./g)].map(([, found]) => found ?? ''),
    key: list(/^-- key: (.*)$/m),
    notNull: list(/^-- check: not_null\((.*)\)$/m),
    ...(table === undefined || column === undefined
      ? {}
      : { dates: { table: `silver.${table}`, column, windowDays } }),
  };
}

/** A random model of silver, under a name. It reads bronze, or the silver tables of the templates. */
export function drawSilver(name: string, pick: Pick): DrawnModel {
  const one = (...of: readonly string[]): string => of[pick(of.length)] ?? '';
  const where = (alias: string): string =>
    one(
      '',
      `\nWHERE ${alias}QtdePontos > 1`,
      `\nWHERE ${alias}DescSistemaOrigem IS NOT NULL`,
      `\nWHERE ${alias}IdCliente <> 'c1'`,
    );
  const join = one('JOIN', 'LEFT JOIN');
  const texts = [
    () =>
      `-- key: id\nSELECT IdTransacao AS id, QtdePontos * 2 AS p, DescSistemaOrigem AS s\nFROM bronze.transacoes${where('')}`,
    () =>
      `-- key: id\nSELECT t.IdTransacao AS id, c.flEmail AS e, coalesce(c.qtdePontos, 0) + t.QtdePontos AS p\nFROM bronze.transacoes AS t ${join} bronze.clientes AS c ON c.idCliente = t.IdCliente${where('t.')}`,
    () =>
      `-- key: id, item\nSELECT t.IdTransacao AS id, coalesce(i.idTransacaoProduto, '-') AS item, p.DescNomeProduto AS nome, i.vlProduto AS v\nFROM bronze.transacoes AS t ${join} bronze.transacao_produto AS i ON i.IdTransacao = t.IdTransacao LEFT JOIN bronze.produtos AS p ON p.IdProduto = i.IdProduto${where('t.')}`,
    () =>
      `-- key: k\nSELECT IdCliente AS k, sum(QtdePontos) AS total, count(*) AS n, max(DtCriacao) AS last\nFROM bronze.transacoes${where('')}\nGROUP BY IdCliente${one('', ' HAVING count(*) > 1')}`,
    () =>
      `-- key: nome\nSELECT p.DescNomeProduto AS nome, count(*) AS n, sum(i.QtdeProduto) AS q, count(DISTINCT i.IdTransacao) AS t\nFROM bronze.transacao_produto AS i JOIN bronze.produtos AS p ON p.IdProduto = i.IdProduto\nGROUP BY p.DescNomeProduto`,
    () =>
      `-- key: id\nSELECT IdTransacao AS id, row_number() OVER (PARTITION BY IdCliente ORDER BY IdTransacao) AS n\nFROM bronze.transacoes${where('')}`,
    () =>
      `-- key: IdProduto\nSELECT * FROM bronze.produtos${one('', '\nWHERE DescCategoriaProduto IS NOT NULL')}`,
    // Its key may break.
    () => `-- key: nome\nSELECT DescNomeProduto AS nome, DescCategoriaProduto AS c FROM bronze.produtos`,
    () => `-- key: nome\nSELECT DISTINCT DescNomeProduto AS nome FROM bronze.produtos ORDER BY 1`,
    () =>
      `-- key: idCliente\nSELECT t.idCliente, max(c.flEmailCliente) AS e, sum(t.nrPontosTransacao) AS p, count(DISTINCT t.dtDia) AS dias\nFROM silver.transacoes AS t ${join} silver.clientes AS c ON c.idCliente = t.idCliente\nGROUP BY t.idCliente`,
    () =>
      `-- key: idCliente\nSELECT idCliente, flEmail FROM bronze.clientes AS c\nWHERE ${one('', 'NOT ')}EXISTS (SELECT 1 FROM bronze.transacoes AS t WHERE t.IdCliente = c.idCliente)`,
    () =>
      `-- key: k, v\nSELECT 'c' AS k, idCliente AS v FROM bronze.clientes UNION ALL SELECT 't', IdTransacao FROM bronze.transacoes`,
    () =>
      `-- key: k\nWITH maiores AS (SELECT * FROM bronze.transacoes WHERE QtdePontos > 0)\nSELECT IdTransacao AS k, DescSistemaOrigem AS s FROM maiores`,
  ];
  return modelOf(`silver.${name}`, `${(texts[pick(texts.length)] ?? (() => ''))()}\n`);
}

/** A random cube, under a name. Each names its window in its WHERE as well. */
export function drawGold(name: string, pick: Pick): DrawnModel {
  const one = (...of: readonly string[]): string => of[pick(of.length)] ?? '';
  const windowDays = [1, 3, 28][pick(3)] ?? 1;
  const window = windowDays === 1 ? '' : `-- window: ${windowDays} days\n`;
  const inWindow = `t.dtDia > $dt_ref - INTERVAL ${windowDays} DAY AND t.dtDia <= $dt_ref`;
  const extra = one('', ' AND t.nrPontosTransacao > 0', " AND t.descSistemaOrigem = 'web'");
  const header = `-- dt_ref: transacoes.dtDia\n${window}`;
  const joins = one('JOIN', 'LEFT JOIN');
  const texts = [
    () => {
      const groups = one(
        'CUBE (t.idCliente, t.descSistemaOrigem)',
        'ROLLUP (t.descSistemaOrigem, t.idCliente)',
        'GROUPING SETS ((t.idCliente), (t.descSistemaOrigem), ())',
        't.idCliente, t.descSistemaOrigem',
      );
      const level = groups.startsWith('t.') ? '0' : 'GROUPING(t.idCliente, t.descSistemaOrigem)';
      return `-- key: dt_ref, nivel, idCliente, descSistemaOrigem\n${header}SELECT $dt_ref AS dt_ref, ${level} AS nivel, t.idCliente, t.descSistemaOrigem, count(*) AS n, sum(t.nrPontosTransacao) AS p\nFROM silver.transacoes AS t\nWHERE ${inWindow}${extra}\nGROUP BY ${groups}`;
    },
    () =>
      `-- key: nivel, e\n${header}SELECT GROUPING(c.flEmailCliente) AS nivel, c.flEmailCliente AS e, count(DISTINCT t.idCliente) AS n, max(c.nrPontosCliente) AS m\nFROM silver.transacoes AS t ${joins} silver.clientes AS c ON c.idCliente = t.idCliente\nWHERE ${inWindow}${extra}\nGROUP BY ${one('CUBE (c.flEmailCliente)', 'GROUPING SETS ((c.flEmailCliente), ())')}`,
    () =>
      `-- key: produto\n${header}SELECT coalesce(p.descProduto, '-') AS produto, count(*) AS n, sum(i.nrQuantidadeProduto) AS q\nFROM silver.transacoes AS t ${joins} silver.transacao_produto AS i ON i.idTransacao = t.idTransacao ${joins} silver.produtos AS p ON p.idProduto = i.idProduto\nWHERE ${inWindow}${extra}\nGROUP BY 1`,
    () =>
      `-- key: idTransacao\n${header}SELECT $dt_ref AS dt_ref, t.idTransacao, row_number() OVER (PARTITION BY t.idCliente ORDER BY t.idTransacao) AS n, sum(t.nrPontosTransacao) OVER (PARTITION BY t.idCliente) AS p\nFROM silver.transacoes AS t\nWHERE ${inWindow}${extra}`,
    () =>
      `-- key: idCliente\n${header}WITH x AS (SELECT t.idCliente, sum(t.nrPontosTransacao) AS p FROM silver.transacoes AS t WHERE ${inWindow}${extra} GROUP BY t.idCliente)\nSELECT x.idCliente, x.p, rank() OVER (ORDER BY x.p, x.idCliente) AS r FROM x WHERE x.idCliente IN (SELECT c.idCliente FROM silver.clientes AS c WHERE c.flEmailCliente = 1)`,
    // A source that no date is reached by.
    () =>
      `-- key: n\n${header}SELECT count(*) AS n, max((SELECT count(*) FROM silver.produtos AS p)) AS produtos\nFROM silver.transacoes AS t\nWHERE ${inWindow}`,
  ];
  return modelOf(`gold.${name}`, `${(texts[pick(texts.length)] ?? (() => ''))()}\n`);
}
