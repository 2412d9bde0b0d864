-- The same for "compat": "op", whose files have no sequence: a key occurs once in a file, and the names sort by time.

CREATE TABLE IF NOT EXISTS bronze.clientes USING delta AS
SELECT *, '' AS _file
FROM parquet.`/lake/full-load/clientes.parquet`;

MERGE INTO bronze.clientes AS t
USING (
  SELECT * FROM (
    SELECT *, _metadata.file_name AS _file,
      row_number() OVER (PARTITION BY idCliente ORDER BY _metadata.file_name DESC) AS _rank
    FROM parquet.`/lake/cdc/clientes_[0-9]*`
  )
  WHERE _rank = 1
) AS c
ON t.idCliente = c.idCliente
WHEN MATCHED AND c.op = 'D' THEN DELETE
WHEN MATCHED AND c._file > t._file THEN UPDATE SET *
WHEN NOT MATCHED AND c.op <> 'D' THEN INSERT *;
