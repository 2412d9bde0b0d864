-- description: The clients of the loyalty system, with the points that they have now
-- key: idCliente
-- check: not_null(idCliente, dtCriacao)
-- check: accepted_values(flEmailCliente, 0, 1)
-- check warn: row_count >= 1

-- Times are Brazilian local times without a zone, and stay as they are. A text that is no time becomes null,
-- which the check of dtCriacao then finds.
SELECT
  idCliente,
  qtdePontos AS nrPontosCliente,
  flEmail AS flEmailCliente,
  flTwitch AS flTwitchCliente,
  flYouTube AS flYouTubeCliente,
  flBlueSky AS flBlueSkyCliente,
  flInstagram AS flInstagramCliente,
  TRY_CAST(DtCriacao AS TIMESTAMP) AS dtCriacao,
  TRY_CAST(DtAtualizacao AS TIMESTAMP) AS dtAtualizacao
FROM bronze.clientes
