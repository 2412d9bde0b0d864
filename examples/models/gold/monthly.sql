-- description: Transactions, clients and points of the 28 days up to a date, by product (nivel 0) and as a whole
--   (nivel 1)
-- key: dt_ref, nivel, descProduto
-- dt_ref: transacoes.dtDia
-- window: 28 days
-- check: unique(dt_ref, nivel, descProduto)
-- check: not_null(dt_ref, nivel, nrPontos)
WITH itens AS (
  SELECT t.idTransacao, t.idCliente, t.nrPontosTransacao, p.descProduto
  FROM silver.transacoes AS t
  LEFT JOIN silver.transacao_produto AS i ON i.idTransacao = t.idTransacao
  LEFT JOIN silver.produtos AS p ON p.idProduto = i.idProduto
  WHERE t.dtDia >= $dt_ref - INTERVAL 27 DAY AND t.dtDia <= $dt_ref
),
-- A transaction counts once for each of its products, and once for the whole, however many products it has.
porTransacao AS (
  SELECT
    GROUPING(descProduto) AS nivel,
    descProduto,
    idTransacao,
    idCliente,
    max(nrPontosTransacao) AS nrPontos
  FROM itens
  GROUP BY GROUPING SETS ((descProduto, idTransacao, idCliente), (idTransacao, idCliente))
)
SELECT
  $dt_ref AS dt_ref,
  nivel,
  descProduto,
  count(*) AS nrTransacoes,
  count(DISTINCT idCliente) AS nrClientes,
  CAST(count(*) AS DOUBLE) / nullif(count(DISTINCT idCliente), 0) AS nrTransacoesPorCliente,
  CAST(sum(nrPontos) AS BIGINT) AS nrPontos,
  CAST(sum(CASE WHEN nrPontos > 0 THEN nrPontos ELSE 0 END) AS BIGINT) AS nrPontosPositivos,
  CAST(sum(CASE WHEN nrPontos < 0 THEN nrPontos ELSE 0 END) AS BIGINT) AS nrPontosNegativos
FROM porTransacao
GROUP BY nivel, descProduto
