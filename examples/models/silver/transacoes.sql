-- description: What clients earned and spent: one row a transaction, with its day
-- key: idTransacao
-- check: not_null(idTransacao, idCliente, dtTransacao)
-- check warn: relationship(idCliente, silver.clientes.idCliente)
-- check warn: row_count >= 1

-- A day goes from midnight to midnight of the local time that the source has.
SELECT
  IdTransacao AS idTransacao,
  IdCliente AS idCliente,
  TRY_CAST(DtCriacao AS TIMESTAMP) AS dtTransacao,
  CAST(TRY_CAST(DtCriacao AS TIMESTAMP) AS DATE) AS dtDia,
  QtdePontos AS nrPontosTransacao,
  DescSistemaOrigem AS descSistemaOrigem
FROM bronze.transacoes
