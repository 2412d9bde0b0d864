-- description: Of the clients who came in the 28 days before the last 28, how many did not come back, by whether they
--   gave an e-mail address (nivel 0) and as a whole (nivel 1)
-- key: dt_ref, nivel, flEmailCliente
-- dt_ref: transacoes.dtDia
-- window: 56 days
-- check: unique(dt_ref, nivel, flEmailCliente)
-- check: SELECT * FROM gold.churn WHERE prChurn < 0 OR prChurn > 1
WITH ativos AS (
  SELECT
    t.idCliente,
    c.flEmailCliente,
    max(CASE WHEN t.dtDia <= $dt_ref - INTERVAL 28 DAY THEN 1 ELSE 0 END) AS flAntes,
    max(CASE WHEN t.dtDia > $dt_ref - INTERVAL 28 DAY THEN 1 ELSE 0 END) AS flAgora
  FROM silver.transacoes AS t
  LEFT JOIN silver.clientes AS c ON c.idCliente = t.idCliente
  WHERE t.dtDia > $dt_ref - INTERVAL 56 DAY AND t.dtDia <= $dt_ref
  GROUP BY t.idCliente, c.flEmailCliente
)
SELECT
  $dt_ref AS dt_ref,
  GROUPING(flEmailCliente) AS nivel,
  flEmailCliente,
  count(*) AS nrClientes,
  CAST(sum(flAntes) AS BIGINT) AS nrClientesAntes,
  CAST(sum(flAgora) AS BIGINT) AS nrClientesAgora,
  CAST(sum(flAntes * (1 - flAgora)) AS BIGINT) AS nrClientesPerdidos,
  -- Nobody before: no share, and not a division by zero.
  CAST(sum(flAntes * (1 - flAgora)) AS DOUBLE) / nullif(sum(flAntes), 0) AS prChurn
FROM ativos
GROUP BY GROUPING SETS ((flEmailCliente), ())
HAVING count(*) > 0
