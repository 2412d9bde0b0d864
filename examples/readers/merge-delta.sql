-- Spark and Databricks: a Delta table that follows clientes. Flat layout; nested: /lake/full-load/clientes and /lake/cdc/clientes.

-- Once: the full-load is the table's first state.
CREATE TABLE IF NOT EXISTS bronze.clientes USING delta AS
SELECT *, CAST(0 AS BIGINT) AS _cdc_sequence
FROM parquet.`/lake/full-load/clientes.parquet`;

-- After each run, or at any other time: the last change of every key, where the table has not had it.
MERGE INTO bronze.clientes AS t
USING (
  SELECT * FROM (
    SELECT *, row_number() OVER (PARTITION BY idCliente ORDER BY _cdc_sequence DESC) AS _rank
    FROM parquet.`/lake/cdc/clientes_[0-9]*`
  )
  WHERE _rank = 1
) AS c
ON t.idCliente = c.idCliente
WHEN MATCHED AND c._cdc_operation = 'D' THEN DELETE
WHEN MATCHED AND c._cdc_sequence > t._cdc_sequence THEN UPDATE SET *
WHEN NOT MATCHED AND c._cdc_operation <> 'D' THEN INSERT *;
