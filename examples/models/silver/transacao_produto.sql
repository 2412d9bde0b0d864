-- description: The products of each transaction
-- key: idTransacaoProduto
-- check: not_null(idTransacaoProduto, idTransacao)
-- check warn: relationship(idTransacao, silver.transacoes.idTransacao)
-- check warn: relationship(idProduto, silver.produtos.idProduto)
SELECT
  idTransacaoProduto,
  IdTransacao AS idTransacao,
  IdProduto AS idProduto,
  QtdeProduto AS nrQuantidadeProduto,
  vlProduto AS nrPontosProduto
FROM bronze.transacao_produto
