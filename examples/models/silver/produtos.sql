-- description: The products, by name and category
-- key: idProduto
-- check: not_null(idProduto, descProduto)
-- check warn: row_count >= 1
SELECT
  IdProduto AS idProduto,
  DescNomeProduto AS descProduto,
  DescDescricaoProduto AS descDetalheProduto,
  DescCategoriaProduto AS descCategoriaProduto
FROM bronze.produtos
